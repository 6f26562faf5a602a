"""What every provider owes, on every channel: one request, one of three outcomes, no forgeries."""

import contextlib
import dataclasses
import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import providers.fcm.provider as fcm
import providers.sendgrid.provider as sendgrid
import providers.twilio.provider as twilio
import providers.vonage.provider as vonage
import providers.webpush.provider as webpush
from failover.channels import Channel
from failover.content import Content
from failover.events import DeliveryReport, Event, FailureClass, Reply
from failover.names import parse_reference
from providers.base import (
    Accepted,
    Callback,
    CallbackForged,
    CallbackMalformed,
    CallbackReader,
    CallbackRejected,
    Outbound,
    ProviderUnavailable,
    Refused,
    Sender,
    SendUnknown,
)
from providers.settings import PublicSettings
from providers.twilio.settings import TwilioSettings
from tests.callbacks import BASE_URL, KEY, TOKEN, twilio_callback
from tests.callbacks_sendgrid import sendgrid_events, sendgrid_mail, sendgrid_settings
from tests.callbacks_vonage import UUID, vonage_call, vonage_callback, vonage_settings
from tests.canned import Answer, Canned, Request, canned_server
from tests.push import TOKEN as DEVICE
from tests.push import Browser, fcm_settings, webpush_settings

OURS, PERSON = "+15005550006", "+14155550100"
PAGE, ON_THE_PAGE = "1023456789012345", "2412345678901234"
SID = "00000000000000000000000000000001"
PUBLIC = PublicSettings.model_validate({"public_base_url": BASE_URL, "address_key": KEY})


def _twilio(url: str | None, **more: Any) -> TwilioSettings:
    given = {"account_sid": f"AC{SID}", "auth_token": TOKEN, "from": OURS, "whatsapp_from": OURS}
    others = {"rcs_from": "deliveries_agent", "messenger_from": PAGE}
    return TwilioSettings.model_validate({**given, **others, "api_base_url": url, **more})


def _twilio_senders(url: str, **more: Any) -> dict[Channel, Sender]:
    return twilio.senders(_twilio(url, **more), PUBLIC)


def _vonage_senders(url: str, **more: Any) -> dict[Channel, Sender]:
    given = {"from": OURS, "whatsapp_from": OURS, "api_base_url": url}
    others = {"viber_from": "Deliveries", "rcs_from": "Deliveries", "messenger_from": PAGE}
    return vonage.senders(vonage_settings(**given, **others, **more), PUBLIC)


def _sendgrid_senders(url: str, **more: Any) -> dict[Channel, Sender]:
    return sendgrid.senders(sendgrid_settings(api_base_url=url, **more), PUBLIC)


def _fcm_senders(url: str, **more: Any) -> dict[Channel, Sender]:
    return fcm.senders(fcm_settings(url, **more), PUBLIC)


def _webpush_senders(url: str, **more: Any) -> dict[Channel, Sender]:
    return webpush.senders(webpush_settings(url.removeprefix("http://"), **more), PUBLIC)


@dataclass(frozen=True)
class Offer:
    """One channel of one provider, and what its answers look like."""

    provider: str
    channel: Channel
    senders: Callable[..., dict[Channel, Sender]]
    accepted: Answer
    provider_id: str
    refused: Answer
    unreadable: Answer
    to: Callable[[str], str] = lambda url: PERSON
    wrong_key: FailureClass = FailureClass.ACCOUNT

    def send(self, url: str, **more: Any) -> Accepted | Refused:
        return self.senders(url, **more)[self.channel].send(self.outbound(url))

    def outbound(self, url: str) -> Outbound:
        return Outbound(
            reference="order-1.2",
            channel=self.channel,
            provider=self.provider,
            to=self.to(url),
            content=Content(text="Can you be home at 9 pm?"),
            valid_for=timedelta(minutes=20),
        )


def _their_address(channel: Channel) -> str:
    return ON_THE_PAGE if channel == Channel.MESSENGER else PERSON


