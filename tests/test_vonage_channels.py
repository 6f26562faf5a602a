"""MMS, Viber, RCS and Messenger by Vonage: the requests, and what comes back."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

import providers.vonage.provider as vonage
from failover.channels import Channel
from failover.content import Content
from failover.events import DeliveryReport, Reply
from providers.base import Accepted, Outbound, Refused, Sender
from providers.settings import PublicSettings
from tests.callbacks import BASE_URL, KEY
from tests.callbacks_vonage import UUID, vonage_callback, vonage_settings
from tests.canned import Answer, Canned, canned_server

OURS, PERSON, PAGE, ON_THE_PAGE = "+15005550006", "+14155550100", "1023456789012345", "2412345678"
PUBLIC = PublicSettings.model_validate({"public_base_url": BASE_URL, "address_key": KEY})
PICTURE = {"url": "https://example.com/door.png", "kind": "image", "caption": "Your door"}
CLIP = {"url": "https://example.com/door.mp4", "kind": "video"}
NOTE = {"url": "https://example.com/note.pdf", "kind": "file", "name": "note.pdf"}
YES_NO = [{"id": "yes", "label": "Yes"}, {"id": "no", "label": "No"}]
LINK = "https://hooks.example.com/answer/1"
#: By our name: Vonage's, their address and ours.
CHANNELS = {
    Channel.MMS: ("mms", "14155550100", "15005550006"),
    Channel.VIBER: ("viber_service", "14155550100", "Deliveries"),
    Channel.RCS: ("rcs", "14155550100", "Deliveries"),
    Channel.MESSENGER: ("messenger", ON_THE_PAGE, PAGE),
}
each_channel = pytest.mark.parametrize("channel", CHANNELS)


@pytest.fixture
def edge() -> Iterator[Canned]:
    with canned_server() as canned:
        canned.answer = Answer(202, json.dumps({"message_uuid": UUID}))
        yield canned


def sender(url: str, channel: Channel) -> Sender:
    given = {"from": OURS, "viber_from": "Deliveries", "rcs_from": "Deliveries"}
    settings = vonage_settings(**given, messenger_from=PAGE, api_base_url=url)
    return vonage.senders(settings, PUBLIC)[channel]


def outbound(channel: Channel, *, wait: int = 1200, **content: Any) -> Outbound:
    return Outbound(
        reference="order-1.2",
        channel=channel,
        provider="vonage",
        to=ON_THE_PAGE if channel == Channel.MESSENGER else PERSON,
        content=Content.model_validate({"text": "Is this your door?", **content}),
        valid_for=timedelta(seconds=wait),
    )


def sent(edge: Canned, send: Outbound) -> Any:
    edge.requests.clear()
    assert isinstance(sender(edge.url, send.channel).send(send), Accepted)
    [request] = edge.requests
    return json.loads(request.body)


@each_channel
def test_a_text_goes_from_our_sender_there(edge: Canned, channel: Channel) -> None:
    body = sent(edge, outbound(channel))

    assert (body["channel"], body["to"], body["from"]) == CHANNELS[channel]
    assert (body["message_type"], body["client_ref"]) == ("text", "order-1.2")


@pytest.mark.parametrize(
    ("channel", "wait", "ttl"),
    [
        (Channel.MMS, 60, 300),
        (Channel.MMS, 10**6, 259_200),
        (Channel.VIBER, 5, 30),
        (Channel.VIBER, 90, 90),
        (Channel.RCS, 5, 20),
        (Channel.RCS, 10**6, 259_200),
    ],
)
def test_it_waits_no_longer_than_its_step_where_that_can_be(
    edge: Canned, channel: Channel, wait: int, ttl: int
) -> None:
    body = sent(edge, outbound(channel, wait=wait))

    assert body.get("viber_service", body)["ttl"] == ttl


def test_one_file_by_mms_has_the_text_as_its_caption(edge: Canned) -> None:
    body = sent(edge, outbound(Channel.MMS, media=[CLIP], choices=YES_NO))

    told = {"url": CLIP["url"], "caption": "Is this your door?\n\n1 = Yes\n2 = No"}
    assert (body["message_type"], body["video"]) == ("video", told)


def test_several_files_by_mms_are_one_message(edge: Canned) -> None:
    third = {**CLIP, "caption": "And the bell"}
    body = sent(edge, outbound(Channel.MMS, media=[PICTURE, NOTE, third]))

    assert body["content"] == [
        {"type": "image", "url": PICTURE["url"], "caption": "Is this your door?\n\nYour door"},
        {"type": "file", "url": NOTE["url"]},
        {"type": "video", "url": CLIP["url"], "caption": "And the bell"},
    ]


def test_a_picture_goes_along_on_viber_and_a_video_is_a_link(edge: Canned) -> None:
    body = sent(edge, outbound(Channel.VIBER, media=[CLIP, PICTURE]))

    assert body["image"]["url"] == PICTURE["url"]
    assert CLIP["url"] in body["image"]["caption"]


def test_vibers_category_and_time_are_the_contents(edge: Canned) -> None:
    said = {"category": "promotion", "ttl": "PT2M"}

    assert sent(edge, outbound(Channel.VIBER))["viber_service"]["category"] == "transaction"
    told = sent(edge, outbound(Channel.VIBER, viber=said))["viber_service"]
    assert (told["category"], told["ttl"]) == ("promotion", 120)
    short = sent(edge, outbound(Channel.VIBER, viber=said, wait=90))["viber_service"]
    assert short["ttl"] == 90  # the step's, after which another channel is tried


def test_a_caption_on_viber_is_no_longer_than_a_text(edge: Canned) -> None:
    longest = "a" * (1000 - len("\n\nYour door"))
    body = sent(edge, outbound(Channel.VIBER, media=[PICTURE], text=longest))
    edge.requests.clear()
    longer = outbound(Channel.VIBER, media=[PICTURE], text=f"{longest}a")

    assert len(body["image"]["caption"]) == 1000
    assert isinstance(sender(edge.url, Channel.VIBER).send(longer), Refused)
    assert edge.requests == []


def test_vibers_button_opens_the_link(edge: Canned) -> None:
    send = outbound(Channel.VIBER, choices=YES_NO).model_copy(update={"link": LINK})
    body = sent(edge, send)

    assert body["viber_service"]["action"] == {"url": LINK, "text": "Choose"}
    assert LINK not in body["text"]
    assert body["text"].endswith("1 = Yes\n2 = No")


def test_choices_on_rcs_are_suggestions(edge: Canned) -> None:
    body = sent(edge, outbound(Channel.RCS, choices=YES_NO))

    assert body["text"] == "Is this your door?"
    assert [one["text"] for one in body["suggestions"]] == ["Yes", "No"]
    assert all(one["type"] == "reply" for one in body["suggestions"])


def test_a_label_too_long_for_rcs_makes_lines(edge: Canned) -> None:
    body = sent(edge, outbound(Channel.RCS, choices=[{"id": "y", "label": "a" * 26}]))

    assert "suggestions" not in body
    assert body["text"].endswith(f"1 = {'a' * 26}")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        pytest.param({"media": [PICTURE]}, "card", id="a caption is the title"),
        pytest.param({"media": [CLIP], "subject": "Door"}, "card", id="the subject is"),
        pytest.param({"media": [CLIP]}, "text", id="no title"),
        pytest.param({"media": [NOTE]}, "text", id="a file"),
        pytest.param({"media": [PICTURE], "text": "a" * 2001}, "text", id="a long text"),
        pytest.param(
            {
                "media": [PICTURE],
                "choices": [{"id": str(n), "label": f"No. {n}"} for n in range(5)],
            },
            "text",
            id="five choices",
        ),
    ],
)
def test_a_picture_on_rcs_is_a_card_where_it_has_all_of_one(
    edge: Canned, content: dict[str, Any], kind: str
) -> None:
    body = sent(edge, outbound(Channel.RCS, **content))

    assert body["message_type"] == kind
    if kind == "text":
        assert content["media"][0]["url"] in body["text"]


@pytest.mark.parametrize(
    ("subject", "title", "text"),
    [
        (None, "Your door", "Is this your door?"),
        ("Delivery", "Delivery", "Is this your door?\n\nYour door"),
        ("Your door", "Your door", "Is this your door?"),
    ],
)
def test_a_caption_on_rcs_is_shown_once(
    edge: Canned, subject: str | None, title: str, text: str
) -> None:
    card = sent(edge, outbound(Channel.RCS, media=[PICTURE], subject=subject))["card"]

    assert (card["title"], card["text"]) == (title, text)
    assert card["media_description"] == "Your door"


def test_messenger_has_a_reason_or_a_tag(edge: Canned) -> None:
    plain = sent(edge, outbound(Channel.MESSENGER, choices=YES_NO))
    tagged = sent(edge, outbound(Channel.MESSENGER, messenger={"tag": "ACCOUNT_UPDATE"}))

    assert plain["messenger"] == {"category": "update"}
    assert plain["text"].endswith("1 = Yes\n2 = No")
    assert tagged["messenger"] == {"category": "message_tag", "tag": "ACCOUNT_UPDATE"}


def read(channel: Channel, route: str, **more: Any) -> Any:
    named, theirs, ours = CHANNELS[channel]
    said = {"message_uuid": UUID, "channel": named, "timestamp": "2026-11-22T12:00:00Z", **more}
    said |= {"to": theirs, "from": ours} if route == "status" else {"to": ours, "from": theirs}
    [event] = vonage.callbacks(vonage_settings(), PUBLIC).read(vonage_callback(route, said))
    return event


@each_channel
def test_what_comes_back_has_a_key_of_what_was_sent(edge: Canned, channel: Channel) -> None:
    took = sender(edge.url, channel).send(outbound(channel))
    report = read(channel, "status", status="read", client_ref="order-1.2")
    words = read(channel, "inbound", message_type="text", text="STOP")

    assert isinstance(took, Accepted)
    assert isinstance(report, DeliveryReport)
    assert isinstance(words, Reply)
    assert (report.status, report.reference) == ("read", "order-1.2")
    assert (words.channel, words.stop) == (channel, True)
    assert set(took.reply_keys) & set(words.keys) & set(report.reply_keys)
    assert words.person == report.person


def test_a_press_on_rcs_finds_the_send_that_it_belongs_to(edge: Canned) -> None:
    body = sent(edge, outbound(Channel.RCS, choices=YES_NO))
    took = sender(edge.url, Channel.RCS).send(outbound(Channel.RCS, choices=YES_NO))
    report = read(Channel.RCS, "status", status="delivered", client_ref="order-1.2")
    pressed = {"id": body["suggestions"][1]["postback_data"], "title": "No"}
    press = read(Channel.RCS, "inbound", message_type="reply", reply=pressed)

    assert (press.choice, press.text, press.exact) == ("no", "No", 1)
    assert isinstance(took, Accepted)
    assert press.keys[0] in took.reply_keys
    assert press.keys[0] in report.reply_keys


@pytest.mark.parametrize("made_up", ["yes", "yes order-1.2", f"yes {'a' * 32}"])
def test_a_made_up_press_on_rcs_finds_no_send(edge: Canned, made_up: str) -> None:
    took = sender(edge.url, Channel.RCS).send(outbound(Channel.RCS, choices=YES_NO))
    pressed = {"id": made_up, "title": "Yes"}
    press = read(Channel.RCS, "inbound", message_type="reply", reply=pressed)

    assert isinstance(took, Accepted)
    assert not set(press.keys[: press.exact]) & set(took.reply_keys)
