"""What is found wrong with a plan before anything is sent, and what is only told."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from activities.checking import Found, check, check_by_table, in_one
from failover.channels import Channel
from failover.message import Message, parse_message
from tests.push import Browser

OFFERS = {
    "sms": ["twilio", "vonage"],
    "whatsapp": ["twilio", "vonage"],
    "messenger": ["twilio", "vonage"],
    "email": ["sendgrid"],
    "voice": ["twilio"],
    "push": ["fcm"],
    "agent": ["sendgrid"],
}
ADDRESSES = {
    "phone": "+14155550100",
    "email": "dana@example.com",
    "push": "a-token",
    "messenger": "24681357",
}


def planned(*steps: dict[str, Any], **more: Any) -> Message:
    raw = {
        "id": "order-1",
        "recipient": {"addresses": ADDRESSES},
        "content": {"text": "Can you be home at 9 pm?"},
        "steps": [{"wait": 60, **step} for step in steps],
    }
    return parse_message(raw | more)


def found(
    *steps: dict[str, Any], offers: Mapping[str, Sequence[str]] = OFFERS, **more: Any
) -> Found:
    return check(planned(*steps, **more), offers)


@pytest.mark.parametrize("channel", sorted(set(OFFERS) - {"agent"}))
def test_a_plan_that_can_be_sent_has_no_fault(channel: str) -> None:
    assert found({"channel": channel}) == Found()


def said(characters: int, **more: Any) -> dict[str, Any]:
    return {"content": {"text": "x" * characters, **more}}


@pytest.mark.parametrize(
    ("step", "more", "fault"),
    [
        pytest.param(
            {"channel": "viber"}, {}, "steps.0.channel: viber is not offered", id="a channel"
        ),
        pytest.param(
            {"channel": "sms", "providers": ["twilio", "acme"]},
            {},
            "steps.0.providers: sms by acme is not offered",
            id="a provider without credentials",
        ),
        pytest.param(
            {"channel": "push", "to": '{"endpoint":"https://push.example.com"}'},
            {},
            "steps.0.to: fcm takes a registration token of FCM",
            id="a subscription, where only FCM is configured",
        ),
        pytest.param(
            {"channel": "messenger", "to": "7" * 51},
            {},
            "steps.0.to: twilio takes the person's id on your page, "
            "vonage takes the person's id on your page",
            id="an id of Messenger that is none",
        ),
        pytest.param(
            {"channel": "sms"},
            said(3201),
            "content.text: sms has at most 1600 characters by twilio, 3200 characters by vonage",
            id="a text that nobody carries",
        ),
        pytest.param(
            {"channel": "sms", "providers": ["twilio"]},
            said(1595, choices=[{"id": "yes", "label": "Yes"}]),
            "content.text: sms has at most 1600 characters by twilio",
            id="a text that is too long with its choices",
        ),
        pytest.param(
            {"channel": "sms", "providers": ["twilio"], **said(1601)},
            {},
            "steps.0.content.text: sms has at most 1600 characters by twilio",
            id="a step's own text",
        ),
        pytest.param(
            {"channel": "voice"},
            said(10, by_channel={"voice": {"text": "x" * 3990}}),
            "content.by_channel.voice.text: voice has at most 4000 characters of TwiML by twilio",
            id="a channel's own text, with the keys around it",
        ),
        pytest.param(
            {"channel": "sms", "providers": ["twilio"]},
            said(10, locales={"en": {"text": "x" * 1601}}),
            "content.locales.en.text: sms has at most 1600 characters by twilio",
            id="a language's text",
        ),
        pytest.param(
            {"channel": "push"},
            said(1400, subject="é" * 1000) | {"content": {"text": "é" * 2049}},
            "content.text: push has at most 4096 bytes of data by fcm",
            id="a push, in bytes",
        ),
        pytest.param(
            {"channel": "sms"},
            {"until": "read"},
            "until: sms by twilio or vonage never reports read",
            id="a goal that never comes",
        ),
        pytest.param(
            {"channel": "messenger", "providers": ["twilio"], "until": "read"},
            {},
            "steps.0.until: messenger by twilio never reports read",
            id="a goal that another provider would report",
        ),
    ],
)
def test_a_plan_that_cannot_be_sent_is_found_out(
    step: dict[str, Any], more: dict[str, Any], fault: str
) -> None:
    assert found(step, **more) == Found(faults=(fault,))


def test_every_fault_is_named_at_once() -> None:
    steps = ({"channel": "viber"}, {"channel": "push", "to": "{"}, {"channel": "voice"})

    faults = found(*steps, **said(4000), until="read").faults

    assert [fault.partition(":")[0] for fault in faults] == [
        "steps.0.channel",
        "steps.1.to",
        "content.text",
    ]


def test_no_fault_tells_an_address_or_a_text() -> None:
    steps = ({"channel": "push", "to": "{secret"}, {"channel": "sms", "to": "+14155550199"})

    told = in_one(found(*steps, content={"text": "private " * 500}).faults)

    assert told
    assert not [word for word in ("secret", "private", "4155550199") if word in told]


def test_a_fault_that_many_steps_have_is_named_once() -> None:
    assert len(found(*[{"channel": "voice"}] * 5, **said(4001)).faults) == 1


def test_more_than_twenty_faults_are_counted() -> None:
    faults = found(*[{"channel": "viber"}] * 23).faults

    assert in_one(faults).endswith("steps.19.channel: viber is not offered; and 3 more")


@pytest.mark.parametrize(
    ("steps", "more", "warning"),
    [
        pytest.param(
            [{"channel": "sms", "until": "read"}, {"channel": "whatsapp"}],
            {},
            "steps.0.until: sms by twilio or vonage never reports read, so it is skipped",
            id="one step's goal",
        ),
        pytest.param(
            [{"channel": "messenger", "providers": ["twilio"]}, {"channel": "whatsapp"}],
            {"until": "read"},
            "until: messenger by twilio never reports read",
            id="a goal that only the provider never reports",
        ),
        pytest.param(
            [{"channel": "sms"}, {"channel": "agent", "to": "team@example.com"}],
            {"until": "read"},
            "until: sms by twilio or vonage never reports read, so it is skipped",
            id="no goal, and an agent who is asked after it",
        ),
        pytest.param(
            [{"channel": "sms"}],
            said(1601),
            "content.text: sms has at most 1600 characters by twilio",
            id="a text that one of two providers carries",
        ),
        pytest.param(
            [{"channel": "email"}, {"channel": "sms"}],
            {"recipient": {"addresses": {"email": "d@example.com"}}},
            "steps.1: there is no address for sms, so it is skipped",
            id="no address",
        ),
    ],
)
def test_what_the_rest_of_a_plan_goes_on_without_is_told(
    steps: list[dict[str, Any]], more: dict[str, Any], warning: str
) -> None:
    assert found(*steps, **more) == Found(warnings=(warning,))


def test_people_with_either_kind_of_push_are_served_by_one_plan() -> None:
    both = {"push": ["fcm", "webpush"]}

    assert found({"channel": "push"}, offers=both) == Found()
    assert (
        found({"channel": "push", "to": Browser("https://push.example.com/1").address}, offers=both)
        == Found()
    )
    assert found({"channel": "push"}, offers={"push": ["webpush"]}).faults == (
        "recipient.addresses.push: webpush takes the JSON of a browser's subscription",
    )


def test_choices_that_are_buttons_are_no_part_of_the_text() -> None:
    def choices(*labels: str) -> list[dict[str, str]]:
        return [{"id": label, "label": label} for label in labels]

    step = {"channel": "whatsapp", "providers": ["twilio"]}

    assert not found(step, **said(1024, choices=choices("Yes", "No"))).faults
    assert not found(step, **said(1570, choices=choices("Yes", "No"))).faults
    assert found(step, **said(1595, choices=choices("Yes", "No"))).faults


def test_a_template_is_sent_instead_of_the_text() -> None:
    template = {"twilio": {"sid": f"HX{'0' * 32}"}}
    step = {"channel": "whatsapp", "providers": ["twilio"]}

    assert not found(step, **said(5000, template=template)).faults
    assert found(step | {"providers": ["vonage"]}, **said(5000, template=template)).faults


def test_a_template_of_ours_is_measured_as_it_is_said() -> None:
    liquid = {"content": {"text": "Hi {{ recipient.name }}" + "x" * 1590, "liquid": True}}
    step = {"channel": "sms", "providers": ["twilio"]}

    def named(name: str | None) -> dict[str, Any]:
        return liquid | {"recipient": {"addresses": ADDRESSES, "name": name}}

    assert found(step, **named("Dana")).faults == ()
    assert [one.content.text[:7] for one in found(step, **named("Dana")).said] == ["Hi Dana"]
    assert found(step, **named("Dana Scully")).faults == (
        "content.text: sms has at most 1600 characters by twilio",
    )
    assert [fault.partition(":")[0] for fault in found(step, **named(None)).faults] == [
        "content.text"
    ]


def test_a_provider_of_which_nothing_is_known_may_do_it() -> None:
    assert found({"channel": "sms"}, offers={"sms": ["acme"]}, **said(9000)) == Found()


def test_without_an_installation_only_what_nobody_can_do_is_a_fault() -> None:
    nobody = planned({"channel": "sms"}, {"channel": "viber"}, **said(6000))
    named = planned({"channel": "sms", "providers": ["acme"]}, **said(6000))
    agent = planned({"channel": "agent", "to": "team@example.com", "providers": ["sendgrid"]})
    two = planned(
        {"channel": "sms", "providers": ["one"]}, {"channel": "sms", "providers": ["two"]}
    )

    assert [fault.partition(" has")[0] for fault in check_by_table(nobody).faults] == [
        "content.text: sms",
        "content.text: viber",
    ]
    assert not check_by_table(named).faults
    assert not check_by_table(agent).faults
    assert not check_by_table(two).faults
    for channel in set(Channel) - {Channel.AGENT}:
        assert not check_by_table(planned({"channel": channel})).faults
