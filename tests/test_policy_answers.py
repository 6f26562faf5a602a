"""What follows from an answer that is none of the choices, and from what agents do, as a table."""

from typing import Any

import pytest

from failover.attempts import State
from failover.events import Act, AgentSays, Failure, FailureClass, Response
from failover.message import InvalidMessage
from tests.plans import message
from tests.stories import START, Story, at

TEAM = {"channel": "agent", "to": "team@clinic.example", "wait": "PT10M"}
CHOICES = [{"id": "yes", "label": "Yes"}, {"id": "no", "label": "No"}]
SHIFT = {**TEAM, "to": "shift@clinic.example", "handle_within": "PT8H"}
STEPS = [
    {"channel": "whatsapp", "wait": "PT30M"},
    {"channel": "sms", "wait": "PT20M"},
    TEAM,
    {"channel": "email", "wait": "PT2H"},
]

STOPPED = Failure(kind=FailureClass.OPT_OUT, code="opted_out")


def asking(other: Any, **overrides: Any) -> Story:
    said = {"text": "Can you be home at 9?", "choices": CHOICES, "on_other": other}
    return Story(**{"content": said, "steps": STEPS, **overrides})


def two_desks() -> Story:
    return asking("hand_over", steps=[STEPS[0], TEAM, STEPS[1], TEAM])


def again(times: int = 1) -> Story:
    return asking({"do": "ask_again", "times": times})


def talking() -> Story:
    story = asking("accept").sent().claimed(5)
    return story.agent_answered("At which door?", 6, keep_open=True).said(7)


