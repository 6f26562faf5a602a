"""The story of a message, as an operator reads it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.console import Console

from failover.asides import Purpose
from failover.attempts import Attempt, Change, Outcome, Result, State
from failover.channels import Channel
from failover.events import Act, AgentAct, Answer, Failure, FailureClass, OptOut
from failover.message import Message
from starter import timeline

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def attempt(number: int, channel: Channel, *changes: tuple[State, float], **more: Any) -> Attempt:
    told = tuple(Change(state=state, at=at(seconds)) for state, seconds in changes)
    usual = {"provider": "twilio", "to": "+1415•••0100", "state": changes[-1][0]}
    return Attempt(
        number=number,
        step=number - 1,
        channel=channel,
        reference=f"order-1.{number}",
        changes=told,
        **(usual | more),
    )


def told(**facts: Any) -> list[str]:
    result = Result(message_id="order-1", **facts)
    return [line.partition(" ")[2] for line in timeline.lines(result, zone=UTC)]


def test_a_message_reads_as_its_story() -> None:
    sending, accepted = State.SENDING, State.ACCEPTED
    refused = Failure(kind=FailureClass.SENDER, code="30034", detail="not registered")
    nobody = Failure(kind=FailureClass.ADDRESS, detail="no address for voice")
    result = Result(
        message_id="order-1",
        outcome=Outcome.RESPONDED,
        attempts=(
            attempt(1, Channel.WHATSAPP, (sending, 0), (accepted, 1), (State.DELIVERED, 1901)),
            attempt(2, Channel.SMS, (sending, 1801), (State.REFUSED, 1802), failure=refused),
            attempt(3, Channel.VOICE, (State.SKIPPED, 1802), failure=nobody, provider=None),
        ),
        responses=(Answer(channel="whatsapp", text="Yes!", choice="yes", at=at(2000)),),
    )

    assert timeline.lines(result, ended=at(2000.1), zone=UTC) == [
        "2026-11-21 12:00:00  1 WhatsApp  send by twilio to +1415•••0100",
        "2026-11-21 12:00:01  1 WhatsApp  accepted",
        "2026-11-21 12:30:01  2 SMS       send by twilio to +1415•••0100",
        "2026-11-21 12:30:02  2 SMS       refused (sender, 30034: not registered)",
        "2026-11-21 12:30:02  3 voice     skipped: no address for voice",
        "2026-11-21 12:31:41  1 WhatsApp  delivered",
        "2026-11-21 12:33:20  ← WhatsApp  “Yes!”, chose yes",
        "2026-11-21 12:33:20  end         responded",
    ]


def test_the_date_is_left_out_when_all_of_it_is_today() -> None:
    now = datetime.now(UTC)
    result = Result(message_id="order-1", responses=(Answer(channel="sms", at=now),))

    assert timeline.lines(result, zone=UTC) == [f"{now:%H:%M:%S}  ← SMS  answered"]


@pytest.mark.parametrize(
    ("response", "line"),
    [
        (Answer(channel="sms", text="later", at=NOON), "← SMS  “later”"),
        (Answer(channel="voice", choice="1", at=NOON), "← voice  chose 1 (“Yes, I am there”)"),
        (
            Answer(channel="in person", choice="no", provider="operator", at=NOON),
            "← in person  chose no, entered by an operator",
        ),
    ],
)
def test_an_answer_says_what_it_means(response: Answer, line: str) -> None:
    content = {
        "text": "Hi",
        "choices": [{"id": "1", "label": "Yes, I am there"}, {"id": "no", "label": "No"}],
    }
    message = Message.model_validate(
        {
            "id": "order-1",
            "recipient": {"addresses": {"sms": "+14155550100"}},
            "content": content,
            "steps": [{"channel": "sms", "wait": 60}],
        }
    )
    result = Result(message_id="order-1", responses=(response,))

    assert timeline.lines(result, message, zone=UTC) == [f"2026-11-21 12:00:00  {line}"]


def test_an_opt_out_is_told() -> None:
    assert told(opt_outs=(OptOut(channel="sms", text="STOP", at=NOON),)) == [
        "12:00:00  ← SMS  said stop: “STOP”"
    ]


def test_what_is_none_of_the_choices_is_asked_about_again() -> None:
    sent = attempt(1, Channel.SMS, (State.SENDING, 0), (State.ACCEPTED, 1))
    again = attempt(2, Channel.SMS, (State.SENDING, 60), (State.ACCEPTED, 61))
    other = Answer(channel="sms", text="at 10?", at=at(60), counts=False)
    chosen = Answer(channel="sms", text="yes", choice="yes", at=at(90))

    assert told(
        attempts=(sent, again.model_copy(update={"purpose": Purpose.ASK_AGAIN, "said": "Sorry"})),
        responses=(other, chosen),
    ) == [
        "12:00:00  1 SMS  send by twilio to +1415•••0100",
        "12:00:01  1 SMS  accepted",
        "12:01:00  ← SMS  “at 10?”, is none of the choices",
        "12:01:00  2 SMS  send by twilio to +1415•••0100: asked again",
        "12:01:01  2 SMS  accepted",
        "12:01:30  ← SMS  “yes”, chose yes",
    ]


def test_what_agents_do_is_told_once_and_by_name() -> None:
    facts = {"purpose": Purpose.ANSWER, "said": "At ten,\nthen."}
    answer = attempt(1, Channel.SMS, (State.SENDING, 5)).model_copy(update=facts)
    in_stead = Answer(channel="agent", text="At ten,\nthen.", agent="Sam", at=at(5))
    acts = (
        AgentAct(act=Act.CLAIMED, agent="Sam\x1b[2J", at=at(1)),
        AgentAct(act=Act.ANSWERED, agent="Sam", text="At ten,\nthen.", at=at(5)),
        AgentAct(act=Act.CLOSED, choice="yes", text="rang", at=at(9)),
    )

    assert told(attempts=(answer,), responses=(in_stead,), agents=acts) == [
        "12:00:01  agent  claimed by Sam�[2J",
        "12:00:05  agent  answered by Sam: “At ten, ⏎ then.”",
        "12:00:05  1 SMS  send by twilio to +1415•••0100, answer by an agent: “At ten, ⏎ then.”",
        "12:00:09  agent  closed by an agent, chose yes: “rang”",
    ]


def test_what_has_no_time_comes_last_without_one() -> None:
    sent = attempt(1, Channel.SMS, (State.SENDING, 0))

    assert timeline.lines(
        Result(message_id="1", attempts=(sent,), responses=(Answer(channel="sms"),)), zone=UTC
    ) == [
        "2026-11-21 12:00:00  1 SMS  send by twilio to +1415•••0100",
        "                     ← SMS  answered",
    ]


def test_an_attempt_without_changes_shows_as_it_stands() -> None:
    bare = Attempt(
        number=1,
        step=0,
        channel=Channel.SMS,
        provider="vonage",
        reference="order-1.1",
        state=State.DELIVERED,
        accepted_at=NOON,
    )

    assert told(attempts=(bare,)) == ["12:00:00  1 SMS  delivered, by vonage"]


def test_a_strangers_text_cannot_play_with_the_terminal() -> None:
    wicked = "\x1b[2Jgone\r\n\u202etxt\x07"

    [line] = told(responses=(Answer(channel="sms", text=wicked, at=NOON),))

    assert line == "12:00:00  ← SMS  “�[2Jgone ⏎ �txt�”"


def test_a_narrow_terminal_wraps_only_the_last_column() -> None:
    refused = Failure(kind=FailureClass.CONTENT, detail="a long reason " * 10)
    result = Result(
        message_id="order-1",
        attempts=(attempt(1, Channel.SMS, (State.REFUSED, 0), failure=refused),),
    )
    console = Console(width=60, force_terminal=False)

    with console.capture() as shown:
        console.print(timeline.table(timeline.entries(result), zone=UTC))

    first, *others = shown.get().splitlines()
    assert first.startswith("2026-11-21 12:00:00  1 SMS  refused (content: a long reason")
    assert others
    assert all(line.startswith(" " * 28) for line in others)
