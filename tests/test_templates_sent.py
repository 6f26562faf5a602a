"""Templates that providers keep, media, and HTML: what each provider is asked to send of them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from failover.channels import Channel
from failover.content import Content
from failover.events import FailureClass
from providers.base import LookUpImpossible, Outbound, Refused, Sender
from providers.links import Links
from providers.sendgrid.mail import letter
from providers.settings import PublicSettings
from providers.twilio.provider import senders
from providers.twilio.settings import TwilioSettings
from providers.vonage.envelope import common
from providers.vonage.messages import WRITERS
from tests.callbacks import BASE_URL, KEY, TOKEN
from tests.canned import Answer, Canned, canned_server

OURS, PERSON = "+15005550006", "+14155550100"
ID = "00000000000000000000000000000001"
TEMPLATE = {
    "twilio": {"sid": f"HX{ID}", "variables": {"1": "Dana"}},
    "vonage": {"name": "a1b2:home", "locale": "de", "parameters": ["Dana", "9"]},
    "sendgrid": {"id": f"d-{ID}", "data": {"order": 7}},
}
YES_NO = [{"id": "yes", "label": "Yes"}, {"id": "n/o", "label": "No"}]
PICTURE = {"url": "https://example.com/door.png", "kind": "image", "caption": "Your door"}
FILE = {"url": "https://example.com/note.pdf", "kind": "file", "name": "note.pdf"}
SOUND = {"url": "https://example.com/bell.mp3", "kind": "audio"}
LINKS = Links(KEY, BASE_URL)


def outbound(channel: Channel, **content: Any) -> Outbound:
    return Outbound(
        reference="order-1.2",
        channel=channel,
        provider="any",
        to="dana@example.com" if channel == Channel.EMAIL else PERSON,
        content=Content.model_validate({"text": "Home at 9?", **content}),
        valid_for=timedelta(minutes=20),
    )


def by_vonage(channel: Channel = Channel.WHATSAPP, **content: Any) -> dict[str, Any]:
    given = outbound(channel, **content)
    written = WRITERS[channel](given, common(given, OURS, BASE_URL))
    told: dict[str, Any] = written.model_dump(by_alias=True, exclude_none=True, mode="json")
    return told


def mailed(**content: Any) -> dict[str, Any]:
    given = LINKS.put_into(outbound(Channel.EMAIL, **content))
    return letter(given, sender="hello@example.org", reply_to=None)


@pytest.fixture
def twilio() -> Iterator[Canned]:
    with canned_server() as canned:
        canned.answer = Answer(body=json.dumps({"sid": f"SM{ID}", "from": OURS}))
        yield canned


def by_twilio(url: str, channel: Channel) -> Sender:
    given = {"account_sid": f"AC{ID}", "auth_token": TOKEN, "from": OURS, "api_base_url": url}
    others = {"whatsapp_from": OURS, "rcs_from": "deliveries", "messenger_from": "1023456789"}
    settings = TwilioSettings.model_validate({**given, **others})
    public = PublicSettings.model_validate({"public_base_url": BASE_URL, "address_key": KEY})
    return senders(settings, public)[channel]


def test_twilio_sends_its_template_on_whatsapp(twilio: Canned) -> None:
    by_twilio(twilio.url, Channel.WHATSAPP).send(
        outbound(Channel.WHATSAPP, template=TEMPLATE, choices=YES_NO, media=[PICTURE])
    )

    [request] = twilio.requests
    form = dict(request.fields)
    assert form["ContentSid"] == f"HX{ID}"
    assert json.loads(form["ContentVariables"]) == {"1": "Dana"}
    assert not {"Body", "MediaUrl"} & form.keys()


@pytest.mark.parametrize("channel", [Channel.WHATSAPP, Channel.RCS, Channel.MESSENGER])
def test_no_template_of_choices_is_made_beside_the_services(
    twilio: Canned, channel: Channel
) -> None:
    sender = by_twilio(twilio.url, channel)
    sender.send(outbound(channel, template=TEMPLATE, choices=YES_NO))

    [request] = twilio.requests
    assert request.field("ContentSid") == f"HX{ID}"


def test_an_sms_is_a_text_though_whatsapp_has_a_template(twilio: Canned) -> None:
    sender = by_twilio(twilio.url, Channel.SMS)
    sender.send(outbound(Channel.SMS, template=TEMPLATE, media=[PICTURE]))

    [request] = twilio.requests
    form = dict(request.fields)
    assert form["Body"] == "Home at 9?\n\nYour door\nhttps://example.com/door.png"
    assert "ContentSid" not in form


@pytest.mark.parametrize("code", [21654, 21655, 21656])
def test_a_template_that_twilio_refuses_is_not_sent_as_a_text(twilio: Canned, code: int) -> None:
    told = {"code": code, "message": "no", "status": 400}
    twilio.answer = Answer(400, json.dumps(told))

    sender = by_twilio(twilio.url, Channel.WHATSAPP)
    result = sender.send(outbound(Channel.WHATSAPP, template=TEMPLATE))

    assert isinstance(result, Refused)
    assert result.failure.kind == FailureClass.CONTENT
    assert len(twilio.requests) == 1


def test_what_a_template_said_cannot_be_looked_up(twilio: Canned) -> None:
    sender = by_twilio(twilio.url, Channel.WHATSAPP)

    with pytest.raises(LookUpImpossible):
        sender.look_up(outbound(Channel.WHATSAPP, template=TEMPLATE), datetime.now(UTC))

    assert twilio.requests == []


def test_vonage_sends_its_template_on_whatsapp() -> None:
    told = by_vonage(template=TEMPLATE, choices=YES_NO, media=[PICTURE])

    assert told["message_type"] == "template"
    assert told["template"] == {"name": "a1b2:home", "parameters": ["Dana", "9"]}
    assert told["whatsapp"] == {"locale": "de", "policy": "deterministic"}


def test_a_template_of_another_provider_changes_nothing() -> None:
    told = by_vonage(template={"twilio": TEMPLATE["twilio"]})

    assert (told["message_type"], told["text"]) == ("text", "Home at 9?")


@pytest.mark.parametrize(
    ("media", "kind", "sent"),
    [
        (PICTURE, "image", {"url": PICTURE["url"], "caption": "Home at 9?\n\nYour door"}),
        (
            FILE,
            "file",
            {"url": FILE["url"], "caption": "Home at 9?", "name": "note.pdf"},
        ),
        (
            {**PICTURE, "kind": "video"},
            "video",
            {"url": PICTURE["url"], "caption": "Home at 9?\n\nYour door"},
        ),
    ],
)
def test_a_file_on_whatsapp_by_vonage_has_the_text_as_its_caption(
    media: Any, kind: str, sent: Any
) -> None:
    told = by_vonage(media=[media])

    assert told["message_type"] == kind
    assert told[kind] == sent


def test_a_picture_is_above_the_buttons_on_whatsapp_by_vonage() -> None:
    told = by_vonage(media=[PICTURE], choices=YES_NO)["custom"]["interactive"]

    assert told["header"] == {"type": "image", "image": {"link": PICTURE["url"]}}
    assert told["body"] == {"text": "Home at 9?\n\nYour door"}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param({"media": [SOUND]}, id="sound takes no text"),
        pytest.param({"media": [PICTURE], "text": "x" * 1025}, id="longer than a caption"),
    ],
)
def test_what_whatsapp_cannot_show_with_the_text_is_a_link(content: dict[str, Any]) -> None:
    told = by_vonage(**content)

    assert told["message_type"] == "text"
    assert told["text"].endswith(content["media"][0]["url"])


def test_sendgrid_fills_its_dynamic_template() -> None:
    told = mailed(template=TEMPLATE, choices=YES_NO, subject="not this")

    assert told["template_id"] == f"d-{ID}"
    assert not {"subject", "content"} & told.keys()
    data = told["personalizations"][0]["dynamic_template_data"]
    link = LINKS.answer("order-1", 2)
    assert data["order"] == 7
    assert data["failover"]["link"] == link
    assert data["failover"]["choices"] == [
        {"label": "Yes", "url": f"{link}?choice=yes"},
        {"label": "No", "url": f"{link}?choice=n%2Fo"},
    ]
    assert told["custom_args"] == {"fo_ref": "order-1.2"}


def test_what_only_we_know_stands_in_a_template_whatever_the_service_gives() -> None:
    kept = {"sendgrid": {"id": f"d-{ID}", "data": {"order": 7, "failover": {"link": "theirs"}}}}
    told = mailed(template=kept, choices=YES_NO)

    data = told["personalizations"][0]["dynamic_template_data"]
    assert data["order"] == 7
    assert data["failover"]["link"] == LINKS.answer("order-1", 2)


@pytest.mark.parametrize(
    ("html", "page"),
    [
        pytest.param("<h1>Hi</h1>", "<h1>Hi</h1>", id="a part of a page"),
        pytest.param("<html><body><p>Hi</BODY></html>", "<p>Hi", id="a page"),
        pytest.param("<!doctype html><p>Hi", "<!doctype html><p>Hi", id="a page without its end"),
    ],
)
def test_html_has_the_buttons_below_it(html: str, page: str) -> None:
    text, shown = mailed(html=html, choices=YES_NO, media=[FILE])["content"]

    assert text["value"].startswith("Home at 9?\n\nnote.pdf\nhttps://example.com/note.pdf")
    before, _, after = shown["value"].partition(page)
    assert ">Yes</a>" in after
    assert ">note.pdf</a>" in after
    assert "<p>Home at 9?" not in before + after
    assert shown["value"].lower().count("<html") <= 1
    assert shown["value"].count("<h1>") <= 1


@pytest.mark.parametrize("said", ["Hi", "<!-- </body> -->Hi", '<p title="</body>">Hi'])
def test_what_comes_below_a_page_is_at_the_end_of_its_body(said: str) -> None:
    html = f"<html><body>{said}</body></html>"
    shown = mailed(html=html, choices=YES_NO)["content"][1]["value"]

    assert shown.startswith(f"<html><body>{said}")
    assert shown.endswith("</body></html>")
    assert shown.index(said) < shown.index("Yes</a>")