@pytest.mark.parametrize(
    ("story", "minutes", "move"),
    [
        pytest.param(asking("accept").sent().wrote("at 10?"), 1, "finish responded", id="accept"),
        pytest.param(again().sent().wrote("yes!"), 1, "finish responded", id="a choice counts"),
        pytest.param(again().sent().wrote("at 10?"), 1, "say ask_again by acme", id="asked again"),
        pytest.param(
            again().sent().wrote("at 10?", "chat"), 1, "wait until 30", id="on no channel of ours"
        ),
        pytest.param(
            again().sent().wrote("at 10?").saying(), 1, "wait for the send", id="while it is said"
        ),
        pytest.param(
            again().sent().wrote("at 10?").said(5),
            6,
            "wait until 35",
            id="the wait begins anew when it was asked again",
        ),
        pytest.param(
            again().sent().wrote("at 10?").said(5), 35, "send 1 by acme", id="and comes to its end"
        ),
        pytest.param(
            again().sent().wrote("at 10?").said().wrote("or 11?"),
            2,
            "wait until 31",
            id="once is enough",
        ),
        pytest.param(
            again(2).sent().wrote("at 10?").said().wrote("or 11?"),
            2,
            "say ask_again by acme",
            id="twice, where that is asked for",
        ),
        pytest.param(
            again(2).sent().wrote("at 10?").wrote("or 11?").said(),
            2,
            "wait until 31",
            id="two texts in a row are asked about once",
        ),
        pytest.param(
            again().sent().wrote("at 10?").said().wrote("no"), 2, "finish responded", id="then no"
        ),
        pytest.param(
            again().sent().wrote("at 10?").saying().refused("provider"),
            1,
            "say ask_again by best",
            id="the next provider asks",
        ),
        pytest.param(
            again().sent().wrote("at 10?").saying().refused("content"),
            1,
            "wait until 30",
            id="what nobody takes is not asked",
        ),
        pytest.param(
            again().sent().wrote("at 10?").saying().unknown(1),
            2,
            "wait until 30",
            id="what may have been asked is not asked again",
        ),
        pytest.param(
            again().sent().sending(30, 1).wrote("at 10?", "whatsapp", 30),
            30,
            "wait for the send",
            id="a send that is under way comes first",
        ),
        pytest.param(
            again().sent().sending(30, 1).wrote("at 10?", "whatsapp", 30).accepted(31),
            31,
            "say ask_again by acme",
            id="and then the channel they wrote on",
        ),
        pytest.param(
            again().sent().wrote("at 10?").said_stop("whatsapp"), 1, "finish opted_out", id="stop"
        ),
        pytest.param(
            asking("hand_over").sent().wrote("at 10?"),
            1,
            "skip 1: handed over to an agent",
            id="the steps before the agent are left out",
        ),
        pytest.param(
            asking("hand_over").sent().wrote("at 10?").skipped(1, 1),
            1,
            "send 2 by acme",
            id="handed over",
        ),
        pytest.param(
            asking("hand_over").sent().wrote("at 10?").skipped(1, 1).sent(1, 2),
            2,
            "wait until 11",
            id="the agents have the wait of their step",
        ),
        pytest.param(
            asking("hand_over").sent().wrote("at 10?").skipped(1, 1).sent(1, 2).wrote("hello?"),
            2,
            "wait until 11",
            id="more of it is for the agents, too",
        ),
        pytest.param(
            asking("hand_over").sent().wrote("at 10?").skipped(1, 1).sent(1, 2),
            11,
            "send 3 by acme",
            id="unclaimed goes on",
        ),
        pytest.param(
            two_desks().sent().wrote("at 10?").sent(1, 1),
            2,
            "wait until 11",
            id="the first of two desks has its time",
        ),
        pytest.param(
            two_desks().sent().wrote("at 10?").sent(1, 1).wrote("hello?"),
            11,
            "send 2 by acme",
            id="and what comes after it is not left out",
        ),
        pytest.param(
            two_desks().sent().wrote("at 10?").sent(1, 1).sent(11, 2).wrote("hello?", "sms", 12),
            12,
            "send 3 by acme",
            id="said to somebody else later it goes to the next desk",
        ),
        pytest.param(
            asking("hand_over").sent().wrote("at 10?").skipped(1, 1).sent(1, 2).wrote("yes"),
            2,
            "finish responded",
            id="a choice counts beside an agent",
        ),
        pytest.param(
            asking("accept").sent().sent(30, 1).sent(50, 2).claimed(55),
            70,
            "wait until 1495",
            id="claimed is held for a day",
        ),
        pytest.param(
            asking("accept").sent().sent(30, 1).sent(50, 2).claimed(55),
            1495,
            "send 3 by acme",
            id="an agent who does not come back has given it up",
        ),
        pytest.param(
            asking("accept").sent().sent(30, 1).sent(50, 2).claimed(55).skip(60),
            60,
            "send 3 by acme",
            id="an operator takes it from an agent",
        ),
        pytest.param(
            asking("accept").sent().sent(30, 1).sent(50, 2).sent(60, 3).claimed(61),
            70,
            "wait until 1501",
            id="claimed when the next step has begun",
        ),
        pytest.param(
            asking("accept").sent().claimed(5), 31, "wait until 1445", id="claimed with no step"
        ),
        pytest.param(
            asking("hand_over").sent().wrote("at 10?").claimed(5).agent_answered("Yes, 10.", 6),
            6,
            "say answer by acme",
            id="an answer is said on the channel they wrote on",
        ),
        pytest.param(
            asking("hand_over")
            .sent()
            .wrote("at 10?")
            .claimed(5)
            .agent_answered("Yes, 10.", 6)
            .saying(6),
            6,
            "wait for the send",
            id="an answer is waited for",
        ),
        pytest.param(
            asking("hand_over")
            .sent()
            .wrote("at 10?")
            .claimed(5)
            .agent_answered("Yes, 10.", 6)
            .said(6),
            6,
            "finish responded",
            id="an answer ends it",
        ),
        pytest.param(
            asking("hand_over")
            .sent()
            .wrote("at 10?")
            .agent_answered("At what door?", 6, keep_open=True)
            .said(6),
            7,
            "wait until 1446",
            id="an agent may go on",
        ),
        pytest.param(
            asking("accept").sent().claimed(5).closed(6, "yes"), 6, "finish responded", id="closed"
        ),
        pytest.param(
            asking("accept").sent().claimed(5).wrote("the back door"),
            7,
            "wait until 1445",
            id="what is written while an agent has it is for the agent",
        ),
        pytest.param(
            asking("accept").sent().claimed(5).wrote("at home at 10"),
            1446,
            "finish responded",
            id="and counts when the agent has given it up",
        ),
        pytest.param(
            asking("accept", steps=[STEPS[0], {**TEAM, "handle_within": "PT5M"}, SHIFT])
            .sent()
            .sent(30, 1)
            .sent(40, 2)
            .claimed(43),
            50,
            "wait until 523",
            id="each desk has its own time",
        ),
        pytest.param(
            talking().wrote("yes", "whatsapp", 8),
            8,
            "wait until 1445",
            id="a yes to an agent is none to the question",
        ),
        pytest.param(
            talking().pressed("yes", 8), 8, "finish responded", id="a button is one to the question"
        ),
        pytest.param(
            asking("accept").sent().claimed(5).wrote("yes"),
            7,
            "finish responded",
            id="an agent who has said nothing was not answered",
        ),
        pytest.param(
            asking("accept").sending().claimed(0).agent_answered("Yes, 10.", 0),
            0,
            "finish responded",
            id="where nothing has arrived nothing can be said",
        ),
        pytest.param(
            asking("accept", deadline="2026-11-21T12:30:00Z").sent().claimed(5),
            6,
            "wait until 30",
            id="the deadline holds for agents",
        ),
    ],
)
def test_the_move(story: Story, minutes: float, move: str) -> None:
    assert story.tell(minutes) == move


