"""What a message may say, and how what is wrong with one is told."""

import json
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from failover.message import InvalidMessage, Message, parse_message
from tests.plans import message, plan

PHONE = {"addresses": {"phone": "+14155550100"}}


def refused(**overrides: Any) -> str:
    with pytest.raises(InvalidMessage) as error:
        parse_message(plan(**overrides))
    return str(error.value)


def test_the_contracts_own_example_is_a_message() -> None:
    example = parse_message(
        """{
        "id": "order-1234-delivery",
        "conversation": "order-1234",
        "recipient": {
          "id": "cust-42", "name": "Dana", "locale": "en", "time_zone": "America/New_York",
          "addresses": {"whatsapp": "+14155550100", "sms": "+14155550100",
                        "email": "dana@example.com", "voice": "+14155550100"}
        },
        "content": {
          "subject": "Your delivery today",
          "text": "Hi Dana, can you be home at 9 pm?",
          "choices": [{"id": "yes", "label": "Yes"}, {"id": "no", "label": "No"}]
        },
        "steps": [
          {"channel": "whatsapp", "wait": "PT30M", "deliver_within": "PT2M"},
          {"channel": "sms", "wait": "PT20M", "providers": ["twilio", "vonage"]},
          {"channel": "email", "wait": "PT2H"},
          {"channel": "voice", "wait": "PT5M"}
        ],
        "until": "replied",
        "deadline": "2026-12-01T23:00:00Z"
        }"""
    )

    assert example.steps[0].wait == timedelta(minutes=30)
    assert example.steps[1].providers == ("twilio", "vonage")


def test_only_id_addresses_content_and_steps_are_required() -> None:
    parse_message(
        {
            "id": "a",
            "recipient": PHONE,
            "content": {"text": "Hi"},
            "steps": [{"channel": "sms", "wait": 1}],
        }
    )


def test_a_message_is_the_same_after_a_trip_through_json() -> None:
    whole = message(
        hours={"days": ["mon"], "from": "08:00", "to": "21:00"},
        deadline="2026-12-01T23:00:00+02:00",
        recipient={**PHONE, "time_zone": "Europe/Berlin"},
    )

    assert parse_message(whole.model_dump_json()) == whole


@pytest.mark.parametrize(
    ("overrides", "fault"),
    [
        pytest.param({"id": ""}, "id: ", id="no id"),
        pytest.param({"id": "a b"}, "id: ", id="a space in the id"),
        pytest.param({"id": "x" * 91}, "id: ", id="an id too long for a reference"),
        pytest.param({"steps": []}, "steps: ", id="no steps"),
        pytest.param({"until": "answered"}, "until: ", id="an unknown goal"),
        pytest.param({"untill": "read"}, "untill: ", id="a misspelt field"),
        pytest.param({"deadline": "2026-12-01T23:00:00"}, "deadline: ", id="no time zone"),
        pytest.param({"content": {"text": ""}}, "content.text: ", id="nothing to say"),
        pytest.param(
            {"content": {"text": "a", "subject": "a\r\nBcc: b"}},
            "content.subject: should have no control characters",
            id="a subject that smuggles headers",
        ),
        pytest.param(
            {
                "content": {
                    "text": "a",
                    "choices": [{"id": "a", "label": "A"}, {"id": "A", "label": "B"}],
                }
            },
            "content.choices: two choices have the same id",
            id="two choices of one id",
        ),
        pytest.param(
            {"recipient": {"addresses": {}}}, "recipient.addresses: ", id="no addresses at all"
        ),
        pytest.param(
            {"recipient": {"addresses": {"fax": "+14155550100"}}},
            "recipient.addresses: fax: not a channel",
            id="an address of no channel",
        ),
        pytest.param(
            {"recipient": {**PHONE, "time_zone": "Berlin"}},
            "recipient.time_zone: should be an IANA time zone",
            id="a time zone that does not exist",
        ),
        pytest.param(
            {"recipient": {**PHONE, "time_zone": "../../etc/passwd"}},
            "recipient.time_zone: should be an IANA time zone",
            id="a time zone that is a path",
        ),
        pytest.param(
            {
                "hours": {"from": "08:00", "to": "21:00"},
                "recipient": {"addresses": {"email": "dana@example.com"}},
                "steps": [{"channel": "email", "wait": 60}],
            },
            "hours: recipient.time_zone or a phone number is needed",
            id="hours of nowhere",
        ),
        pytest.param(
            {"hours": {"from": "08:00", "to": "08:00"}, "recipient": {**PHONE, "time_zone": "UTC"}},
            "hours: from and to are the same time",
            id="no hours",
        ),
    ],
)
def test_what_is_wrong_is_named(overrides: dict[str, Any], fault: str) -> None:
    assert fault in refused(**overrides)


