"""What a service hears, for everything that can happen to a message: a table, without a server."""

from typing import Any

import pytest

from failover.notices import (
    About,
    AboutAnswer,
    AboutFailover,
    MessageFailedOver,
    MessageResponded,
    Notice,
    parse_notice,
)
from tests.stories import START, Story, at
from workflows.telling import Telling

URL = "https://shop.example.com/events"


def story(**overrides: Any) -> Story:
    return Story(notify=URL, **overrides)


def heard(story: Story, outcome: str | None = None) -> list[Notice]:
    return Telling().news(story.conversation, at(99), outcome)


def about(notice: Notice) -> About:
    assert isinstance(notice.data, About)
    return notice.data


def words(notice: Notice) -> str:
    """A notice in a few words."""
    kind = notice.type.partition(".")[2]
    match notice.data:
        case AboutFailover(left=left, to=to, why=why):
            return f"{kind} {left.channel} to {to.channel}: {why}"
        case AboutAnswer(text=text, choice=choice):
            return f"{kind} {text} ({choice})"
        case data:
            told = data.model_dump()
            return f"{kind} {told.get('channel') or told.get('outcome')}"


@pytest.mark.parametrize(
    ("story", "told"),
    [
        pytest.param(story(), [], id="nothing yet"),
        pytest.param(story().sending(), [], id="a send is on its way"),
        pytest.param(story().sent(), ["accepted whatsapp"], id="accepted"),
        pytest.param(story().sent().reported("sent"), ["accepted whatsapp"], id="sent is no news"),
        pytest.param(
            story().sent().reported("delivered"),
            ["accepted whatsapp", "delivered whatsapp"],
            id="delivered",
        ),
        pytest.param(
            story().sent().reported("read").reported("delivered"),
            ["accepted whatsapp", "delivered whatsapp"],
            id="read is delivered, and that once",
        ),
        pytest.param(
            story().sending().unknown().reported("delivered"),
            ["accepted whatsapp", "delivered whatsapp"],
            id="a report proves a send of unknown outcome",
        ),
        pytest.param(story().sending().refused("address"), [], id="refused, and nothing else yet"),
        pytest.param(
            story().sending().refused("address").sending(1, step=1),
            [],
            id="the next send may yet be taken back",
        ),
        pytest.param(
            story().sending().refused("address").sent(1, step=1),
            ["failed_over whatsapp to sms: failed", "accepted sms"],
            id="refused, then the next",
        ),
        pytest.param(
            story().sending().refused("opt_out").sent(1, step=1),
            [
                "failed_over whatsapp to sms: opted_out",
                "accepted sms",
                "opted_out whatsapp",
            ],
            id="the provider says that the person said stop",
        ),
        pytest.param(
            story().sent().sending(30, step=1).refused("address", 30),
            ["accepted whatsapp", "failed_over whatsapp to sms: no_answer"],
            id="the next was tried, and refused",
        ),
        pytest.param(
            story().sent().reported("failed").sent(2, step=1),
            ["accepted whatsapp", "failed_over whatsapp to sms: failed", "accepted sms"],
            id="reported as failed",
        ),
        pytest.param(
            story().sending().unavailable().sent(1, provider="best"),
            ["failed_over whatsapp to whatsapp: unavailable", "accepted whatsapp"],
            id="another provider of the same step",
        ),
        pytest.param(
            story().sending().unknown(lookups=2).sent(2, step=1),
            ["failed_over whatsapp to sms: unknown", "accepted sms"],
            id="nobody knows",
        ),
        pytest.param(
            story().sent().sent(30, step=1),
            ["accepted whatsapp", "failed_over whatsapp to sms: no_answer", "accepted sms"],
            id="no answer",
        ),
        pytest.param(
            story(
                steps=[
                    {"channel": "whatsapp", "wait": 1800, "deliver_within": 60},
                    {"channel": "sms", "wait": 60},
                ]
            )
            .sent()
            .sent(1, step=1),
            ["accepted whatsapp", "failed_over whatsapp to sms: not_delivered", "accepted sms"],
            id="not delivered in time",
        ),
        pytest.param(
            story(until="delivered").sent().sent(30, step=1),
            ["accepted whatsapp", "failed_over whatsapp to sms: not_delivered", "accepted sms"],
            id="not delivered where that is the goal",
        ),
        pytest.param(
            story().sent().skip(5).sent(5, step=1),
            ["accepted whatsapp", "failed_over whatsapp to sms: skipped", "accepted sms"],
            id="an operator's skip",
        ),
        pytest.param(
            story().skipped().sent(0, step=1),
            ["failed_over whatsapp to sms: skipped", "accepted sms"],
            id="a step that cannot work",
        ),
        pytest.param(
            story().sent().skipped(30, step=1).sent(30, step=2),
            ["accepted whatsapp", "failed_over whatsapp to email: no_answer", "accepted email"],
            id="what was made before counts more than what was skipped",
        ),
        pytest.param(
            story(on_opt_out="skip_channel").sent().said_stop("whatsapp").sent(5, step=1),
            [
                "accepted whatsapp",
                "failed_over whatsapp to sms: opted_out",
                "accepted sms",
                "opted_out whatsapp",
            ],
            id="the person said stop there",
        ),
        pytest.param(
            story().sent().replied(),
            ["accepted whatsapp", "responded Yes (yes)"],
            id="an answer",
        ),
        pytest.param(
            story().sent().wrote("Who are you?").wrote("yes"),
            ["accepted whatsapp", "responded Who are you? (None)", "responded yes (yes)"],
            id="two answers",
        ),
    ],
)
def test_what_is_told(story: Story, told: list[str]) -> None:
    assert [words(notice) for notice in heard(story)] == told


