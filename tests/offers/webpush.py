"""A push service's answers (RFC 8030), and what the service worker says."""

import json
from typing import Any

import http_ece

from failover.channels import Channel
from failover.events import FailureClass
from providers.webpush.settings import WebPushSettings
from tests.canned import Answer
from tests.offers.device import STRANGER, pressed, says, wrote
from tests.offers.offer import Account, Offer, Sent
from tests.offers.reasons import NO_REPORT, NO_STOP
from tests.push import Browser, webpush_settings


def _settings(url: str, **more: Any) -> WebPushSettings:
    return webpush_settings(url.removeprefix("http://"), **more)


WEBPUSH = Account(
    name="webpush",
    settings=_settings,
    stranger=STRANGER,
    dated=False,
    # A subscription is bound to the key that it was made with, and others to others.
    wrong_key=FailureClass.SENDER,
)
_BROWSER = Browser("")


def _to(url: str) -> str:
    return Browser(f"{url}/push/1", _BROWSER.key, _BROWSER.auth).address


def _given(sent: Sent) -> dict[str, Any]:
    """As the browser decrypts it for the service worker."""
    encrypted = sent.request.body.encode(errors="surrogateescape")
    said = http_ece.decrypt(
        encrypted, private_key=_BROWSER.key, auth_secret=_BROWSER.auth, version="aes128gcm"
    )
    push: dict[str, Any] = json.loads(said)
    return push


PUSH = Offer(
    by=WEBPUSH,
    channel=Channel.PUSH,
    accepted=Answer(201, "", {"Location": "https://push.example.com/m/7"}),
    provider_id="7",
    refused=Answer(413, ""),
    # What it answers has no body; another success is not in RFC 8030.
    unreadable=Answer(204, ""),
    wrong_address=Answer(410, ""),
    opted_out=NO_STOP,
    delivered=says(_given, "received"),
    read=says(_given, "opened"),
    failed=NO_REPORT,
    unheard=says(_given, "pondered"),
    wrote=wrote(_given),
    pressed=pressed(_given),
    to=_to,
)

OFFERS = (PUSH,)
