"""Push for tests: an account at Google, a browser with its keys, and what a device posts."""

import base64
import json
import os
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from failover.channels import Channel
from failover.content import Choice, Content
from failover.media import Media
from providers.base import Callback, Outbound
from providers.fcm.settings import FcmSettings
from providers.push.tickets import Tickets
from providers.settings import PublicSettings
from providers.webpush.settings import WebPushSettings
from tests.callbacks import BASE_URL, KEY

PUBLIC = PublicSettings.model_validate({"public_base_url": BASE_URL, "address_key": KEY})
TICKETS = Tickets.by(PUBLIC)
TOKEN = "dQw4w9WgXcQ:APA91bHun4MxP5egoKMwt2KZFBaFUH-1RYqx"
TEXT = "Hi Dana, can you be home at 9 pm?"
YES_NO = (Choice(id="yes", label="Yes"), Choice(id="no", label="No"))
PICTURE = Media(url="https://shop.example.com/door.png", kind="image", caption="The door we found")
PLAN = Media(url="https://shop.example.com/plan.pdf", kind="file", caption="How to get there")
WITH_FILES = Content(text=TEXT, media=(PICTURE, PLAN))
FORM = "application/x-www-form-urlencoded;charset=UTF-8"


@cache
def private_key() -> str:
    key = rsa.generate_private_key(65537, 2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def service_account(token_url: str, **more: Any) -> str:
    """The file that the Firebase console gives."""
    account = {
        "type": "service_account",
        "project_id": "deliveries-1",
        "private_key_id": "0" * 40,
        "private_key": private_key(),
        "client_email": "push@deliveries-1.iam.gserviceaccount.com",
        "client_id": "100000000000000000000",
        "token_uri": token_url,
    }
    return json.dumps(account | more)


def fcm_settings(url: str, token_url: str | None = None, **more: Any) -> FcmSettings:
    account = service_account(token_url or f"{url}/token")
    given = {"service_account": account, "api_base_url": url, **more}
    return FcmSettings.model_validate(given)


def webpush_settings(services: str = "", **more: Any) -> WebPushSettings:
    given = {"private_key": vapid_key(), "subject": "mailto:ops@example.com", "services": services}
    return WebPushSettings.model_validate({**given, **more})


@cache
def vapid_key() -> str:
    """As `vapid --gen` and the tools of others print it."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return unpadded(number.to_bytes(32))


def unpadded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Browser:
    """Its subscription, and the half of the keys that it keeps to itself."""

    endpoint: str
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    auth: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def address(self) -> str:
        """As `JSON.stringify` writes it."""
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        keys = {"p256dh": unpadded(point), "auth": unpadded(self.auth)}
        said = {"endpoint": self.endpoint, "expirationTime": None, "keys": keys}
        return json.dumps(said, separators=(",", ":"))


def outbound(provider: str, to: str, **more: Any) -> Outbound:
    given = {
        "reference": "order-1.2",
        "channel": Channel.PUSH,
        "provider": provider,
        "to": to,
        "content": Content(text=TEXT, subject="Your delivery", choices=YES_NO),
        "valid_for": timedelta(minutes=20),
    }
    return Outbound.model_validate({**given, **more})


def ticket_url(provider: str = "webpush", to: str = TOKEN, **more: Any) -> str:
    return TICKETS.url(outbound(provider, to, **more))


def told(url: str | None = None, **form: str) -> Callback:
    """What a service worker posts."""
    body = urlencode(form).encode()
    return Callback(url=url or ticket_url(), headers={"content-type": FORM}, body=body)
