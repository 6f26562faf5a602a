"""Every failover rule, as a table: what has happened, the time in minutes, the move."""

import pytest

from tests.stories import Story

WHATSAPP_THEN_SMS = [
    {"channel": "whatsapp", "wait": "PT30M", "deliver_within": "PT2M"},
    {"channel": "sms", "wait": "PT20M"},
]
NINE_TO_FIVE = {"hours": {"from": "13:00", "to": "17:00"}}


def in_berlin(**more: object) -> dict[str, object]:
    person = {"id": "c", "time_zone": "Europe/Berlin", "addresses": {"phone": "+14155550100"}}
    return {"recipient": person, **more}


def sms_by(until: str, **more: object) -> Story:
    return Story(steps=[{"channel": "sms", "wait": 1200}], until=until, **more)


def by_rules_2(story: Story) -> Story:
    story.conversation.rules = 2
    return story


BY_NINE = {"deadline": "2026-11-21T12:10:00Z"}
SMS_TWICE = [{"channel": "sms", "wait": 1200}, {"channel": "sms", "wait": 1200}]
ONE_STEP = [{"channel": "sms", "wait": 1200}]
TO_A_COLLEAGUE = [
    {"channel": "whatsapp", "wait": 1200},
    {"channel": "whatsapp", "wait": 1200, "to": "+14155550177"},
]
MAILS_ONLY = {"recipient": {"addresses": {"email": "dana@example.com"}}}