def test_the_question_asked_again_has_the_choices_and_the_language_of_the_person() -> None:
    german = {"addresses": {"phone": "+4915112345678"}, "locale": "de"}

    story = again_in(german).sent().wrote("um 10?")

    (aside,) = story.conversation.asides
    assert [choice.label for choice in aside.content.choices] == ["Yes", "No"]
    assert "Bitte antworten" in aside.content.text


def again_in(recipient: dict[str, Any]) -> Story:
    return asking("ask_again", recipient=recipient)


def test_what_does_not_count_is_kept_and_said_so() -> None:
    result = again().sent().wrote("at 10?").said().wrote("yes").conversation.result()

    assert [(r.text, r.counts, r.choice) for r in result.responses] == [
        ("at 10?", False, None),
        ("yes", True, "yes"),
    ]


def test_what_was_said_besides_is_an_attempt_with_its_text() -> None:
    result = again().sent().wrote("at 10?").said().conversation.result()

    step, aside = result.attempts
    assert (step.purpose, step.said) == (None, None)
    assert (aside.purpose, aside.step, aside.state) == ("ask_again", 0, State.ACCEPTED)
    assert "Please answer" in (aside.said or "")


def test_an_agent_answers_for_the_person() -> None:
    story = asking("hand_over").sent().wrote("at 10?").claimed(5)

    result = story.agent_answered("Yes, 10.", 6).conversation.result()

    assert result.responses[-1].model_dump(include={"channel", "text", "agent", "counts"}) == {
        "channel": "agent",
        "text": "Yes, 10.",
        "agent": "Sam",
        "counts": True,
    }
    assert [(act.act, act.agent) for act in result.agents] == [
        (Act.CLAIMED, "Sam"),
        (Act.ANSWERED, "Sam"),
    ]


def test_an_answer_goes_by_no_way_that_the_person_has_closed() -> None:
    story = asking("accept", on_opt_out="skip_channel", steps=[STEPS[0], STEPS[3]])
    story.sent().said_stop("whatsapp").sent(2, 1).wrote("at 10?", "chat", 3)

    story.claimed(4).agent_answered("Yes, 10.", 5)

    assert [aside.step for aside in story.conversation.asides] == [1]


