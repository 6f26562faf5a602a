"""What is found wrong with a plan before anything is sent, and what is only told."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from activities.checking import Found, check, check_by_table, in_one
from activities.planned import Installed
from failover.channels import Channel, Goal
from failover.message import Message, parse_message
from failover.notify import Targets
from providers.links import Links
from tests.push import Browser

OFFERS = {
    "sms": ["twilio", "vonage"],
    "whatsapp": ["twilio", "vonage"],
    "messenger": ["twilio", "vonage"],
    "email": ["sendgrid"],
    "mms": ["twilio", "vonage"],
    "rcs": ["twilio", "vonage"],
    "voice": ["twilio"],
    "push": ["fcm"],
    "agent": ["sendgrid"],
}
ADDRESSES = {
    "phone": "+14155550100",
    "email": "dana@example.com",
    "push": "a-token",
    "messenger": "1254477777772919",
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
    return check(planned(*steps, **more), Installed(offers, Targets(private=())))


@pytest.mark.parametrize("channel", sorted(set(OFFERS) - {"agent"}))
def test_a_plan_that_can_be_sent_has_no_fault(channel: str) -> None:
    assert found({"channel": channel}) == Found()


def said(characters: int, **more: Any) -> dict[str, Any]:
    return {"content": {"text": "x" * characters, **more}}


def files(*captions: int | None) -> list[dict[str, Any]]:
    """Pictures with captions of so many characters."""
    given = [{"caption": "c" * length} if length else {} for length in captions]
    url = "https://example.com/1.png"
    return [{"url": url, "kind": "image", **caption} for caption in given]


def choices(*labels: str) -> list[dict[str, str]]:
    return [{"id": label, "label": label} for label in labels]


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
            {"channel": "mms", "providers": ["vonage"]},
            said(2500, media=files(900)),
            "content.text: mms has at most 3000 characters with a file by vonage, "
            "with captions and links",
            id="a caption beside the text",
        ),
        pytest.param(
            {"channel": "messenger", "providers": ["vonage"]},
            said(600, media=files(900)),
            "content.text: messenger has at most 640 characters by vonage, with captions and links",
            id="media that are links",
        ),
        pytest.param(
            {"channel": "sms", "providers": ["twilio"]},
            said(600, media=files(900, 900)),
            "content.text: sms has at most 1600 characters by twilio, with captions and links",
            id="many captions",
        ),
        pytest.param(
            {"channel": "rcs", "providers": ["vonage"]},
            said(3072, media=files(None), choices=choices(*"123456789")),
            "content.text: rcs has at most 3072 characters by vonage, with captions and links",
            id="a picture without the title that a card needs",
        ),
        pytest.param(
            {"channel": "sms", "providers": ["vonage"]},
            said(3195, confirm_link=True),
            "content.text: sms has at most 3200 characters by vonage, with captions and links",
            id="a link that is added when it is sent",
        ),
        pytest.param(
            {"channel": "push", "providers": ["fcm"]},
            said(4000),
            "content.text: push has at most 4096 bytes of data by fcm",
            id="what a push brings besides the text",
        ),
        pytest.param(
            {"channel": "voice"},
            said(91_000) | {"offers": {"voice": ["vonage"]}},
            "content.text: voice has at most 18000 letters and digits by vonage",
            id="a call that would last an hour",
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
        pytest.param(
            {"channel": "messenger"},
            {"until": "read"},
            "until: messenger by twilio never reports read, and is asked before vonage",
            id="a goal that the provider asked first never reports",
        ),
        pytest.param(
            {"channel": "push", "to": "+14155550100"},
            {},
            "steps.0.to: fcm takes a registration token of FCM",
            id="a phone number for a push",
        ),
        pytest.param(
            {"channel": "messenger", "to": "dana@example.com", "providers": ["vonage"]},
            {},
            "steps.0.to: vonage takes the person's id on your page",
            id="an email address for Messenger",
        ),
        pytest.param(
            {"channel": "sms"},
            {"notify": "http://127.0.0.1/events"},
            "notify: should be an https URL; NOTIFY_ALLOW_PRIVATE has no such host",
            id="a service that cannot be told",
        ),
        pytest.param(
            {"channel": "sms", "to": "+883510000000094"},
            {"hours": {"from": "09:00", "to": "21:00"}},
            "hours: the number of steps.0 is in no known time zone",
            id="hours of nowhere",
        ),
        pytest.param(
            {"channel": "sms"},
            {"recipient": {"addresses": {"email": "dana@example.com"}}},
            "recipient.addresses: there is none for any step",
            id="nobody to send it to",
        ),
    ],
)
def test_a_plan_that_cannot_be_sent_is_found_out(
    step: dict[str, Any], more: dict[str, Any], fault: str
) -> None:
    result = found(step, **more)

    assert result.faults == (fault,)


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
            [{"channel": "messenger", "providers": ["vonage", "twilio"]}],
            {"until": "read"},
            "until: messenger by twilio never reports read",
            id="a goal that only the provider asked last never reports",
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


def test_providers_that_are_not_offered_hide_no_fault_of_those_that_are() -> None:
    step = {"channel": "sms", "providers": ["acme", "twilio"]}

    assert found(step, **said(1601)) == Found(
        faults=(
            "steps.0.providers: sms by acme is not offered",
            "content.text: sms has at most 1600 characters by twilio",
        )
    )


def test_agents_alone_are_somebody_to_send_it_to() -> None:
    nobody: dict[str, Any] = {"recipient": {"addresses": {"email": "dana@example.com"}}}
    mailed = {"channel": "agent", "to": "team@example.com"}
    told = {"notify": {"workflow_id": "orders", "signal": "told"}}

    assert not found({"channel": "sms"}, mailed, **nobody).faults
    assert not found({"channel": "sms"}, {"channel": "agent"}, **nobody, **told).faults


def installed(lacks: Mapping[Goal, str], url: str = "https://x.example.com") -> Installed:
    unheard = {("email", "sendgrid"): lacks, ("sms", "twilio"): lacks}
    return Installed(OFFERS, unheard=unheard, links=Links("secret", url))


NO_KEY = {Goal.DELIVERED: "SENDGRID_EVENT_PUBLIC_KEY is not set"}
NO_DOMAIN = {Goal.REPLIED: "SENDGRID_REPLY_DOMAIN is not set"}
NEVER_DELIVERED = (
    "until: email by sendgrid never reports delivered: SENDGRID_EVENT_PUBLIC_KEY is not set"
)


def test_a_goal_that_this_installation_does_not_hear_of_is_never_reached() -> None:
    alone = planned({"channel": "email"}, until="delivered")
    among = planned({"channel": "email"}, {"channel": "whatsapp"}, until="delivered")

    assert check(alone, installed(NO_KEY)) == Found(faults=(NEVER_DELIVERED,))
    assert check(among, installed(NO_KEY)) == Found(warnings=(NEVER_DELIVERED,))
    assert check(alone, installed({})) == Found()


def test_an_answer_that_this_installation_does_not_hear_may_come_on_another_way() -> None:
    """A service may tell of it by the signal `responded`, so it is told and not refused."""
    plain = planned({"channel": "email"})
    linked = planned({"channel": "email"}, content={"text": "Hi", "confirm_link": True})
    delivered = planned({"channel": "email"}, until="delivered")

    assert check(plain, installed(NO_DOMAIN)) == Found(
        warnings=(
            "until: no answer to email by sendgrid is heard: SENDGRID_REPLY_DOMAIN is not set",
        )
    )
    assert check(linked, installed(NO_DOMAIN)) == Found()
    assert check(delivered, installed(NO_DOMAIN)) == Found()


def test_the_links_of_an_installation_count_as_long_as_they_are() -> None:
    step = {"channel": "sms", "providers": ["twilio"]}
    message = planned(step, **said(1500, confirm_link=True))

    assert not check(message, installed({}, "https://x.example.com")).faults
    assert check(message, installed({}, f"https://{'x' * 60}.example.com")).faults


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


def test_without_an_installation_nobody_knows_who_is_asked_first() -> None:
    step = {"channel": "messenger", "until": "read"}

    assert not check_by_table(planned(step)).faults
    assert check_by_table(planned(step | {"providers": ["twilio", "vonage"]})).faults
    assert not check_by_table(planned(step | {"providers": ["vonage", "twilio"]})).faults