@pytest.mark.parametrize(
    ("step", "fault"),
    [
        ({"channel": "fax", "wait": 1}, "steps.0.channel"),
        ({"channel": "sms"}, "steps.0.wait"),
        ({"channel": "sms", "wait": -1}, "steps.0.wait"),
        ({"channel": "sms", "wait": "PT999999999H"}, "steps.0.wait"),
        ({"channel": "sms", "wait": "soon"}, "steps.0.wait"),
        ({"channel": "sms", "wait": float("nan")}, "steps.0.wait"),
        ({"channel": "sms", "wait": 1, "providers": []}, "steps.0.providers"),
        ({"channel": "sms", "wait": 1, "providers": ["a", "a"]}, "steps.0.providers"),
        ({"channel": "sms", "wait": 1, "to": "dana@example.com"}, "steps.0: to: sms"),
        ({"channel": "email", "wait": 1, "to": "a@b\nBcc: c"}, "steps.0: to: email"),
    ],
)
def test_what_is_wrong_with_a_step_is_named(step: dict[str, Any], fault: str) -> None:
    assert fault in refused(steps=[step])


@pytest.mark.parametrize(
    "address",
    [
        "4155550177",
        "+1 415 555 0177",
        "+0415555",
        "+1415555010012345",
        "+12",
        "whatsapp:+14155550177",
    ],
)
def test_a_phone_address_is_e_164_with_plus(address: str) -> None:
    fault = refused(recipient={"addresses": {"sms": address}})

    assert "sms: should be a phone number in E.164" in fault
    assert address not in fault


def test_everything_wrong_is_told_at_once() -> None:
    fault = refused(
        id="a b", until="x", steps=[{"channel": "sms"}], recipient={"addresses": {"sms": "1"}}
    )

    for named in ("id: ", "until: ", "steps.0.wait: ", "recipient.addresses: "):
        assert named in fault


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"hi"', "{'id': 1}", '{"id": "\\ud800"}'])
def test_what_is_no_json_object_is_an_invalid_message(text: str) -> None:
    with pytest.raises(InvalidMessage, match=r"^invalid message: "):
        parse_message(text)


def test_phone_serves_every_phone_channel_without_an_address_of_its_own() -> None:
    asked = message(
        recipient={"addresses": {"phone": "+14155550100", "sms": "+14155550199"}},
        steps=[
            {"channel": "sms", "wait": 1},
            {"channel": "voice", "wait": 1},
            {"channel": "email", "wait": 1},
            {"channel": "voice", "wait": 1, "to": "+14155550123"},
        ],
    )

    reached = [asked.address(step) for step in asked.steps]
    assert reached == ["+14155550199", "+14155550100", None, "+14155550123"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from([*Message.model_fields, "other"])


@given(st.dictionaries(FIELDS, JSON, max_size=6))
def test_whatever_is_given_is_a_message_or_an_invalid_one(given: dict[str, Any]) -> None:
    with suppress(InvalidMessage):
        parsed = parse_message(json.dumps({**plan(), **given}))
        again = parsed.model_dump_json()
        assert Message.model_validate_json(again) == parsed


def test_a_list_with_a_faulty_item_is_not_called_too_short() -> None:
    assert "at least 1 item" not in refused(steps=[{"channel": "sms"}])
    assert "at least 1 item" in refused(steps=[])


def test_an_address_where_a_channel_should_be_is_not_told() -> None:
    swapped = {"+14155550177": "sms", "dana@example.org": "email"}

    fault = refused(recipient={"addresses": swapped})

    assert "4155550177" not in fault
    assert "dana@" not in fault
    assert "not a channel" in fault


def test_of_very_many_faults_the_first_are_told() -> None:
    fault = refused(**{f"field{number}": 1 for number in range(5000)})

    assert "and 4980 more" in fault
    assert len(fault) < 5000


@pytest.mark.parametrize("name", ["localtime", "posixrules", "right/UTC", "posix/Europe/Berlin"])
def test_a_time_zone_of_this_host_only_is_refused(name: str) -> None:
    assert "IANA" in refused(recipient={**PHONE, "time_zone": name})