def test_of_two_people_on_one_channel_the_one_who_answers_is_known() -> None:
    sms = {"channel": "sms", "wait": "PT20M"}
    kim = {"name": "Kim", "locale": "de", "addresses": {"phone": "+4915112345678"}}
    story = asking("accept", steps=[sms, {**sms, "to": kim}]).sending()
    story.conversation.accepted(1, "id", START, "dana's key")
    story.conversation.begin(1, "acme", START)
    story.conversation.accepted(2, "id", START, "kim's key")

    story.conversation.respond(Response(channel="sms", text="yes", person="dana's key"), START)

    (answer,) = story.conversation.result().responses
    assert (answer.step, answer.choice) == (0, "yes")
    assert "dana" not in answer.model_dump_json()


def branch() -> dict[str, Any]:
    return {"name": "Kim", "locale": "de", "addresses": {"phone": "+4915112345678"}}


def test_an_answer_goes_to_whom_it_is_for() -> None:
    sms = {"channel": "sms", "wait": "PT20M"}
    story = asking("hand_over", steps=[sms, {**sms, "to": branch()}, TEAM]).sending()
    story.conversation.accepted(1, "id", START, "dana's key")
    story.conversation.begin(1, "acme", START)
    story.conversation.accepted(2, "id", START, "kim's key")
    said = Response(channel="sms", text="my PIN is lost", person="dana's key")
    story.conversation.respond(said, START)

    story.agent_answered("It is 1234.", 5)

    assert [aside.step for aside in story.conversation.asides] == [0]


def test_a_stop_of_somebody_else_asked_is_none_of_the_recipients() -> None:
    sms = {"channel": "sms", "wait": "PT20M"}
    story = asking("accept", steps=[sms, {**sms, "to": branch()}, STEPS[3]]).sent().sent(20, 1)

    story.conversation.refused(story.conversation.begin(1, "best", at(21)).number, STOPPED, at(21))

    assert story.tell(22) == "send 2 by acme"


def test_a_team_that_wants_no_mail_is_passed_by() -> None:
    story = asking("accept", steps=[STEPS[0], TEAM, STEPS[3]]).sent().sending(30, 1)

    story.conversation.refused(2, STOPPED, at(30))

    assert story.tell(30) == "send 2 by acme"


def test_of_very_many_answers_the_newest_are_kept_and_short() -> None:
    story = asking("hand_over", steps=[STEPS[0], TEAM]).sent()
    for number in range(80):
        story.wrote(f"{number} " + "ü" * 19_000)

    result = story.conversation.result()

    assert [(said.text or "")[:2] for said in result.responses][-1] == "79"
    assert len(result.responses) == 50
    assert len(result.model_dump_json().encode()) < 1_000_000
    assert story.conversation.dropped == 30


