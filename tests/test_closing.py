"""What an opt-out closes, as a table: the steps that were sent, where it came from, the address."""

from typing import Any

import pytest

from failover.events import Failure, FailureClass, OptOut, Report
from tests.plans import PHONE
from tests.stories import START, Story

MANAGER = "+14155550177"
MAIL = "dana@example.com"
TWO_PEOPLE = [
    {"channel": "sms", "wait": 60},
    {"channel": "sms", "wait": 60, "to": MANAGER},
    {"channel": "email", "wait": 60},
]


def closed(story: Story, **told: Any) -> list[str | None]:
    story.conversation.opt_out(OptOut.model_validate(told), START)
    return [closing.address for closing in story.conversation.closings]


def sent(*people: str) -> Story:
    """Of the steps to two people, one to each of these, by a key of that name."""
    story = Story(steps=TWO_PEOPLE)
    for step, person in enumerate(people):
        attempt = story.conversation.begin(step, "acme", START)
        story.conversation.accepted(attempt.number, "id", START, person)
    return story


@pytest.mark.parametrize(
    ("story", "told", "address"),
    [
        pytest.param(Story().sent(), {"channel": "whatsapp"}, PHONE, id="where it was sent"),
        pytest.param(Story().sent(), {"channel": "mms"}, PHONE, id="a channel of the same number"),
        pytest.param(Story(), {"channel": "email"}, MAIL, id="where it will be sent"),
        pytest.param(Story(), {"channel": "voice"}, PHONE, id="where it would be sent"),
        pytest.param(Story(), {"channel": "messenger"}, None, id="where there is no address"),
        pytest.param(sent("a", "b"), {"channel": "sms"}, MANAGER, id="where it was sent last"),
        pytest.param(sent("a", "b"), {"channel": "sms", "person": "a"}, PHONE, id="by its key"),
        pytest.param(
            sent("a", "b", "c"), {"channel": "sms", "person": "c"}, MAIL, id="by its key alone"
        ),
        pytest.param(
            sent("a"), {"channel": "sms", "person": "another"}, PHONE, id="by a key of nobody"
        ),
    ],
)
def test_an_opt_out_closes_one_address(
    story: Story, told: dict[str, Any], address: str | None
) -> None:
    assert closed(story, **told) == [address]


def test_what_is_remembered_of_another_address_is_not_remembered_of_ours() -> None:
    told = {"channel": "sms", "remembered": True}
    ours, theirs = sent("a"), sent("a")
    closed(ours, person="a", **told)
    closed(theirs, person="b", **told)

    assert [c.remembered for c in ours.conversation.closings] == [True]
    assert [c.remembered for c in theirs.conversation.closings] == [False]


def test_a_key_that_only_a_report_has_brought_counts() -> None:
    story = Story(steps=TWO_PEOPLE)
    story.conversation.begin(0, "acme", START)
    story.conversation.begin(1, "acme", START)
    report = Report.model_validate({"attempt": 1, "status": "sent", "person": "a"})
    story.conversation.report(report, START)

    assert closed(story, channel="sms", person="a") == [PHONE]


def test_an_address_in_capitals_is_the_same() -> None:
    recipient = {"addresses": {"email": "Dana@Example.com"}}
    steps = [{"channel": "email", "wait": 60}, {"channel": "email", "wait": 60, "to": MAIL}]
    story = Story(steps=steps, recipient=recipient, on_opt_out="skip_channel").sent()

    assert closed(story, channel="email") == ["Dana@Example.com"]
    assert story.tell(1) == "skip 1: opted out of email"


def test_the_same_stop_told_by_others_is_no_news() -> None:
    story = sent("a")
    closed(story, channel="sms", text="STOP")
    closed(story, channel="whatsapp", person="a", remembered=True, certain=True)
    story.conversation.refused(1, Failure(kind=FailureClass.OPT_OUT, code="21610"), START)

    assert [said.text for said in story.conversation.opt_outs] == ["STOP"]
    assert closed(story, channel="sms", text="STOP!!") == [PHONE, PHONE]


def test_a_refusal_of_another_persons_address_is_news() -> None:
    story = Story(steps=TWO_PEOPLE)
    for step in (0, 1):
        attempt = story.conversation.begin(step, "acme", START)
        story.conversation.refused(attempt.number, Failure(kind=FailureClass.OPT_OUT), START)

    assert [closing.address for closing in story.conversation.closings] == [PHONE, MANAGER]


def test_a_team_that_wants_no_mail_stops_nothing_for_the_person() -> None:
    team = {"channel": "agent", "to": "team@clinic.example", "wait": 60}
    story = Story(steps=[team, *TWO_PEOPLE], on_opt_out="stop").sending().refused("opt_out")

    assert story.tell(0) == "send 1 by acme"