def _of_twilio(channel: Channel, prefix: str) -> Offer:
    return Offer(
        provider="twilio",
        channel=channel,
        senders=_twilio_senders,
        accepted=Answer(201, json.dumps({"sid": prefix + SID, "status": "queued"})),
        provider_id=prefix + SID,
        refused=Answer(400, json.dumps({"code": 21211, "message": "Invalid 'To'", "status": 400})),
        unreadable=Answer(201, "<html>"),
        to=lambda url: _their_address(channel),
    )


def _of_vonage(channel: Channel) -> Offer:
    return Offer(
        provider="vonage",
        channel=channel,
        senders=_vonage_senders,
        accepted=Answer(202, json.dumps({"message_uuid": UUID})),
        provider_id=UUID,
        refused=Answer(422, json.dumps({"type": "https://x/messages#1170", "title": "Invalid"})),
        unreadable=Answer(202, "<html>"),
        to=lambda url: _their_address(channel),
    )


_PLACED = {"uuid": UUID, "status": "started", "direction": "outbound", "conversation_uuid": "C"}
OFFERS = [
    _of_twilio(Channel.SMS, "SM"),
    _of_twilio(Channel.MMS, "MM"),
    _of_twilio(Channel.WHATSAPP, "SM"),
    _of_twilio(Channel.RCS, "SM"),
    _of_twilio(Channel.MESSENGER, "SM"),
    _of_twilio(Channel.VOICE, "CA"),
    _of_vonage(Channel.SMS),
    _of_vonage(Channel.MMS),
    _of_vonage(Channel.WHATSAPP),
    Offer(
        provider="vonage",
        channel=Channel.VOICE,
        senders=_vonage_senders,
        accepted=Answer(201, json.dumps(_PLACED)),
        provider_id=UUID,
        refused=Answer(400, json.dumps({"type": 400, "invalid_parameters": [{"name": "to"}]})),
        unreadable=Answer(201, json.dumps({"uuid": UUID})),
    ),
    _of_vonage(Channel.VIBER),
    _of_vonage(Channel.RCS),
    _of_vonage(Channel.MESSENGER),
    Offer(
        provider="sendgrid",
        channel=Channel.EMAIL,
        senders=_sendgrid_senders,
        accepted=Answer(202, "", {"X-Message-Id": "14c5d75ce93"}),
        provider_id="14c5d75ce93",
        refused=Answer(
            400, json.dumps({"errors": [{"field": "personalizations.0.to.0.email", "message": ""}]})
        ),
        # A 202 has no body; anything else that claims success is not SendGrid's.
        unreadable=Answer(200, "<html>"),
        to=lambda url: "dana@example.com",
    ),
    Offer(
        provider="fcm",
        channel=Channel.PUSH,
        senders=_fcm_senders,
        accepted=Answer(200, json.dumps({"name": "projects/deliveries-1/messages/0:1"})),
        provider_id="projects/deliveries-1/messages/0:1",
        refused=Answer(404, json.dumps({"error": {"details": [{"errorCode": "UNREGISTERED"}]}})),
        unreadable=Answer(200, "<html>"),
        to=lambda url: DEVICE,
    ),
    Offer(
        provider="webpush",
        channel=Channel.PUSH,
        senders=_webpush_senders,
        accepted=Answer(201, "", {"Location": "https://push.example.com/m/7"}),
        provider_id="7",
        refused=Answer(410, ""),
        # What it answers has no body; another success is not in RFC 8030.
        unreadable=Answer(204, ""),
        to=lambda url: Browser(f"{url}/push/1").address,
        # A subscription is bound to the key that it was made with, and others to others.
        wrong_key=FailureClass.SENDER,
    ),
]


@pytest.fixture
def edge() -> Iterator[Canned]:
    with canned_server() as canned:
        canned.answers[_MINT] = Answer(200, '{"access_token": "ya29", "expires_in": 3599}')
        yield canned


