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
from providers.capabilities import table
from providers.links import Links
from providers.settings import PublicSettings
from providers.twilio.settings import TwilioSettings
from tests.callbacks import BASE_URL, KEY, TOKEN, twilio_callback
from tests.canned import Answer, Canned, Request, canned_server

ACCOUNT = "AC00000000000000000000000000000001"
OURS, PERSON, PAGE, ON_THE_PAGE = "+15005550006", "+14155550100", "1023456789012345", "2412345678"
PUBLIC = PublicSettings.model_validate({"public_base_url": BASE_URL, "address_key": KEY})
LINKS = Links.by(PUBLIC)
PICTURE = {"url": "https://example.com/door.png", "kind": "image", "caption": "Your door"}
NOTE = {"url": "https://example.com/note.pdf", "kind": "file", "name": "note.pdf"}
YES_NO = [{"id": "yes", "label": "Yes"}, {"id": "no", "label": "No"}]
FIVE = [{"id": str(n), "label": f"No. {n}"} for n in range(5)]
SID = "0" * 31 + "1"
ADDRESSES = {
    Channel.MMS: (PERSON, OURS),
    Channel.RCS: (f"rcs:{PERSON}", "rcs:deliveries_agent"),
    Channel.MESSENGER: (f"messenger:{ON_THE_PAGE}", f"messenger:{PAGE}"),
}
each_channel = pytest.mark.parametrize("channel", ADDRESSES)
each_with_buttons = pytest.mark.parametrize("channel", [Channel.RCS, Channel.MESSENGER])


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


