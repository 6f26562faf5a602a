"""MMS, RCS and Messenger by Twilio: the requests, the look-ups, and what comes back."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import providers.twilio.provider as twilio
from failover.channels import Channel
from failover.content import Content
from failover.events import DeliveryReport, Reply
from providers.base import Accepted, Outbound, Sender
from providers.settings import PublicSettings
from providers.twilio.settings import TwilioSettings
from tests.callbacks import BASE_URL, KEY, TOKEN, twilio_callback
from tests.canned import Answer, Canned, canned_server

ACCOUNT = "AC00000000000000000000000000000001"
OURS, PERSON, PAGE, ON_THE_PAGE = "+15005550006", "+14155550100", "1023456789012345", "2412345678"
PUBLIC = PublicSettings.model_validate({"public_base_url": BASE_URL, "address_key": KEY})
PICTURE = {"url": "https://example.com/door.png", "kind": "image", "caption": "Your door"}
NOTE = {"url": "https://example.com/note.pdf", "kind": "file", "name": "note.pdf"}
YES_NO = [{"id": "yes", "label": "Yes"}, {"id": "no", "label": "No"}]
SID = "0" * 31 + "1"
ADDRESSES = {
    Channel.MMS: (PERSON, OURS),
    Channel.RCS: (f"rcs:{PERSON}", "rcs:deliveries_agent"),
    Channel.MESSENGER: (f"messenger:{ON_THE_PAGE}", f"messenger:{PAGE}"),
}
each_channel = pytest.mark.parametrize("channel", ADDRESSES)


@pytest.fixture
def edge() -> Iterator[Canned]:
    with canned_server() as canned:
        canned.answer = Answer(201, json.dumps({"sid": f"MM{SID}", "status": "queued"}))
        canned.answers["/v1/Content"] = Answer(201, json.dumps({"sid": f"HX{SID}"}))
        meta = {"key": "contents", "next_page_url": None}
        canned.answers["/v2/Content"] = Answer(200, json.dumps({"contents": [], "meta": meta}))
        yield canned


def settings(url: str | None) -> TwilioSettings:
    given = {"account_sid": ACCOUNT, "auth_token": TOKEN, "from": OURS, "api_base_url": url}
    return TwilioSettings.model_validate(
        {**given, "rcs_from": "deliveries_agent", "messenger_from": PAGE}
    )


def sender(url: str, channel: Channel) -> Sender:
    return twilio.senders(settings(url), PUBLIC)[channel]


def outbound(channel: Channel, **content: Any) -> Outbound:
    return Outbound(
        reference="order-1.2",
        channel=channel,
        provider="twilio",
        to=ON_THE_PAGE if channel == Channel.MESSENGER else PERSON,
        content=Content.model_validate({"text": "Is this your door?", **content}),
        valid_for=timedelta(minutes=20),
    )


@each_channel
def test_the_channel_stands_before_both_addresses(edge: Canned, channel: Channel) -> None:
    sender(edge.url, channel).send(outbound(channel))

    [request] = edge.requests
    assert (request.field("To"), request.field("From")) == ADDRESSES[channel]
    assert request.field("ValidityPeriod") == "1200"


def test_a_text_by_mms_is_an_mms(edge: Canned) -> None:
    sender(edge.url, Channel.MMS).send(outbound(Channel.MMS))

    [request] = edge.requests
    assert request.field("SendAsMms") == "true"


@pytest.mark.parametrize(
    ("channel", "files", "links"),
    [
        (Channel.MMS, [PICTURE["url"], NOTE["url"]], []),
        (Channel.RCS, [PICTURE["url"]], [NOTE["url"]]),
        (Channel.MESSENGER, [PICTURE["url"]], [NOTE["url"]]),
        (Channel.SMS, [], [PICTURE["url"], NOTE["url"]]),
    ],
)
def test_files_go_along_and_the_rest_are_links(
    edge: Canned, channel: Channel, files: list[str], links: list[str]
) -> None:
    sender(edge.url, channel).send(outbound(channel, media=[PICTURE, NOTE], choices=YES_NO))

    [request] = edge.requests
    body = request.field("Body") or ""
    assert [value for name, value in request.fields if name == "MediaUrl"] == files
    assert [url for url in (PICTURE["url"], NOTE["url"]) if url in body] == links
    assert "Your door" in body
    assert body.endswith("1 = Yes\n2 = No")


@pytest.mark.parametrize(
    ("channel", "kind"),
    [(Channel.RCS, "twilio/card"), (Channel.MESSENGER, "twilio/quick-reply")],
)
def test_choices_are_a_template(edge: Canned, channel: Channel, kind: str) -> None:
    sender(edge.url, channel).send(outbound(channel, choices=YES_NO))

    _, made, message = edge.requests
    [(type_, said)] = json.loads(made.body)["types"].items()
    assert type_ == kind
    assert said["body"] == "{{1}}"
    assert [one["id"] for one in said["actions"]] == ["yes", "no"]
    assert message.field("ContentSid") == f"HX{SID}"
    assert message.field("Body") is None


@pytest.mark.parametrize(("channel", "longest"), [(Channel.RCS, 25), (Channel.MESSENGER, 20)])
def test_a_label_that_is_too_long_makes_lines(edge: Canned, channel: Channel, longest: int) -> None:
    long = [{"id": "yes", "label": "a" * (longest + 1)}]
    sender(edge.url, channel).send(outbound(channel, choices=long))

    [request] = edge.requests
    assert f"1 = {long[0]['label']}" in (request.field("Body") or "")


@pytest.mark.parametrize(
    ("channel", "sid", "media", "found"),
    [
        pytest.param(Channel.SMS, "SM1", [], True, id="an SMS"),
        pytest.param(Channel.SMS, "MM1", [], False, id="an MMS is no SMS"),
        pytest.param(Channel.MMS, "MM1", [PICTURE], True, id="an MMS with a file"),
        pytest.param(Channel.MMS, "SM1", [PICTURE], False, id="an SMS is no MMS with a file"),
        pytest.param(Channel.MMS, "MM1", [], True, id="an MMS without one"),
        pytest.param(Channel.RCS, "MM1", [PICTURE], True, id="RCS with a file"),
    ],
)
def test_a_look_up_tells_sms_and_mms_apart(
    edge: Canned, channel: Channel, sid: str, media: list[dict[str, str]], found: bool
) -> None:
    caption = [one["caption"] for one in media]
    listed = {
        "sid": sid,
        "direction": "outbound-api",
        "body": "\n\n".join(["Is this your door?", *caption]),
        "from": ADDRESSES.get(channel, (PERSON, OURS))[1],
        "date_created": "Sun, 22 Nov 2026 12:00:05 +0000",
    }
    edge.answer = Answer(200, json.dumps({"messages": [listed]}))

    since = datetime(2026, 11, 22, 12, tzinfo=UTC)
    looked_up = sender(edge.url, channel).look_up(outbound(channel, media=media), since)
    assert (looked_up is not None) == found


@each_channel
def test_what_comes_back_has_a_key_of_what_was_sent(edge: Canned, channel: Channel) -> None:
    theirs, ours = ADDRESSES[channel]
    took = sender(edge.url, channel).send(outbound(channel))
    reader = twilio.callbacks(settings(None), PUBLIC)
    said = {"MessageSid": f"SM{SID}", "AccountSid": ACCOUNT}

    status = {**said, "To": theirs, "From": ours, "MessageStatus": "read"}
    [read] = reader.read(twilio_callback("status?m=order-1.2", status))
    pressed = {"From": theirs, "To": ours, "Body": "Yes", "ButtonPayload": "yes"}
    [press] = reader.read(twilio_callback("inbound", {**said, **pressed}))
    words = {"From": theirs, "To": ours, "Body": "STOP"}
    [stop] = reader.read(twilio_callback("inbound", {**said, **words}))

    assert isinstance(took, Accepted)
    assert isinstance(read, DeliveryReport)
    assert isinstance(press, Reply)
    assert isinstance(stop, Reply)
    assert (read.status, read.reference) == ("read", "order-1.2")
    assert (press.choice, press.stop, stop.stop) == ("yes", False, True)
    assert set(took.reply_keys) & set(press.keys) & set(read.reply_keys)
    assert press.person == read.person