#: Where Google's library asks for a token, which is no send.
_MINT = "/token"


def sends(requests: list[Request]) -> list[Request]:
    return [request for request in requests if request.path != _MINT]


@pytest.fixture(params=OFFERS, ids=lambda offer: f"{offer.provider} {offer.channel}")
def offer(request: pytest.FixtureRequest) -> Offer:
    chosen: Offer = request.param
    return chosen


def test_every_offered_channel_is_held_to_this() -> None:
    url = "http://127.0.0.1:1"
    offered = {
        (name, channel)
        for name, senders in (
            (twilio.NAME, _twilio_senders(url)),
            (vonage.NAME, _vonage_senders(url)),
            (sendgrid.NAME, _sendgrid_senders(url)),
            (fcm.NAME, _fcm_senders(url)),
            (webpush.NAME, _webpush_senders(url)),
        )
        for channel in senders
    }

    assert {(offer.provider, offer.channel) for offer in OFFERS} == offered


def test_accepted(edge: Canned, offer: Offer) -> None:
    edge.answer = offer.accepted
    result = offer.send(edge.url)

    assert isinstance(result, Accepted)
    assert result.provider_id == offer.provider_id
    assert result.reply_keys
    assert not any(offer.to(edge.url) in key for key in result.reply_keys)
    assert len(sends(edge.requests)) == 1


def test_refused(edge: Canned, offer: Offer) -> None:
    edge.answer = offer.refused
    result = offer.send(edge.url)

    assert isinstance(result, Refused)
    assert result.failure.kind == FailureClass.ADDRESS
    assert len(sends(edge.requests)) == 1


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_key_is_the_accounts_fault(edge: Canned, offer: Offer, status: int) -> None:
    edge.answer = Answer(status, "{}")
    result = offer.send(edge.url)

    assert isinstance(result, Refused)
    assert result.failure.kind == offer.wrong_key
    assert len(sends(edge.requests)) == 1


def test_a_rate_limit_was_not_taken(edge: Canned, offer: Offer) -> None:
    edge.answer = Answer(429, "{}", {"Retry-After": "7"})

    with pytest.raises(ProviderUnavailable) as raised:
        offer.send(edge.url)
    assert raised.value.retry_after == timedelta(seconds=7)
    assert len(sends(edge.requests)) == 1


def test_a_refused_connection_was_not_taken(offer: Offer) -> None:
    with socket.socket() as taken:  # and it does not listen
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ProviderUnavailable):
            offer.send(url)


@pytest.mark.parametrize(
    "answer",
    [
        *(pytest.param(Answer(status, "{}"), id=str(status)) for status in (500, 502, 503, 504)),
        pytest.param(Answer(503, "<html>", {"Retry-After": "7"}), id="503 with Retry-After"),
        pytest.param(Answer(drop=True), id="dropped after it was taken"),
        pytest.param(Answer(307, "", {"Location": "/elsewhere"}), id="redirected"),
    ],
)
def test_what_nobody_can_know_is_unknown(edge: Canned, offer: Offer, answer: Answer) -> None:
    edge.answer = answer

    with pytest.raises(SendUnknown):
        offer.send(edge.url)
    assert len(sends(edge.requests)) == 1


def test_a_success_that_cannot_be_read_is_unknown(edge: Canned, offer: Offer) -> None:
    edge.answer = offer.unreadable

    with pytest.raises(SendUnknown):
        offer.send(edge.url)
    assert len(sends(edge.requests)) == 1


def test_a_provider_that_hangs_is_given_up_and_not_asked_again(edge: Canned, offer: Offer) -> None:
    edge.answer = dataclasses.replace(offer.accepted, hang=30)

    with pytest.raises(SendUnknown):
        offer.send(edge.url, timeout=0.3)
    assert len(sends(edge.all_requests())) == 1