@pytest.mark.parametrize(
    ("story", "minutes", "move"),
    [
        # 1. opted out
        pytest.param(Story().sent().said_stop(), 1, "finish opted_out", id="stop ends the message"),
        pytest.param(
            Story().said_stop(), 0, "finish opted_out", id="stop before anything was sent"
        ),
        pytest.param(
            Story().sent().replied().said_stop(), 1, "finish opted_out", id="stop beats a reply"
        ),
        pytest.param(
            Story().sent().refused("address"),
            1,
            "wait until 30",
            id="a refusal after acceptance changes nothing",
        ),
        pytest.param(
            Story().sending().refused("opt_out"),
            1,
            "finish opted_out",
            id="a provider that says the person stopped is not routed around",
        ),
        pytest.param(
            Story().sent().reported("failed", kind="opt_out"),
            1,
            "finish opted_out",
            id="a report that says the person stopped is not routed around",
        ),
        pytest.param(
            Story(on_opt_out="skip_channel").sent().said_stop("sms"),
            30,
            "skip 1: opted out of sms",
            id="stop on one channel leaves the others when the message says so",
        ),
        pytest.param(
            Story().sent().reported("delivered").reported("failed", 2, kind="opt_out"),
            2,
            "finish opted_out",
            id="a stop that comes as a failure after the delivery is heard",
        ),
        pytest.param(
            Story(on_opt_out="skip_channel").sent().said_stop("email"),
            30,
            "send 1 by acme",
            id="stop at another address leaves the channel of the moment alone",
        ),
        pytest.param(
            Story(on_opt_out="skip_channel").sent().said_stop("sms"),
            1,
            "skip 1: opted out of sms",
            id="stop leaves the channel of the moment at once where its address is the same",
        ),
        pytest.param(
            Story(on_opt_out="skip_channel").sent().said_stop("whatsapp").skipped(1, step=1),
            1,
            "send 2 by acme",
            id="stop at one address leaves those with another",
        ),
        pytest.param(
            Story(on_opt_out="skip_channel", steps=TO_A_COLLEAGUE).sent().said_stop("whatsapp"),
            1,
            "send 1 by acme",
            id="stop closes nobody else's address",
        ),
        pytest.param(
            by_rules_2(Story(on_opt_out="skip_channel").sent()).said_stop("whatsapp"),
            1,
            "send 1 by acme",
            id="a message of before closes the channel alone",
        ),
        # 2. a response
        pytest.param(Story().replied(), 0, "finish responded", id="reply before anything was sent"),
        pytest.param(Story().sending().replied(), 0, "finish responded", id="reply during a send"),
        pytest.param(
            Story().sent().replied(), 0, "finish responded", id="reply before the wait begins"
        ),
        pytest.param(
            Story().sent().replied("whatsapp"),
            30,
            "finish responded",
            id="reply in the same instant as the timer",
        ),
        pytest.param(
            Story().sent().sent(30, step=1).replied("whatsapp"),
            31,
            "finish responded",
            id="reply from a superseded channel",
        ),
        pytest.param(
            Story(**BY_NINE).sent().replied(),
            10,
            "finish responded",
            id="reply in the same instant as the deadline",
        ),
        pytest.param(
            sms_by("delivered").sent().replied(),
            1,
            "finish responded",
            id="a reply says more than any goal",
        ),
        pytest.param(
            sms_by("delivered").sent().reported("delivered").replied(),
            1,
            "finish responded",
            id="a reply beats the goal",
        ),
        # 3. goals
        pytest.param(
            sms_by("accepted").sending(), 0, "wait for the send", id="accepted is not yet reached"
        ),
        pytest.param(
            sms_by("accepted").sent(), 0, "finish reached", id="accepted reaches accepted"
        ),
        pytest.param(
            sms_by("delivered").sent(), 1, "wait until 20", id="accepted is short of delivered"
        ),
        pytest.param(
            sms_by("delivered").sent().reported("sent"),
            1,
            "wait until 20",
            id="sent is short of delivered",
        ),
        pytest.param(
            sms_by("delivered").sent().reported("delivered"),
            1,
            "finish reached",
            id="delivered reaches delivered",
        ),
        pytest.param(
            Story(until="read").sent().reported("delivered"),
            1,
            "wait until 30",
            id="delivered is short of read",
        ),
        pytest.param(
            Story(until="delivered").sent().reported("read"),
            1,
            "finish reached",
            id="read is more than delivered",
        ),
        pytest.param(
            Story(until="read").sent().reported("read"), 1, "finish reached", id="read reaches read"
        ),
        pytest.param(
            Story().sent().reported("read"), 1, "wait until 30", id="read is short of replied"
        ),
        pytest.param(
            sms_by("delivered").sent().reported("failed"),
            1,
            "finish exhausted",
            id="failed never reaches a goal",
        ),
        pytest.param(
            Story(until="delivered").sent().sent(30, step=1).reported("delivered", 31, attempt=1),
            31,
            "finish reached",
            id="a superseded attempt reaches the goal",
        ),
        pytest.param(
            Story(
                steps=[
                    {"channel": "whatsapp", "wait": 60, "until": "delivered"},
                    {"channel": "sms", "wait": 60},
                ]
            )
            .sent()
            .reported("delivered"),
            0.5,
            "finish reached",
            id="a step has a goal of its own",
        ),
        # 4. the deadline, in each state
        pytest.param(
            Story(**BY_NINE), 10, "finish expired", id="deadline before anything was sent"
        ),
        pytest.param(
            Story(**BY_NINE).sending(9.5), 10, "finish expired", id="deadline during a send"
        ),
        pytest.param(
            Story(**BY_NINE).sending(9.5), 9.6, "wait until 10", id="a send waits no longer"
        ),
        pytest.param(Story(**BY_NINE).sent(), 10, "finish expired", id="deadline while waiting"),
        pytest.param(
            Story(**BY_NINE).sent(), 9, "wait until 10", id="the wait is cut by the deadline"
        ),
        pytest.param(
            Story(**BY_NINE).sent().unknown(), 10, "finish expired", id="deadline while unknown"
        ),
        pytest.param(
            Story(**BY_NINE).sending().refused("address"),
            10,
            "finish expired",
            id="nothing is sent after the deadline",
        ),
        pytest.param(
            Story(**in_berlin(**NINE_TO_FIVE | {"deadline": "2026-11-21T11:30:00Z"})),
            -60,
            "wait until -30",
            id="deadline while the hours are closed",
        ),
        # 5. the current attempt
        pytest.param(Story(), 0, "send 0 by acme", id="the first step comes first"),
        pytest.param(Story().sending(), 9, "wait for the send", id="a send ends by itself"),
        pytest.param(
            Story().sending().unavailable(), 1, "send 0 by best", id="unavailable: next provider"
        ),
        pytest.param(
            Story().sending().unavailable().sending(1, 0, "best").unavailable(2),
            2,
            "send 1 by acme",
            id="every provider unavailable: next step",
        ),
        *(
            pytest.param(
                Story().sending().refused(kind),
                0,
                "send 0 by best",
                id=f"refused for the {kind}: next provider of the step",
            )
            for kind in ("provider", "account", "sender", "cap")
        ),
        *(
            pytest.param(
                Story().sending().refused(kind),
                0,
                "send 1 by acme",
                id=f"refused for the {kind}: next step",
            )
            for kind in ("address", "unreachable", "content", "policy", "expired", "unrecognized")
        ),
        pytest.param(
            Story().sent().reported("failed", 1, kind="address"),
            1,
            "send 1 by acme",
            id="a failed report moves on at once",
        ),
        pytest.param(
            Story().sent().reported("failed", 1, kind="provider"),
            1,
            "send 0 by best",
            id="a failed report of the provider's tries the next provider",
        ),
        pytest.param(Story().sent(), 29, "wait until 30", id="the wait counts from acceptance"),
        pytest.param(
            Story().sending().accepted(0.9),
            1,
            "wait until 30.9",
            id="the wait does not count from when we began",
        ),
        pytest.param(Story().sent(), 30, "send 1 by acme", id="silence: next step"),
        pytest.param(
            Story(steps=WHATSAPP_THEN_SMS).sent(), 1, "wait until 2", id="not delivered yet"
        ),
        pytest.param(
            Story(steps=WHATSAPP_THEN_SMS).sent(),
            2,
            "send 1 by acme",
            id="not delivered within deliver_within: next step",
        ),
        pytest.param(
            Story(steps=WHATSAPP_THEN_SMS).sent().reported("delivered"),
            2,
            "wait until 30",
            id="delivered within deliver_within: the whole wait",
        ),
        pytest.param(
            Story(steps=WHATSAPP_THEN_SMS).sent().reported("sent"),
            2,
            "send 1 by acme",
            id="sent is not delivered",
        ),
        pytest.param(Story().sent().skip(1), 1, "send 1 by acme", id="skip leaves the wait"),
        pytest.param(Story().sending().skip(0.5), 0.5, "send 1 by acme", id="skip leaves a send"),
        pytest.param(
            Story().sent().skip(1).skip(1),
            1,
            "skip 1: skipped by an operator",
            id="skip twice leaves two steps",
        ),
        pytest.param(
            Story().skip(0), 0, "skip 0: skipped by an operator", id="skip before the first step"
        ),
        pytest.param(
            Story().sending().unknown().skip(0.1),
            0.1,
            "send 1 by acme",
            id="skip leaves an unknown send",
        ),
        pytest.param(
            Story().skip(0).skip(0).skip(0), 0, "skip 0: skipped by an operator", id="three skips"
        ),
        pytest.param(
            Story().skip(0).skip(0).skip(0).skipped(step=0).skipped(step=1).skipped(step=2),
            0,
            "finish exhausted",
            id="leave three steps",
        ),
        pytest.param(
            Story(steps=SMS_TWICE).sent().sending(20, step=1).refused("account", 20),
            20,
            "send 1 by best",
            id="a provider tried in an earlier step is tried in this one, too",
        ),
        pytest.param(
            Story().sent().skipped(30, step=1).reported("failed", 31, kind="provider"),
            31,
            "send 2 by acme",
            id="a late failure does not go back behind a step that was skipped",
        ),
        # 5. unknown
        pytest.param(
            Story().sending().unknown(), 0.1, "wait until 0.5", id="unknown waits for evidence"
        ),
        pytest.param(
            Story().sending().unknown(), 0.5, "confirm 1", id="no evidence: ask the provider"
        ),
        pytest.param(
            Story().sending().unknown(lookups=1),
            0.5,
            "wait until 1",
            id="one look-up is no proof: wait again",
        ),
        pytest.param(Story().sending().unknown(lookups=1), 1, "confirm 1", id="and ask again"),
        pytest.param(
            Story().sending().unknown(lookups=2),
            1,
            "send 1 by acme",
            id="unknown to the provider, too: go on",
        ),
        pytest.param(
            Story(on_unknown="resend").sending().unknown(lookups=2),
            1,
            "send 0 by acme",
            id="unknown, and the message asks to send again",
        ),
        pytest.param(
            Story(on_unknown="resend").sending().unknown(lookups=2).sending(1).unknown(1, 2),
            3,
            "send 1 by acme",
            id="sent again once, not twice",
        ),
        pytest.param(
            Story(on_unknown="stop").sending().unknown(lookups=2),
            1,
            "finish exhausted",
            id="unknown, and the message asks to stop",
        ),
        pytest.param(
            Story(steps=ONE_STEP).sending().unknown(lookups=2),
            1,
            "send 0 by acme",
            id="unknown with no step left: send again",
        ),
        pytest.param(
            Story(steps=ONE_STEP).sending().unknown(lookups=2).sending(1).unknown(1, 2),
            3,
            "finish exhausted",
            id="unknown twice with no step left: give up",
        ),
        pytest.param(
            Story(steps=ONE_STEP).sending().unknown(lookups=2, denials=1),
            1,
            "finish exhausted",
            id="a provider that could not be asked twice may have it: not sent again",
        ),
        pytest.param(
            Story(steps=ONE_STEP, on_unknown="resend").sending().unknown(lookups=2, denials=0),
            1,
            "send 0 by acme",
            id="unless the message asks to send again",
        ),
        pytest.param(
            Story().sending().unknown().reported("delivered", 0.2),
            0.3,
            "wait until 30.2",
            id="a report is evidence, and the wait counts from it",
        ),
        pytest.param(
            Story().sending().unknown().reported("failed", 0.2),
            0.3,
            "send 1 by acme",
            id="a failed report settles an unknown send",
        ),
        # reports late, doubled, out of order
        pytest.param(
            Story().sending().reported("delivered", 0.1).accepted(0.2),
            1,
            "wait until 30.1",
            id="a report before the answer to the request",
        ),
        pytest.param(
            Story().sending().reported("failed", 0.1).accepted(0.2),
            1,
            "send 1 by acme",
            id="a failed report before the answer to the request",
        ),
        pytest.param(
            Story().sent().reported("delivered").reported("failed", 2),
            2,
            "wait until 30",
            id="a failure does not undo a delivery",
        ),
        pytest.param(
            Story(until="delivered").sent().reported("failed").reported("delivered", 2),
            2,
            "finish reached",
            id="a delivery undoes a failure",
        ),
        pytest.param(
            Story(until="read").sent().reported("read").reported("delivered", 2),
            2,
            "finish reached",
            id="a late delivered report does not undo read",
        ),
        pytest.param(
            Story().sent().sent(30, step=1).reported("failed", 31, attempt=1),
            31,
            "wait until 50",
            id="a superseded attempt's failure changes nothing",
        ),
        pytest.param(
            Story().sent().reported("failed").reported("failed"),
            2,
            "send 1 by acme",
            id="a doubled failure moves on once",
        ),
        # 6. the next step
        pytest.param(
            Story(**MAILS_ONLY), 0, "skip 0: no address for whatsapp", id="no address: skipped"
        ),
        pytest.param(
            Story(**MAILS_ONLY).skipped().skipped(step=1),
            0,
            "send 2 by acme",
            id="the first step with an address",
        ),
        pytest.param(
            sms_by("read"), 0, "skip 0: sms never reports read", id="a goal the channel never tells"
        ),
        pytest.param(
            Story(steps=[{"channel": "sms", "wait": 1, "until": "read"}]),
            0,
            "skip 0: sms never reports read",
            id="a goal of the step's own that the channel never tells",
        ),
        pytest.param(
            Story(**in_berlin(**NINE_TO_FIVE)).sending(230).refused("account", 265),
            265,
            "wait until 1440",
            id="the next provider waits for the hours, too",
        ),
        pytest.param(
            Story(**in_berlin(**NINE_TO_FIVE, on_unknown="resend")).sending().unknown(lookups=2),
            265,
            "wait until 1440",
            id="sending again waits for the hours, too",
        ),
        pytest.param(
            Story(**in_berlin(**NINE_TO_FIVE)), -60, "wait until 0", id="outside hours: wait"
        ),
        pytest.param(
            Story(**in_berlin(**NINE_TO_FIVE)), 0, "send 0 by acme", id="within hours: send"
        ),
        pytest.param(
            Story(**in_berlin(**NINE_TO_FIVE)).sent(230),
            265,
            "wait until 1440",
            id="hours are looked at anew for each step",
        ),
        pytest.param(
            Story(**in_berlin(**NINE_TO_FIVE)).sent(230).skip(265),
            265,
            "skip 1: skipped by an operator",
            id="skip while the hours are closed means the step to come",
        ),
        # 7. the end
        pytest.param(
            Story().sent().sent(30, step=1).sent(50, step=2),
            170,
            "finish exhausted",
            id="no step left",
        ),
        pytest.param(
            sms_by("read").skipped(), 0, "finish exhausted", id="every step skipped is exhausted"
        ),
    ],
)
def test_next_move(story: Story, minutes: float, move: str) -> None:
    assert story.tell(minutes) == move
