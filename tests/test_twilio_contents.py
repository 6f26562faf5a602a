"""Choices on WhatsApp by Twilio: templates made once, and lines of text where there are none."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from failover.channels import Channel
from failover.content import Choice, Content
from providers.base import Accepted, Outbound, ProviderUnavailable, Sender
from providers.settings import PublicSettings
from providers.twilio.client import client
from providers.twilio.contents import ASKED, Contents
from providers.twilio.filled import filled
from providers.twilio.messages import Messages
from providers.twilio.provider import senders
from providers.twilio.settings import TwilioSettings
from providers.within import within
from simulator.testing import until
from tests.callbacks import BASE_URL, KEY, TOKEN
from tests.canned import Answer, Canned, Request, canned_server

ACCOUNT = "AC00000000000000000000000000000001"
SID, TEMPLATE = "SM00000000000000000000000000000001", "HX00000000000000000000000000000001"
OURS, PERSON = "+15005550006", "+14155550100"
PUBLIC = PublicSettings.model_validate({"public_base_url": BASE_URL, "address_key": KEY})
MADE, LISTED = "/v1/Content", "/v2/Content"
SENT = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
TEXT = "Can you be home at 9 pm?"
YES_NO = (Choice(id="yes", label="Yes"), Choice(id="no", label="No"))
FIVE = tuple(Choice(id=f"at-{n}", label=f"At {n} o'clock") for n in range(5))


def listing(*contents: dict[str, str]) -> Answer:
    meta = {"key": "contents", "next_page_url": None}
    return Answer(200, json.dumps({"contents": contents, "meta": meta}))


@pytest.fixture
def twilio() -> Iterator[Canned]:
    with canned_server() as canned:
        canned.answers[LISTED] = listing()
        canned.answers[MADE] = Answer(201, json.dumps({"sid": TEMPLATE}))
        canned.answers[SENT] = Answer(201, json.dumps({"sid": SID, "status": "queued"}))
        yield canned


def settings(url: str, **more: Any) -> TwilioSettings:
    given = {"account_sid": ACCOUNT, "auth_token": TOKEN, "from": OURS, "whatsapp_from": OURS}
    return TwilioSettings.model_validate({**given, "api_base_url": url, **more})


def sender(url: str, channel: Channel = Channel.WHATSAPP, **more: Any) -> Sender:
    return senders(settings(url, **more), PUBLIC)[channel]


def outbound(text: str = TEXT, choices: tuple[Choice, ...] = YES_NO, **more: Any) -> Outbound:
    given = {
        "reference": "order-1.2",
        "channel": Channel.WHATSAPP,
        "provider": "twilio",
        "to": PERSON,
        "content": Content(text=text, choices=choices),
        "valid_for": timedelta(minutes=20),
    }
    return Outbound.model_validate({**given, **more})


def made(twilio: Canned) -> list[Any]:
    return [json.loads(request.body) for request in twilio.to(MADE)]


def variables(request: Request) -> Any:
    return json.loads(request.field("ContentVariables") or "{}")


def test_up_to_three_short_choices_are_quick_replies(twilio: Canned) -> None:
    result = sender(twilio.url).send(outbound())

    assert isinstance(result, Accepted)
    [template], [message] = made(twilio), twilio.to(SENT)
    assert template["types"] == {
        "twilio/quick-reply": {
            "body": "{{1}}",
            "actions": [
                {"type": "QUICK_REPLY", "title": "Yes", "id": "yes"},
                {"type": "QUICK_REPLY", "title": "No", "id": "no"},
            ],
        }
    }
    assert (message.field("ContentSid"), message.field("Body")) == (TEMPLATE, None)
    assert variables(message) == {"1": TEXT}


def test_more_choices_are_a_list_that_opens_in_the_persons_language(twilio: Canned) -> None:
    sender(twilio.url).send(outbound(choices=FIVE, locale="de_AT"))

    [template] = made(twilio)
    picker = template["types"]["twilio/list-picker"]
    assert (template["language"], picker["button"]) == ("de", "Auswählen")
    assert [(row["id"], row["item"]) for row in picker["items"]] == [
        (choice.id, choice.label) for choice in FIVE
    ]


def test_a_template_is_made_once_for_all_texts(twilio: Canned) -> None:
    whatsapp = sender(twilio.url)
    whatsapp.send(outbound("Home at 9?"))
    whatsapp.send(outbound("Home at 10?", to="+14155550101"))

    assert len(twilio.to(MADE)) == len(twilio.to(LISTED)) == 1
    assert [variables(one) for one in twilio.to(SENT)] == [
        {"1": "Home at 9?"},
        {"1": "Home at 10?"},
    ]


def test_sends_at_the_same_time_make_one_template(twilio: Canned) -> None:
    whatsapp = sender(twilio.url)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(whatsapp.send, [outbound()] * 16))

    assert len(twilio.to(MADE)) == 1
    assert {one.field("ContentSid") for one in twilio.to(SENT)} == {TEMPLATE}


def test_other_choices_and_other_languages_are_other_templates(twilio: Canned) -> None:
    whatsapp = sender(twilio.url)
    for one in (outbound(), outbound(choices=YES_NO[::-1]), outbound(locale="de")):
        whatsapp.send(one)

    assert len({template["friendly_name"] for template in made(twilio)}) == 3


def test_a_template_of_another_process_is_found_by_its_name(twilio: Canned) -> None:
    rich = filled(outbound())
    assert rich
    other = {"friendly_name": f"{rich.name}-more", "sid": "HX" + "2" * 32}
    twilio.answers[LISTED] = listing(other, {"friendly_name": rich.name, "sid": TEMPLATE})

    sender(twilio.url).send(outbound())

    assert twilio.to(MADE) == []
    assert twilio.to(LISTED)[0].field("ContentName") == rich.name
    assert twilio.to(SENT)[0].field("ContentSid") == TEMPLATE


def test_line_breaks_are_the_templates_and_every_line_is_a_variable(twilio: Canned) -> None:
    link = "https://hooks.example.com/answer/x"
    said = outbound("\nHi Dana,\r\n\n\tcan you      be home?\n \nWe hope so.", link=link)
    sender(twilio.url).send(said)

    [template], [message] = made(twilio), twilio.to(SENT)
    body = template["types"]["twilio/quick-reply"]["body"]
    assert body == "{{1}}\n\n{{2}}\n\n{{3}}\n\n{{4}}"
    assert list(variables(message).values()) == [
        "Hi Dana,",
        "can you    be home?",
        "We hope so.",
        link,
    ]
    rich = filled(said)
    assert rich
    assert rich.said == f"Hi Dana,\n\ncan you    be home?\n\nWe hope so.\n\n{link}"


LINES = {
    "no choices": outbound(choices=()),
    "a label longer than a list takes": outbound(choices=(Choice(id="y", label="a" * 25),)),
    "a text longer than buttons take": outbound("a" * 1025),
    "a label that would be a variable": outbound(choices=(Choice(id="y", label="{{1}}"),)),
    "an id that would be a variable": outbound(choices=(Choice(id="{{1}}", label="Yes"),)),
    "nothing but spaces": outbound(" \n "),
    "more lines than a template has variables": outbound("\n".join(["a"] * 101)),
}


@pytest.mark.parametrize("said", LINES.values(), ids=LINES)
def test_what_no_template_can_show_is_lines_of_text(twilio: Canned, said: Outbound) -> None:
    sender(twilio.url).send(said)

    [request] = twilio.requests
    assert request.field("ContentSid") is None
    body = request.field("Body") or ""
    assert all(f"= {choice.label}" in body for choice in said.content.choices)


def test_an_sms_has_lines_of_text(twilio: Canned) -> None:
    sender(twilio.url, Channel.SMS).send(outbound(choices=FIVE, channel=Channel.SMS))

    [request] = twilio.requests
    assert (request.field("Body") or "").endswith("4 = At 3 o'clock\n5 = At 4 o'clock")


WITHOUT = {
    "refused": Answer(400, json.dumps({"code": 20001, "message": "no"})),
    "not allowed": Answer(401, "{}"),
    "too many": Answer(429, "{}", {"Retry-After": "9"}),
    "broken": Answer(500, "{}"),
    "dropped": Answer(drop=True),
    "hangs": Answer(201, json.dumps({"sid": TEMPLATE}), hang=30),
    "unreadable": Answer(201, "<html>"),
    "without a sid": Answer(201, "{}"),
}


@pytest.mark.parametrize("answer", WITHOUT.values(), ids=WITHOUT)
def test_a_message_goes_as_lines_of_text_when_no_template_can_be_had(
    twilio: Canned, answer: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    twilio.answers[MADE] = answer
    whatsapp = sender(twilio.url, timeout=2 if answer.hang else 10)
    first, second = whatsapp.send(outbound()), whatsapp.send(outbound())

    assert isinstance(first, Accepted)
    assert isinstance(second, Accepted)
    bodies = [request.field("Body") for request in twilio.to(SENT)]
    assert bodies == [f"{TEXT}\n\n1 = Yes\n2 = No"] * 2
    assert len(twilio.to(MADE)) == 1  # it is left alone for a while
    assert PERSON not in caplog.text
    assert TEXT not in caplog.text


def test_a_list_of_templates_that_is_not_to_be_had_is_done_without(twilio: Canned) -> None:
    twilio.answers[LISTED] = Answer(404, "{}")
    sender(twilio.url).send(outbound())

    assert twilio.to(SENT)[0].field("ContentSid") == TEMPLATE


def test_after_a_while_templates_are_tried_again(twilio: Canned) -> None:
    now = [0.0]
    contents = Contents(client(settings(twilio.url)), clock=lambda: now[0])
    rich = filled(outbound())
    assert rich
    twilio.answers[MADE] = Answer(500, "{}")
    assert contents.sid(rich) is None
    twilio.answers[MADE] = Answer(201, json.dumps({"sid": TEMPLATE}))

    now[0] = 59
    assert contents.sid(rich) is None
    now[0] = 60
    assert contents.sid(rich) == TEMPLATE


def test_a_send_with_too_little_time_for_a_template_turns_off_no_buttons(twilio: Canned) -> None:
    contents, rich = Contents(client(settings(twilio.url))), filled(outbound())
    assert rich
    twilio.answers[LISTED] = Answer(hang=30)
    with within(ASKED / 10):
        assert contents.sid(rich) is None

    twilio.answers[LISTED] = listing()
    assert contents.sid(rich) == TEMPLATE


def test_the_list_of_templates_leaves_the_making_of_one_its_time(twilio: Canned) -> None:
    for path in (LISTED, MADE):
        twilio.answers[path] = replace(twilio.answers[path], hang=ASKED * 0.55)
    sender(twilio.url).send(outbound())

    assert twilio.to(SENT)[0].field("ContentSid") == TEMPLATE


def test_nobody_waits_longer_for_anothers_template_than_there_is_time(twilio: Canned) -> None:
    contents, rich = Contents(client(settings(twilio.url), 20)), filled(outbound())
    assert rich
    twilio.answers[LISTED] = Answer(hang=30)
    with ThreadPoolExecutor(1) as threads:
        asks = threads.submit(contents.sid, rich)
        until(lambda: twilio.to(LISTED))
        with within(0.05):
            assert contents.sid(rich) is None
        assert not asks.done()


@pytest.mark.parametrize("code", [21654, 21655, 21656])
def test_a_send_refused_for_its_template_is_tried_again_without_it(
    twilio: Canned, code: int
) -> None:
    refused = {"code": code, "message": "The ContentSid is Invalid", "status": 400}
    now, twilio.answers[SENT] = [0.0], Answer(400, json.dumps(refused))
    contents = Contents(client(settings(twilio.url)), clock=lambda: now[0])
    whatsapp = Messages(
        client(settings(twilio.url)),
        Channel.WHATSAPP,
        OURS,
        base_url=BASE_URL,
        key=KEY,
        contents=contents,
    )
    with pytest.raises(ProviderUnavailable):
        whatsapp.send(outbound())
    assert len(twilio.to(SENT)) == 1

    twilio.answers[SENT] = Answer(201, json.dumps({"sid": SID}))
    whatsapp.send(outbound())
    now[0] = 60
    whatsapp.send(outbound())

    assert [bool(one.field("Body")) for one in twilio.to(SENT)] == [False, True, False]
    assert len(twilio.to(MADE)) == 2  # the deleted one is not used again


@pytest.mark.parametrize("listed", [TEXT, f"{TEXT}\n\n1 = Yes\n2 = No"])
def test_a_look_up_finds_it_by_its_text_with_and_without_a_template(
    twilio: Canned, listed: str
) -> None:
    since = datetime(2026, 11, 21, 21, 45, tzinfo=UTC)
    told = {"sid": SID, "from": f"whatsapp:{OURS}", "body": listed, "direction": "outbound-api"}
    told |= {"date_created": format_datetime(since + timedelta(seconds=1))}
    other = {**told, "sid": "SM2", "body": "Something else"}
    twilio.answers[SENT] = Answer(200, json.dumps({"messages": [other, told]}))

    found = sender(twilio.url).look_up(outbound(), since)

    assert found
    assert found.provider_id == SID