@pytest.mark.parametrize("when", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"])
def test_a_time_that_is_none_of_ours_is_left_out(when: str) -> None:
    said = Response.model_validate({"channel": "sms", "text": "at 10?", "at": when})
    says = AgentSays.model_validate({"agent": "Sam", "at": when})
    story = asking("hand_over").sent()

    story.conversation.respond(said, START)
    story.conversation.claimed(says, START)

    assert [one.at for one in story.conversation.result().responses] == [START]
    assert story.tell(1) == "wait until 1440"


def test_a_word_to_start_again_answers_nothing_but_a_choice_of_that_name() -> None:
    start = {"channel": "sms", "text": "Start", "start": True}
    story = asking("accept").sent()
    story.conversation.respond(Response.model_validate(start), START)
    offered = Story(content={"text": "?", "choices": [{"id": "go", "label": "Start"}]}).sent()
    offered.conversation.respond(Response.model_validate(start), START)

    assert story.tell(1) == "wait until 30"
    assert offered.tell(1) == "finish responded"


def test_the_first_claim_counts() -> None:
    story = asking("accept").sent().claimed(5, "Sam").claimed(6, "Kim")

    assert [act.agent for act in story.conversation.agents] == ["Sam"]


def test_what_was_given_up_can_be_claimed_again() -> None:
    story = asking("accept").sent().claimed(5, "Sam").claimed(5 + 24 * 60, "Kim")

    assert [act.agent for act in story.conversation.agents] == ["Sam", "Kim"]


def test_an_aside_reaches_no_goal() -> None:
    story = asking("ask_again", until="delivered").sent().wrote("at 10?").said(2)

    story.reported("delivered", 3, attempt=2)

    assert story.tell(3) == "wait until 32"


@pytest.mark.parametrize(
    ("overrides", "fault"),
    [
        (
            {"steps": [{"channel": "agent", "wait": 60}]},
            "steps.0: an agent step needs to, the email address of the agents, or the message",
        ),
        (
            {"content": {"text": "Hi", "choices": CHOICES, "on_other": "hand_over"}},
            "content.on_other: hand_over needs a step whose channel is agent",
        ),
        (
            {"content": {"text": "Hi", "on_other": "shrug"}},
            "content.on_other.do: Input should be 'accept', 'ask_again' or 'hand_over'",
        ),
        (
            {"content": {"text": "Hi", "on_other": "ask_again"}},
            "content.on_other: ask_again needs choices",
        ),
        (
            {"steps": [{"channel": "agent", "wait": 60, "to": "+14155550100"}]},
            "steps.0: to: agent: should be an email address, like dana@example.com",
        ),
    ],
)
def test_what_cannot_be_is_refused(overrides: dict[str, Any], fault: str) -> None:
    with pytest.raises(InvalidMessage) as refused:
        message(**overrides)

    assert fault in str(refused.value)


def test_a_step_for_another_person_goes_to_that_person() -> None:
    manager = {"name": "Kim", "locale": "de", "addresses": {"phone": "+4915112345678"}}
    plan = message(steps=[{"channel": "sms", "wait": 60, "to": manager}])

    assert plan.address(plan.steps[0]) == "+4915112345678"
    assert plan.person(plan.steps[0]).name == "Kim"


AT_NIGHT = {"hours": {"from": "13:00", "to": "17:00", "except": ["email"]}}
MAIL_FIRST = [{"channel": "email", "wait": "PT2H"}, {"channel": "sms", "wait": "PT20M"}]
NUMBER = {"addresses": {"phone": "+18005550100", "email": "dana@example.com"}}


def by_number(*zones: str, **more: Any) -> Story:
    story = Story(recipient=NUMBER, **AT_NIGHT, **more)
    story.conversation.zones = dict.fromkeys(range(3), zones)
    return story


@pytest.mark.parametrize(
    ("story", "minutes", "move"),
    [
        pytest.param(by_number("Etc/GMT-2"), 0, "send 0 by acme", id="in the number's zone"),
        pytest.param(by_number("UTC"), 0, "wait until 60", id="before they open there"),
        pytest.param(by_number("UTC", "Etc/GMT-2"), 0, "wait until 60", id="in every zone"),
        pytest.param(
            by_number("Etc/GMT-6", "Etc/GMT+6"),
            0,
            "skip 0: no time is within the hours in every time zone of the number",
            id="never in all of them",
        ),
        pytest.param(by_number("UTC", steps=MAIL_FIRST), 0, "send 0 by acme", id="mail may go"),
        pytest.param(
            by_number("UTC", steps=[{**TEAM, "to": "team@clinic.example"}]),
            0,
            "send 0 by acme",
            id="agents keep their own hours",
        ),
        pytest.param(
            by_number("UTC", steps=MAIL_FIRST).sent(0), 120, "send 1 by acme", id="checked later"
        ),
    ],
)
def test_the_hours_of_a_number(story: Story, minutes: float, move: str) -> None:
    assert story.tell(minutes) == move


def test_hours_need_a_zone_or_a_number() -> None:
    nowhere = {"recipient": {"addresses": {"email": "dana@example.com"}}}
    hours = {"hours": {"from": "09:00", "to": "17:00"}}

    with pytest.raises(InvalidMessage, match=r"hours: recipient\.time_zone or a phone"):
        message(**nowhere, **hours, steps=MAIL_FIRST[:1])

    assert message(**nowhere, **AT_NIGHT, steps=MAIL_FIRST[:1])
