"""Where every code of every provider leads, in the answer to a send and in a later callback.

DESIGN.md 2 has the rule: the next provider where the provider, account, sender or a cap is at
fault, the next step where the address, the content or a policy is, and an opt-out is never routed
around.
"""

import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest

from failover.attempts import State
from failover.channels import Channel
from failover.events import Failure, FailureClass, Report
from failover.names import parse_reference
from providers.base import ProviderUnavailable, Refused, SendUnknown
from providers.codes import AtOnce
from tests.arrivals import Told, reported, send
from tests.canned import Answer, Canned, canned_server
from tests.stories import Story, at
from tests.told_codes import AT_ONCE, LATER, UNHEARD_AT_ONCE, UNHEARD_LATER, UNHEARD_WITH_STATUS

NEXT_PROVIDER, NEXT_STEP, OPTED_OUT = "send 0 by best", "send 1 by acme", "finish opted_out"
LEADS = {
    "provider": NEXT_PROVIDER,
    "account": NEXT_PROVIDER,
    "sender": NEXT_PROVIDER,
    "cap": NEXT_PROVIDER,
    "address": NEXT_STEP,
    "unreachable": NEXT_STEP,
    "content": NEXT_STEP,
    "policy": NEXT_STEP,
    "expired": NEXT_STEP,
    "unrecognized": NEXT_STEP,
    "opt_out": OPTED_OUT,
}


@pytest.fixture(scope="module")
def edge() -> Iterator[Canned]:
    with canned_server() as canned:
        yield canned


def after(story: Story, edge: Canned, told: Told) -> Story:
    """The story goes on with what comes of the send that is under way."""
    conversation = story.conversation
    try:
        answer = send(edge, told)
    except ProviderUnavailable as error:  # and so it was to the end of the step's share
        conversation.unavailable(1, error.failure, at(0))
    except SendUnknown:
        conversation.unknown(1, at(0))
    else:
        assert isinstance(answer, Refused)
        conversation.refused(1, answer.failure, at(0))
    return story


def later(story: Story, told: Told) -> Story:
    event = reported(told)
    assert parse_reference(event.reference) == ("m-1", 1)
    report = Report(attempt=1, status=event.status, event_id="1", failure=event.failure)
    story.conversation.report(report, at(1))
    return story


def expected(told: Told) -> tuple[State, str]:
    """By the class; or before it, by what the answer says of the send itself."""
    assert isinstance(told.by, Answer)
    known = told.known
    if known.at_once == AtOnce.UNKNOWN or told.by.status >= 500:
        return State.UNKNOWN, "wait until 0.5"
    if known.at_once == AtOnce.AGAIN:
        return State.UNAVAILABLE, NEXT_PROVIDER
    return State.REFUSED, LEADS[known.kind]


@pytest.mark.parametrize("told", AT_ONCE, ids=str)
def test_a_code_in_an_answer_leads_on(edge: Canned, told: Told) -> None:
    story = after(Story().sending(), edge, told)

    [attempt] = story.conversation.attempts
    assert (attempt.state, story.tell(0)) == expected(told)
    assert attempt.failure is None or attempt.failure.kind == told.known.kind


def rate_limited(told: Told) -> Told:
    assert isinstance(told.by, Answer)
    return replace(told, by=replace(told.by, status=429, headers={"Retry-After": "7"}))


def for_today(told: Told) -> bool:
    return told.known.at_once == AtOnce.REFUSED


@pytest.mark.parametrize("told", [one for one in AT_ONCE if for_today(one)], ids=str)
def test_a_limit_for_the_day_is_not_waited_for_whatever_the_status(
    edge: Canned, told: Told
) -> None:
    story = after(Story().sending(), edge, rate_limited(told))

    assert story.conversation.attempts[0].state == State.REFUSED
    assert story.tell(0) == NEXT_PROVIDER


@pytest.mark.parametrize("told", LATER, ids=str)
def test_a_code_in_a_callback_leads_on(told: Told) -> None:
    story = later(Story().sent(), told)

    assert story.tell(1) == LEADS[told.known.kind]
    [attempt] = story.conversation.attempts
    assert attempt.failure
    assert attempt.failure.kind == told.known.kind
    assert attempt.failure.detail


def opt_outs(arrivals: list[Told]) -> list[Told]:
    return [told for told in arrivals if told.known.kind == FailureClass.OPT_OUT]


@pytest.mark.parametrize("told", opt_outs(AT_ONCE), ids=str)
def test_an_opt_out_in_an_answer_is_never_routed_around(edge: Canned, told: Told) -> None:
    story = after(Story(on_opt_out="skip_channel").sending(), edge, told)

    assert story.tell(0) == "skip 1: opted out of sms"
    assert story.skipped(0, step=1).tell(0) == "send 2 by acme"


@pytest.mark.parametrize("told", opt_outs(LATER), ids=str)
def test_an_opt_out_in_a_callback_is_never_routed_around(told: Told) -> None:
    story = later(Story(on_opt_out="skip_channel").sent().reported("delivered"), told)

    assert story.tell(1) == "skip 1: opted out of sms"
    assert story.skipped(1, step=1).tell(1) == "send 2 by acme"


@pytest.mark.parametrize("told", UNHEARD_AT_ONCE, ids=str)
def test_an_unheard_code_in_an_answer_is_unrecognized_and_logged(
    edge: Canned, told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        story = after(Story().sending(), edge, told)

    assert unrecognized(story)
    assert story.tell(0) == NEXT_STEP
    assert f"{told.provider}: code" in caplog.text


@pytest.mark.parametrize("told", UNHEARD_WITH_STATUS, ids=str)
def test_of_an_unheard_code_the_status_says_whose_fault_it_is_where_it_is_ours(
    edge: Canned, told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        story = after(Story().sending(), edge, told)

    [attempt] = story.conversation.attempts
    assert (attempt.state, story.tell(0)) == expected(told)
    assert story.tell(0) == NEXT_PROVIDER
    assert attempt.failure
    assert attempt.failure.kind == told.known.kind
    assert f"{told.provider}: code" in caplog.text


@pytest.mark.parametrize("told", UNHEARD_LATER, ids=str)
def test_an_unheard_code_in_a_callback_is_unrecognized_and_logged(
    told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        story = later(Story().sent(), told)

    assert unrecognized(story)
    assert story.tell(1) == NEXT_STEP
    assert f"{told.provider}: code" in caplog.text


def unrecognized(story: Story) -> bool:
    failure = story.conversation.attempts[0].failure
    return isinstance(failure, Failure) and failure.kind == FailureClass.UNRECOGNIZED


def test_every_provider_is_held_to_this() -> None:
    assert {told.channel for told in AT_ONCE} == {Channel.SMS, Channel.EMAIL, Channel.PUSH}
    assert len({(told.provider, told.section) for told in AT_ONCE}) == 10
    assert len({(told.provider, told.section) for told in LATER}) == 11
