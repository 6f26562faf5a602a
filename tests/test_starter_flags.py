"""What people type for `send`, and the message that it makes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from failover.channels import Channel, Goal
from failover.content import Other
from failover.message import Message
from starter.errors import BadInput
from starter.flags import Flags, asked, phone_number
from starter.spans import parse_moment, parse_span, show_span

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def message(**given: Any) -> Message:
    usual = {"text": "Hi", "addresses": [("sms", "+14155550100")]}
    return asked(Flags(**(usual | given)), NOW)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("30m", 1800),
        ("2h", 7200),
        ("1h30m", 5400),
        ("1h 30m", 5400),
        ("45 min", 2700),
        ("1.5h", 5400),
        ("2 days", 172_800),
        ("PT30M", 1800),
        ("P1DT2H", 93_600),
        ("90", 90),
        ("0", 0),
    ],
)
def test_a_span_is_read_as_people_write_it(written: str, seconds: int) -> None:
    assert parse_span(written) == timedelta(seconds=seconds)


@pytest.mark.parametrize("written", ["", "soon", "30x", "m", "-5m", "P", "-PT5M", "9" * 40 + "d"])
def test_what_is_no_span_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="write 30m"):
        parse_span(written)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0s"),
        (0.4, "under 1s"),
        (3, "3s"),
        (492, "8m 12s"),
        (1800, "30m"),
        (7500, "2h 05m"),
        (97_200, "1d 03h"),
    ],
)
def test_a_span_is_shown_in_at_most_two_units(seconds: float, shown: str) -> None:
    assert show_span(timedelta(seconds=seconds)) == shown


def test_a_deadline_is_a_time_or_a_span_from_now() -> None:
    assert parse_moment("2026-12-01T23:00Z", NOW) == datetime(2026, 12, 1, 23, tzinfo=UTC)
    assert parse_moment("6h", NOW) == NOW + timedelta(hours=6)
    assert parse_moment("2026-12-01 18:00", NOW).tzinfo is not None


@pytest.mark.parametrize(
    ("written", "region"),
    [
        ("+14155550100", None),
        ("+1 415 555 0100", None),
        ("+1 (415) 555-0100", None),
        ("(415) 555-0100", "US"),
        ("415.555.0100", "us"),
        ("1-415-555-0100", "US"),
    ],
)
def test_a_phone_number_in_any_spelling_becomes_e164(written: str, region: str | None) -> None:
    assert phone_number(written, region) == "+14155550100"


@pytest.mark.parametrize(
    ("written", "region", "said"),
    [
        ("(415) 555-0100", None, "--region US"),
        ("+1 415 555", None, "no possible phone number"),
        ("+1 415 555 0100 0100", None, "no possible phone number"),
        ("dana@example.com", "US", "no phone number"),
        ("+1 415 555 0100 ext. 7", None, "extension"),
    ],
)
def test_an_impossible_phone_number_is_refused(written: str, region: str | None, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        phone_number(written, region)


def test_the_steps_come_in_the_order_of_the_addresses() -> None:
    given = message(addresses=[("email", "d@example.com"), ("sms", "+14155550100")], wait="20m")

    assert [step.channel for step in given.steps] == [Channel.EMAIL, Channel.SMS]
    assert {step.wait for step in given.steps} == {timedelta(minutes=20)}


def test_steps_say_their_own_order_and_waits() -> None:
    given = message(
        addresses=[("phone", "+1 415 555 0100")],
        steps=["whatsapp:30m", "sms"],
        wait="1h",
        providers=["sms=twilio,vonage"],
    )

    assert [(step.channel, step.wait) for step in given.steps] == [
        (Channel.WHATSAPP, timedelta(minutes=30)),
        (Channel.SMS, timedelta(hours=1)),
    ]
    assert given.steps[1].providers == ("twilio", "vonage")


def test_everything_else_finds_its_place() -> None:
    given = message(
        subject="Delivery",
        choices=["yes=Yes, I am there", "no=No"],
        until=Goal.DELIVERED,
        deadline="6h",
        id="order-1",
        conversation="c-1",
        recipient_id="cust-42",
        name="Dana",
    )

    assert given.id == "order-1"
    assert given.conversation == "c-1"
    assert given.recipient.id == "cust-42"
    assert given.recipient.name == "Dana"
    assert given.content.subject == "Delivery"
    assert [choice.label for choice in given.content.choices] == ["Yes, I am there", "No"]
    assert given.until == Goal.DELIVERED
    assert given.deadline == NOW + timedelta(hours=6)


def test_an_id_is_made_up_that_differs_each_time() -> None:
    assert message().id != message().id


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"text": None}, "--text is needed"),
        ({"addresses": []}, "an address is needed"),
        ({"addresses": [("phone", "+14155550100")]}, "--step sms:30m"),
        ({"addresses": [("fax", "1")]}, "'fax' is not a channel"),
        ({"addresses": [("email", "nobody")]}, "recipient.addresses: email: should be"),
        ({"steps": ["voice:5m"]}, "no address for voice; add --voice"),
        ({"steps": ["fax:5m"]}, "--step fax: not a channel"),
        ({"steps": ["sms:soon"]}, "'soon' is not a span"),
        ({"choices": ["Yes"]}, "like yes=Yes"),
        ({"providers": ["twilio"]}, "like sms=twilio,vonage"),
        ({"providers": ["email=sendgrid"]}, "no step is on email"),
        ({"deadline": "tomorrow"}, "'tomorrow' is not a time"),
        ({"id": "two words"}, "id: "),
    ],
)
def test_what_cannot_be_meant_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput) as refused:
        message(**given)

    assert said in str(refused.value)


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(BadInput) as refused:
        message(text=None, wait="soon", choices=["Yes"], deadline="never")

    assert all(word in str(refused.value) for word in ("--text", "soon", "--choice", "never"))


def test_what_is_besides_the_text_is_taken_as_it_is() -> None:
    asked_for = message(
        choices=["yes=Yes"],
        on_other=Other.ASK_AGAIN,
        confirm_link=True,
        notify="https://shop.example/events",
        context=["order=12=34", "gift="],
    )

    assert asked_for.content.on_other.do == Other.ASK_AGAIN
    assert asked_for.content.confirm_link
    assert asked_for.notify == "https://shop.example/events"
    assert asked_for.context == {"order": "12=34", "gift": ""}


def test_without_more_there_is_no_context_and_nobody_is_told() -> None:
    assert (message().context, message().notify) == (None, None)


def test_an_agent_is_reached_by_address_or_by_notify() -> None:
    team = [("sms", "+14155550100"), ("agent", "team@clinic.example")]
    by_mail = message(addresses=team, choices=["yes=Yes"], on_other=Other.HAND_OVER)
    told = message(steps=["sms", "agent:10m"], notify="https://shop.example/events")

    assert by_mail.address(by_mail.steps[1]) == "team@clinic.example"
    assert [step.channel for step in told.steps] == [Channel.SMS, Channel.AGENT]


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"context": ["order"]}, "--context order: write a name and a value, like order=1234"),
        ({"context": ["=1"]}, "--context =1: write a name and a value"),
        ({"steps": ["sms", "agent"]}, "--step agent: there is no address for agent"),
        ({"on_other": Other.ASK_AGAIN}, "content.on_other: ask_again needs choices"),
        ({"on_other": Other.HAND_OVER}, "hand_over needs a step whose channel is agent"),
        ({"notify": "ftp://x.example"}, "notify"),
    ],
)
def test_what_is_wrong_with_it_is_said(given: dict[str, Any], fault: str) -> None:
    with pytest.raises(BadInput) as refused:
        message(**given)

    assert fault in str(refused.value)