def test_the_end_is_told_last() -> None:
    told = heard(story().sent().replied(), "responded")

    assert words(told[-1]) == "ended responded"


def test_each_is_told_once_and_counted_in_order() -> None:
    telling, known = Telling(), story().sent()

    first = telling.news(known.conversation, START)
    again = telling.news(known.reported("delivered").replied().conversation, at(2))
    ended = telling.news(known.conversation, at(3), "responded")
    nothing = telling.news(known.conversation, at(4), "responded")

    told = [*first, *again, *ended]
    assert [words(one).partition(" ")[0] for one in told] == [
        "accepted",
        "delivered",
        "responded",
        "ended",
    ]
    assert [about(one).sequence for one in told] == [1, 2, 3, 4]
    assert [one.timestamp for one in told] == [START, at(2), at(2), at(3)]
    assert len({one.id for one in told}) == 4
    assert nothing == []


def test_a_reset_tells_the_same_facts_by_the_same_ids() -> None:
    known = story().sent().reported("delivered")

    assert [one.id for one in heard(known)] == [one.id for one in heard(known)]


def test_a_send_that_stepped_back_was_no_failover() -> None:
    telling, known = Telling(), story().sending().refused("address").sending(1, step=1)
    telling.news(known.conversation, at(1))

    known.conversation.taken_back(2)
    known.replied()

    assert [words(one) for one in telling.news(known.conversation, at(2))] == [
        "responded Yes (yes)"
    ]


def test_an_event_says_which_message_it_is_about_and_brings_the_context_back() -> None:
    [told] = heard(story(context={"order": 1234, "tags": ["a"]}).sent())

    assert told.data.model_dump(mode="json") == {
        "message_id": about(told).message_id,
        "conversation": "order-1234",
        "recipient": "cust-42",
        "context": {"order": 1234, "tags": ["a"]},
        "sequence": 1,
        "attempt": 1,
        "step": 0,
        "channel": "whatsapp",
        "provider": "acme",
        "to": "+1415•••0100",
        "purpose": None,
    }


def test_a_failover_says_from_where_to_where_and_why() -> None:
    told = heard(story().sending().refused("address").sent(1, step=1))[0]

    assert isinstance(told, MessageFailedOver)
    assert (told.data.left.attempt, told.data.to.attempt) == (1, 2)
    assert told.data.failure
    assert told.data.failure.kind == "address"
    assert '"from":{"attempt":1' in told.model_dump_json()


def test_an_answer_has_its_text_and_when_it_was_said() -> None:
    told = heard(story().sent().replied())[-1]

    assert isinstance(told, MessageResponded)
    assert (told.data.text, told.data.choice, told.data.channel) == ("Yes", "yes", "sms")
    assert told.data.said_at == START
    assert told.data.counts


@pytest.mark.parametrize(
    "notice", heard(story().sent().sent(30, step=1).replied().said_stop(), "x")
)
def test_what_is_written_is_read_again(notice: Notice) -> None:
    assert parse_notice(notice.model_dump_json()) == notice


def test_addresses_are_masked() -> None:
    everything = story().sending().refused("address").sent(1, step=1).reported("delivered", 2, 2)

    written = " ".join(one.model_dump_json() for one in heard(everything.replied(), "responded"))

    assert "+14155550100" not in written