@dataclass(frozen=True)
class Route:
    """One route of one provider: a callback that says something, and one of no known status."""

    reader: CallbackReader
    says: Callback
    unheard: Callback | None = None


_STATUS = {
    "message_uuid": UUID,
    "to": "14155550100",
    "from": "15005550006",
    "timestamp": "2025-02-03T12:14:25Z",
    "channel": "sms",
    "client_ref": "order-1.2",
}
_INBOUND = {**_STATUS, "client_ref": None, "message_type": "text", "text": "Yes"}
_EVENT = {
    "sg_event_id": "1",
    "sg_message_id": "a.b",
    "timestamp": 1513299569,
    "fo_ref": "order-1.2",
}
_SMS = {"MessageSid": f"SM{SID}", "From": PERSON, "To": OURS, "AccountSid": f"AC{SID}"}

_TWILIO = twilio.callbacks(_twilio(None), PUBLIC)
_VONAGE = vonage.callbacks(vonage_settings(), PUBLIC)
_SENDGRID = sendgrid.callbacks(sendgrid_settings(), PUBLIC)


def _sendgrid_event(event: str) -> Callback:
    return sendgrid_events([{**_EVENT, "event": event}])


#: Each channel's two addresses as Twilio writes them: theirs, ours.
_OF_TWILIO = {
    Channel.SMS: (PERSON, OURS),
    Channel.WHATSAPP: (f"whatsapp:{PERSON}", f"whatsapp:{OURS}"),
    Channel.RCS: (f"rcs:{PERSON}", "rcs:deliveries_agent"),
    Channel.MESSENGER: (f"messenger:{ON_THE_PAGE}", f"messenger:{PAGE}"),
}
#: And as Vonage does, with its name of the channel.
_OF_VONAGE = {
    "sms": ("14155550100", "15005550006"),
    "mms": ("14155550100", "15005550006"),
    "whatsapp": ("14155550100", "15005550006"),
    "viber_service": ("14155550100", "Deliveries"),
    "rcs": ("14155550100", "Deliveries"),
    "messenger": (ON_THE_PAGE, PAGE),
}


def _twilio_status_on(channel: Channel, status: str) -> Callback:
    theirs, ours = _OF_TWILIO[channel]
    fields = {**_SMS, "To": theirs, "From": ours, "MessageStatus": status}
    return twilio_callback("status?m=order-1.2", fields)


def _twilio_inbound_on(channel: Channel) -> Callback:
    theirs, ours = _OF_TWILIO[channel]
    return twilio_callback("inbound", {**_SMS, "From": theirs, "To": ours, "Body": "Yes"})


def _vonage_on(channel: str, route: str, **more: Any) -> Callback:
    theirs, ours = _OF_VONAGE[channel]
    out = route == "status"
    addresses = {"to": theirs, "from": ours} if out else {"to": ours, "from": theirs}
    said = _STATUS if out else _INBOUND
    return vonage_callback(route, {**said, **addresses, "channel": channel, **more})


ROUTES = {
    **{
        f"twilio status {channel}": Route(
            _TWILIO,
            _twilio_status_on(channel, "delivered"),
            _twilio_status_on(channel, "pondering"),
        )
        for channel in _OF_TWILIO
    },
    **{
        f"twilio inbound {channel}": Route(_TWILIO, _twilio_inbound_on(channel))
        for channel in _OF_TWILIO
    },
    **{
        f"vonage status {channel}": Route(
            _VONAGE,
            _vonage_on(channel, "status", status="delivered"),
            _vonage_on(channel, "status", status="pondering"),
        )
        for channel in _OF_VONAGE
    },
    **{
        f"vonage inbound {channel}": Route(_VONAGE, _vonage_on(channel, "inbound"))
        for channel in _OF_VONAGE
    },
    "vonage voice": Route(_VONAGE, vonage_call("human"), vonage_call("pondering")),
    "vonage voice, a key": Route(_VONAGE, vonage_call(dtmf={"digits": "1"})),
    "sendgrid events": Route(_SENDGRID, _sendgrid_event("delivered"), _sendgrid_event("ponder")),
    "sendgrid inbound": Route(_SENDGRID, sendgrid_mail({"text": "Yes", "envelope": "{}"})),
}