def sent(edge: Canned) -> list[Request]:
    return edge.to(f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json")


def report(channel: Channel, reference: str) -> DeliveryReport:
    theirs, ours = ADDRESSES[channel]
    said = {"MessageSid": f"SM{SID}", "MessageStatus": "delivered", "To": theirs, "From": ours}
    reader = twilio.callbacks(settings(None), PUBLIC)
    [event] = reader.read(twilio_callback(f"status?m={reference}", said))
    assert isinstance(event, DeliveryReport)
    return event


def pressed(channel: Channel, payload: str) -> Reply:
    theirs, ours = ADDRESSES[channel]
    said = {"MessageSid": f"SM{SID}", "From": theirs, "To": ours, "Body": "No"}
    reader = twilio.callbacks(settings(None), PUBLIC)
    [event] = reader.read(twilio_callback("inbound", {**said, "ButtonPayload": payload}))
    assert isinstance(event, Reply)
    return event


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
    sender(edge.url, channel).send(outbound(channel, media=[PICTURE, NOTE], choices=FIVE))

    [request] = edge.requests
    body = request.field("Body") or ""
    assert [value for name, value in request.fields if name == "MediaUrl"] == files
    assert [url for url in (PICTURE["url"], NOTE["url"]) if url in body] == links
    assert "Your door" in body
    assert body.endswith("5 = No. 4")


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
    assert [one["id"] for one in said["actions"]] == ["yes {{2}}", "no {{2}}"]
    assert message.field("ContentSid") == f"HX{SID}"
    assert message.field("Body") is None


@each_with_buttons
@pytest.mark.parametrize(
    ("id_", "label", "shown"),
    [
        pytest.param("yes", "a" * 20, True, id="a long label"),
        pytest.param("yes", "a" * 21, False, id="a label that is too long"),
        pytest.param("y" * 167, "Yes", True, id="a long id"),
        pytest.param("y" * 168, "Yes", False, id="too long an id with what comes back beside it"),
    ],
)
def test_what_a_button_cannot_take_makes_lines(
    edge: Canned, channel: Channel, id_: str, label: str, shown: bool
) -> None:
    sender(edge.url, channel).send(outbound(channel, choices=[{"id": id_, "label": label}]))

    *made, request = edge.requests
    assert bool(made) == shown
    assert (f"1 = {label}" in (request.field("Body") or "")) != shown


@pytest.mark.parametrize(("channel", "longest"), [(Channel.RCS, 1600), (Channel.MESSENGER, 1024)])
def test_a_text_above_buttons_is_as_long_as_its_channel_takes(
    edge: Canned, channel: Channel, longest: int
) -> None:
    for length in (longest, longest + 1):
        lines = f"a\n{'a' * (length - 2)}"
        sender(edge.url, channel).send(outbound(channel, text=lines, choices=YES_NO))

    assert [bool(request.field("ContentSid")) for request in sent(edge)] == [True, False]


@each_with_buttons
def test_messages_to_different_people_share_a_template(edge: Canned, channel: Channel) -> None:
    offered, shown = outbound(channel, choices=YES_NO), sender(edge.url, channel)
    for reference in ("order-1.2", "order-2.1"):
        shown.send(offered.model_copy(update={"reference": reference}))

    assert len(edge.to("/v1/Content")) == 1
    first, second = (json.loads(one.field("ContentVariables") or "") for one in sent(edge))
    assert first["1"] == second["1"] == "Is this your door?"
    assert first["2"] != second["2"]


@each_with_buttons
def test_a_press_finds_the_send_that_it_belongs_to(edge: Canned, channel: Channel) -> None:
    took = sender(edge.url, channel).send(outbound(channel, choices=YES_NO))
    [template], [message] = edge.to("/v1/Content"), sent(edge)
    [(_, said)] = json.loads(template.body)["types"].items()
    token = json.loads(message.field("ContentVariables") or "")["2"]
    press = pressed(channel, said["actions"][1]["id"].replace("{{2}}", token))
    delivered = report(channel, "order-1.2")

    assert isinstance(took, Accepted)
    assert (press.choice, press.exact) == ("no", 1)
    assert press.keys[0] in took.reply_keys
    assert press.keys[0] in delivered.reply_keys
    assert press.keys[0] not in report(channel, "order-1.3").reply_keys


@each_with_buttons
@pytest.mark.parametrize("made_up", ["yes", "yes order-1.2", f"yes {'a' * 32}"])
def test_a_made_up_press_finds_no_send(edge: Canned, channel: Channel, made_up: str) -> None:
    took = sender(edge.url, channel).send(outbound(channel, choices=YES_NO))
    press = pressed(channel, made_up)

    assert isinstance(took, Accepted)
    assert not set(press.keys[: press.exact]) & set(took.reply_keys)


def test_a_picture_and_up_to_four_choices_on_rcs_are_a_card(edge: Canned) -> None:
    url = "https://example.com/doors/1/door.png?signature=secret"
    picture = {**PICTURE, "url": url}
    sender(edge.url, Channel.RCS).send(outbound(Channel.RCS, media=[picture], choices=FIVE[:4]))

    [template], [message] = edge.to("/v1/Content"), sent(edge)
    made = json.loads(template.body)
    card = made["types"]["twilio/card"]
    assert card["body"] == "{{1}}\n\n{{2}}"
    assert card["media"] == ["https://example.com/{{4}}"]
    assert [one["title"] for one in card["actions"]] == ["No. 0", "No. 1", "No. 2", "No. 3"]
    assert made["variables"] == {"1": "text", "2": "text", "3": "text", "4": "sample.png"}
    values = json.loads(message.field("ContentVariables") or "")
    assert (values["2"], values["4"]) == ("Your door", "doors/1/door.png?signature=secret")
    assert {name for name, _ in message.fields}.isdisjoint({"Body", "MediaUrl"})


@pytest.mark.parametrize(
    ("channel", "media", "many"),
    [
        pytest.param(Channel.RCS, PICTURE, 5, id="five choices"),
        pytest.param(Channel.RCS, NOTE, 2, id="a file"),
        pytest.param(
            Channel.RCS,
            {**PICTURE, "url": "https://example.com/door?as=png"},
            2,
            id="an address that does not say the type",
        ),
        pytest.param(
            Channel.RCS,
            {**PICTURE, "url": f"https://example.com/{'d' * 1597}.png"},
            2,
            id="an address longer than a variable",
        ),
        pytest.param(
            Channel.RCS,
            {**PICTURE, "url": "https://exa{{1}}.com/door.png"},
            2,
            id="an address whose host would be a variable",
        ),
        pytest.param(Channel.MESSENGER, PICTURE, 2, id="no cards"),
    ],
)
def test_what_is_no_card_is_a_file_and_lines(
    edge: Canned, channel: Channel, media: dict[str, str], many: int
) -> None:
    offered = outbound(channel, media=[media], choices=FIVE[:many])
    assert table()[channel, "twilio"].holds(offered, LINKS)
    sender(edge.url, channel).send(offered)

    [request] = edge.requests
    assert request.field("MediaUrl") == media["url"]
    assert "1 = No. 0" in (request.field("Body") or "")


def test_a_card_that_cannot_be_made_is_a_file_and_lines(edge: Canned) -> None:
    edge.answers["/v1/Content"] = Answer(500, "{}")
    sender(edge.url, Channel.RCS).send(outbound(Channel.RCS, media=[PICTURE], choices=YES_NO))

    [request] = sent(edge)
    assert request.field("MediaUrl") == PICTURE["url"]
    assert (request.field("Body") or "").endswith("1 = Yes\n2 = No")


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
