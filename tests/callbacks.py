"""Signed test callbacks as Twilio sends them, and what every test of them has in common.

The signature is computed here anew from Twilio's page, not by the code under test.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from providers.base import Callback

BASE_URL = "https://hooks.example.com"
TOKEN = "12345678901234567890123456789012"
KEY = "a key for reply keys that is long enough"

FORM = "application/x-www-form-urlencoded; charset=UTF-8"

Fields = Mapping[str, str] | Iterable[tuple[str, str]]


def twilio_signature(url: str, pairs: Iterable[tuple[str, str]] = (), token: str = TOKEN) -> str:
    said = url + "".join(name + value for name, value in sorted(set(pairs)))
    digest = hmac.new(token.encode(), said.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def twilio_callback(
    route: str, fields: Fields, *, token: str = TOKEN, base_url: str = BASE_URL
) -> Callback:
    """A form POST. `route` is what follows `/twilio/`, with its query."""
    pairs = list(fields.items() if isinstance(fields, Mapping) else fields)
    url = f"{base_url}/twilio/{route}"
    headers = {"content-type": FORM, "x-twilio-signature": twilio_signature(url, pairs, token)}
    return Callback(url=url, headers=headers, body=urlencode(pairs).encode())
