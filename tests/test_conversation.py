"""How each fact changes what is known; the policy's table has what follows from it."""

from itertools import permutations, product

import pytest

from failover.attempts import State
from failover.conversation import Conversation
from failover.events import Response
from tests.plans import message
from tests.stories import START, Story, at

STATES = ("sent", "delivered", "read", "failed")


def state_after(statuses: tuple[str, ...]) -> State:
    story = Story().sent()
    for status in statuses:
        story.reported(status)
    return story.conversation.attempts[0].state


@pytest.mark.parametrize("statuses", list(permutations(STATES)))
def test_the_order_of_reports_does_not_matter(statuses: tuple[str, ...]) -> None:
    assert state_after(statuses) == State.READ


@pytest.mark.parametrize(("first", "second"), list(product(STATES, repeat=2)))
def test_two_reports_come_to_the_same_in_both_orders(first: str, second: str) -> None:
    assert state_after((first, second)) == state_after((second, first))


def test_a_delivery_takes_back_the_failure_that_came_before_it() -> None:
    attempt = Story().sent().reported("failed").reported("delivered").conversation.attempts[0]

    assert attempt.state == State.DELIVERED
    assert attempt.failure is None


def test_an_event_id_counts_once() -> None:
    story = Story().sent().reported("delivered", 1)
    story._events = 0
    story.reported("failed", 2)

    assert len(story.conversation.attempts[0].changes) == 3


def test_a_report_brings_the_providers_id_when_the_answer_was_lost() -> None:
    known = Story().sending().unknown().reported("delivered").conversation.attempts[0]

    assert known.accepted_at == at(1)


def test_reports_of_attempts_that_never_were_change_nothing() -> None:
    story = Story().sent().reported("failed", attempt=2).reported("failed", attempt=0)

    assert [attempt.state for attempt in story.conversation.attempts] == [State.ACCEPTED]


@pytest.mark.parametrize(
    ("said", "choice"),
    [("Yes", "yes"), ("YES!", "yes"), (" no. ", "no"), ("1", "yes"), ("2", "no"), ("3", None),
     ("maybe yes", None)],
)  # fmt: skip
def test_an_answer_is_matched_to_a_choice(said: str, choice: str | None) -> None:
    conversation = Story().sent().conversation

    conversation.respond(Response(channel="whatsapp", text=said), START)

    assert conversation.responses[0].choice == choice
    assert conversation.responses[0].text == said


def test_a_button_that_names_a_choice_wins_over_its_title() -> None:
    conversation = Story().sent().conversation

    conversation.respond(Response(channel="whatsapp", text="Yes", choice="no"), START)

    assert conversation.responses[0].choice == "no"


def test_a_choice_of_the_steps_own_content_is_known_on_its_channel() -> None:
    own = {"text": "Press", "choices": [{"id": "here", "label": "At home"}]}
    steps = [{"channel": "voice", "wait": 1, "content": own}, {"channel": "sms", "wait": 1}]
    conversation = Story(steps=steps).conversation

    conversation.respond(Response(channel="voice", text="1"), START)
    conversation.respond(Response(channel="sms", text="1"), START)

    assert [response.choice for response in conversation.responses] == ["here", "yes"]


def test_words_are_those_of_the_recipients_language() -> None:
    recipient = {"addresses": {"phone": "+491711234567"}, "locale": "de-AT"}
    steps = [{"channel": "whatsapp", "wait": 1}, {"channel": "sms", "wait": 1}]
    conversation = Story(recipient=recipient, steps=steps).sent().conversation
    for said in ("nein danke", "die erste", "nope", "the first", "no problem"):
        conversation.respond(Response(channel="whatsapp", text=said), START)

    assert [one.choice for one in conversation.responses] == ["no", "yes", "no", None, None]


def test_words_are_those_of_the_person_whom_the_channel_reached() -> None:
    other = {"addresses": {"sms": "+491711234567"}, "locale": "de"}
    steps = [{"channel": "sms", "wait": 1}, {"channel": "sms", "wait": 1, "to": other}]
    story = Story(steps=steps).sent()
    story.conversation.respond(Response(channel="sms", text="jawohl"), START)
    story.sent(step=1).conversation.respond(Response(channel="sms", text="jawohl"), START)

    assert [one.choice for one in story.conversation.responses] == [None, "yes"]


def test_a_number_is_of_the_list_that_was_said_last() -> None:
    own = {"text": "Now?", "choices": [{"id": "now", "label": "Now"}, {"id": "no", "label": "No"}]}
    steps = [{"channel": "sms", "wait": 1}, {"channel": "sms", "wait": 1, "content": own}]
    story = Story(steps=steps).sent()
    story.conversation.respond(Response(channel="sms", text="1"), START)
    story.sent(step=1)
    for said in ("1", "yes"):
        story.conversation.respond(Response(channel="sms", text=said), START)

    assert [one.choice for one in story.conversation.responses] == ["yes", "now", "yes"]


def test_the_result_has_no_full_address() -> None:
    result = Story().sent().conversation.result().model_dump_json()

    assert "+1415•••0100" in result
    assert "+14155550100" not in result


def test_an_answer_without_a_time_was_given_when_it_came() -> None:
    conversation = Story().sent().replied().conversation

    assert conversation.responses[0].at == START


@pytest.mark.parametrize(("rules", "in_text"), [(3, False), (4, True)])
def test_a_message_that_began_before_keeps_to_its_templates(rules: int, in_text: bool) -> None:
    """What it has sent already is looked up as what it was."""
    steps = [{"channel": "whatsapp", "wait": 60}] * 2
    known = Conversation(message(steps=steps), rules=rules)
    known.accepted(known.begin(0, "acme", START).number, "id", START)
    written = {"channel": "whatsapp", "provider": "acme", "text": "Who is this?"}
    known.respond(Response.model_validate(written), START)

    assert known.begin(1, "acme", START).in_text is in_text
