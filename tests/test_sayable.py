"""Words that nobody could read, or that a provider refuses: found before anything is sent."""

from typing import Any

import pytest

from activities.checking import Found, check, check_by_table
from activities.planned import Installed
from failover.message import Message, parse_message
from tests.plans import message

WHATSAPP = {"channel": "whatsapp", "wait": 60}
MESSENGER = {"channel": "messenger", "wait": 60}
SID = "HX" + "0" * 32


def asked(content: dict[str, Any], *steps: dict[str, Any], **more: Any) -> Message:
    person = {"name": "Dana", "addresses": {"phone": "+14155550100", "messenger": "123"}}
    given = {"recipient": person, "steps": steps or [{"channel": "sms", "wait": 60}], **more}
    return message(content={"text": "Home?", **content}, **given)


def found(content: dict[str, Any], *steps: dict[str, Any], **more: Any) -> Found:
    return check_by_table(asked(content, *steps, **more))


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"text": " \n\t "}, "content.text"),
        ({"text": "\u200b\u00a0\ufeff"}, "content.text"),
        ({"text": "{{ ' ' }}", "liquid": True}, "content.text"),
        ({"text": "{% if true %} {% endif %}\n", "liquid": True}, "content.text"),
        ({"html": "\r\n"}, "content.html"),
        ({"choices": [{"id": "a", "label": "A"}, {"id": "b", "label": "\u2003"}]},
         "content.choices.1.label"),
        ({"by_channel": {"sms": {"text": " "}}}, "content.by_channel.sms.text"),
    ],
)  # fmt: skip
def test_what_nobody_could_read_is_refused(content: dict[str, Any], field: str) -> None:
    assert found(content).faults == (f"{field}: has nothing in it that can be read",)


@pytest.mark.parametrize("text", [".", "👍", "\U0001fae9", "لا", "  x"])
def test_what_can_be_read_is_not(text: str) -> None:
    assert found({"text": text}) == Found()


def test_a_text_of_white_space_that_was_recorded_can_still_be_read() -> None:
    recorded = asked({"text": " ", "messenger": {"tag": "NO_SUCH_TAG"}}).model_dump_json()

    assert parse_message(recorded).content.text == " "


@pytest.mark.parametrize(
    ("value", "liquid", "faults"),
    [
        ("9    pm", False, ()),
        ("9     pm", False, ("1",)),
        ("{{ context.gap }}", True, ("1",)),
    ],
)
def test_twilio_takes_at_most_four_spaces_together_in_a_variable(
    value: str, liquid: bool, faults: tuple[str, ...]
) -> None:
    template = {"twilio": {"sid": SID, "variables": {"1": value, "2": "x"}}}
    content = {"template": template, "liquid": liquid}

    told = found(content, WHATSAPP, context={"gap": "a" + " " * 5 + "b"}).faults

    assert [fault.partition(":")[0] for fault in told] == [
        f"content.template.twilio.variables.{name}" for name in faults
    ]


def test_a_template_that_goes_by_another_provider_may_have_gaps() -> None:
    content = {"template": {"twilio": {"sid": SID, "variables": {"1": "a      b"}}}}

    assert found(content, {**WHATSAPP, "providers": ["vonage"]}) == Found()
    assert found(content, {"channel": "sms", "wait": 60}) == Found()


@pytest.mark.parametrize(
    "tag", ["ACCOUNT_UPDATE", "CONFIRMED_EVENT_UPDATE", "HUMAN_AGENT", "POST_PURCHASE_UPDATE"]
)
def test_messengers_tags_are_known(tag: str) -> None:
    vonage = {**MESSENGER, "providers": ["vonage"]}

    assert found({"messenger": {"tag": tag}}, vonage) == Found()


def test_a_tag_that_messenger_does_not_have_is_refused() -> None:
    [told] = found({"messenger": {"tag": "NO_SUCH_TAG"}}, MESSENGER).faults

    assert told.startswith("content.messenger.tag: is none of Messenger's, which are ACCOUNT_")


def test_a_tag_is_for_messenger_alone() -> None:
    assert found({"messenger": {"tag": "NO_SUCH_TAG"}}) == Found()


def test_a_tag_that_twilio_takes_no_notice_of_is_told() -> None:
    given = asked({"messenger": {"tag": "HUMAN_AGENT"}}, MESSENGER)

    told = check(given, Installed({"messenger": ["twilio"]}))

    assert not told.faults
    assert [one.partition(":")[0] for one in told.warnings] == ["content.messenger.tag"]
    assert "ACCOUNT_UPDATE" in told.warnings[0]
