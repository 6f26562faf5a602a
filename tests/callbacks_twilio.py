"""An account at Twilio, a good callback for each of its routes, and others rightly signed."""

import base64
import hashlib
import hmac
from typing import Any
from urllib.parse import parse_qsl

from providers.base import Callback
from tests.callbacks import BASE_URL, FORM, TOKEN, twilio_callback

SETTINGS = {"account_sid": "AC1", "auth_token": TOKEN, "from": "+15005550006"}
STATUS = {"MessageSid": "SM1", "MessageStatus": "delivered", "From": "+1500", "To": "+1501"}
INBOUND = {"MessageSid": "SM2", "From": "+15005550010", "To": "+15005550006", "Body": "Yes"}
PRESSED = {"CallSid": "CA1", "Digits": "2", "CallStatus": "in-progress"}
_ROUTES = {
    "/twilio/status": "status?m=order-1.2",
    "/twilio/inbound": "inbound",
    "/twilio/voice": "voice?m=order-1.2&keys=2",
}
GOOD = {
    "/twilio/status": twilio_callback(_ROUTES["/twilio/status"], STATUS),
    "/twilio/inbound": twilio_callback(_ROUTES["/twilio/inbound"], INBOUND),
    "/twilio/voice": twilio_callback(_ROUTES["/twilio/voice"], PRESSED),
}


def saying(path: str, said: dict[str, Any]) -> Callback:
    return twilio_callback(_ROUTES[path], [(name, str(value)) for name, value in said.items()])


def rightly_signed(path: str, body: bytes, *, age: float = 0) -> Callback:
    """Whatever the body is; the signature has no age."""
    url = f"{BASE_URL}/twilio/{_ROUTES[path]}"
    headers = {"content-type": FORM, "x-twilio-signature": _signature(url, body)}
    return Callback(url=url, headers=headers, body=body)


def _signature(url: str, body: bytes) -> str:
    """Over the bytes of the fields, which need be no text."""
    fields = parse_qsl(body.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
    said = url + "".join(name + value for name, value in sorted(set(fields)))
    # Of the URL nothing but ASCII is here, so Latin-1 gives back just the bytes that came.
    digest = hmac.new(TOKEN.encode(), said.encode("latin-1"), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()