@pytest.fixture(params=list(ROUTES.values()), ids=list(ROUTES))
def route(request: pytest.FixtureRequest) -> Route:
    chosen: Route = request.param
    return chosen


def test_a_callback_says_something_whole(route: Route) -> None:
    [event] = route.reader.read(route.says)

    assert isinstance(event, DeliveryReport | Reply)
    if isinstance(event, DeliveryReport):
        assert parse_reference(event.reference) == ("order-1", 2)
        assert event.event_id
        assert event.provider_id
        assert event.reply_keys
    else:
        assert event.text in ("Yes", "1")
        assert not event.stop
        assert event.provider_id


def test_the_same_callback_twice_gives_equal_events(route: Route) -> None:
    first: list[Event] = route.reader.read(route.says)

    assert first == route.reader.read(route.says)


def test_an_unknown_status_is_nothing(route: Route) -> None:
    if route.unheard is not None:
        assert route.reader.read(route.unheard) == []


def _changed(callback: Callback, **more: Any) -> Callback:
    return dataclasses.replace(callback, **more)


def test_a_forged_callback_is_refused(route: Route) -> None:
    body = route.says.body
    for forged in (_changed(route.says, body=body + b"&a=b"), _changed(route.says, body=b"")):
        with pytest.raises(CallbackForged):
            route.reader.read(forged)


def test_a_callback_without_a_signature_is_refused(route: Route) -> None:
    kind = {"content-type": route.says.headers["content-type"]}

    with pytest.raises(CallbackRejected):
        route.reader.read(_changed(route.says, headers=kind))


def test_a_refusal_says_nothing_of_what_was_in_it(route: Route) -> None:
    with pytest.raises(CallbackRejected) as raised:
        route.reader.read(_changed(route.says, body=route.says.body + b" "))

    assert PERSON[1:] not in str(raised.value)
    assert "Yes" not in str(raised.value)


_INNER = "status error type title reply button context whatsapp sender wa_id reaction image"
_OF_CALLS = ("uuid", "dtmf", "digits", "sip_code")
_WORDS = (*_INNER.split(), *_OF_CALLS, "caption", "event", "reason")
_NAMES = st.sampled_from([*_INBOUND, *_EVENT, *_WORDS])
_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters(), max_size=20),  # lone surrogates too
    st.sampled_from(["delivered", "rejected", "order-1.2", "bounce", "dropped", "spamreport"]),
)
_JSON = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES, inner, max_size=8),
    max_leaves=20,
)


_VOICE = vonage_call("human").url.partition("/vonage/")[2]


@given(
    said=_JSON | st.dictionaries(_NAMES, _JSON),
    route=st.sampled_from(["status", "inbound", _VOICE]),
)
def test_nothing_that_vonage_signs_breaks_the_reader(said: Any, route: str) -> None:
    body = json.dumps(said).encode()
    with contextlib.suppress(CallbackMalformed):
        assert isinstance(_VONAGE.read(vonage_callback(route, body)), list)


@given(said=_JSON | st.lists(st.dictionaries(_NAMES, _JSON)))
def test_nothing_that_sendgrid_signs_breaks_the_reader(said: Any) -> None:
    with contextlib.suppress(CallbackMalformed):
        assert isinstance(_SENDGRID.read(sendgrid_events(said)), list)


_FIELDS = ["headers", "text", "html", "envelope", "charsets", "email", "from", "attachment1"]


@given(fields=st.dictionaries(st.sampled_from(_FIELDS), st.binary(max_size=200)))
def test_no_mail_breaks_the_reader(fields: dict[str, bytes]) -> None:
    assert isinstance(_SENDGRID.read(sendgrid_mail(fields)), list)
