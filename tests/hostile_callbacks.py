"""Rightly signed callbacks with any body, and the ways in which a stranger changes a good one."""

import base64
import hashlib
import hmac
import time
from dataclasses import replace
from urllib.parse import parse_qsl

from hypothesis import strategies as st

from providers.base import Callback
from tests.callbacks import BASE_URL, FORM, TOKEN
from tests.callbacks_sendgrid import BOUNDARY, EVENT_KEY, INBOUND_KEY, sendgrid_mail, signed
from tests.callbacks_vonage import vonage_callback
from tests.webhooks_app import MAIL, PATHS, callbacks

_TOKEN = "a2" * 16
#: A mail that finds its message.
ENVELOPE = f'{{"to":["r+{_TOKEN}@reply.example.com"],"from":"dana@example.com"}}'
GOOD = callbacks() | {"/sendgrid/inbound": sendgrid_mail({**MAIL, "envelope": ENVELOPE})}
_QUERIES = {"/twilio/status": "?m=order-1.2", "/twilio/voice": "?m=order-1.2&keys=2"}
_MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"


def forged(path: str) -> int:
    return 401 if path.startswith("/vonage/") else 403


def rightly_signed(path: str, body: bytes, *, age: float = 0) -> Callback:
    """Whatever the body is, as the provider would sign it; Twilio's signature has no age."""
    provider, route = path.split("/")[1:]
    if provider == "vonage":
        return _by_vonage(GOOD[path].url.partition("/vonage/")[2], body, age)
    if path == "/sendgrid/events":
        return signed(route, body, EVENT_KEY, age=age)
    if path == "/sendgrid/inbound":
        return signed(route, body, INBOUND_KEY, kind=_MULTIPART, age=age)
    url = f"{BASE_URL}{path}{_QUERIES.get(path, '')}"
    headers = {"content-type": FORM, "x-twilio-signature": _by_twilio(url, body)}
    return Callback(url=url, headers=headers, body=body)


def _by_vonage(route: str, body: bytes, age: float) -> Callback:
    return vonage_callback(route, body, iat=int(time.time() - age))


def _by_twilio(url: str, body: bytes) -> str:
    """Over the bytes of the fields, which need be no text."""
    fields = parse_qsl(body.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
    said = url + "".join(name + value for name, value in sorted(set(fields)))
    # Of the URL nothing but ASCII is here, so Latin-1 gives back just the bytes that came.
    digest = hmac.new(TOKEN.encode(), said.encode("latin-1"), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


@st.composite
def tampered(draw: st.DrawFn) -> tuple[str, Callback]:
    """The route it was for, and a good callback with one thing changed after it was signed."""
    path = draw(st.sampled_from(PATHS))
    good = GOOD[path]
    change = draw(st.sampled_from([_cut, _grown, _flipped, _swapped, _unsigned, _elsewhere]))
    return path, change(draw, path, good)


def _cut(draw: st.DrawFn, path: str, good: Callback) -> Callback:
    return replace(good, body=good.body[: draw(st.integers(0, len(good.body) - 1))])


def _grown(draw: st.DrawFn, path: str, good: Callback) -> Callback:
    at, more = draw(st.integers(0, len(good.body))), draw(st.binary(min_size=1, max_size=40))
    return replace(good, body=good.body[:at] + more + good.body[at:])


def _flipped(draw: st.DrawFn, path: str, good: Callback) -> Callback:
    at, bit = draw(st.integers(0, len(good.body) - 1)), draw(st.integers(0, 7))
    changed = bytes([good.body[at] ^ 1 << bit])
    return replace(good, body=good.body[:at] + changed + good.body[at + 1 :])


def _swapped(draw: st.DrawFn, path: str, good: Callback) -> Callback:
    others = [other for other in PATHS if GOOD[other].body != good.body]
    return replace(good, body=GOOD[draw(st.sampled_from(others))].body)


def _unsigned(draw: st.DrawFn, path: str, good: Callback) -> Callback:
    """Without its signature, or with part of one."""
    name = draw(st.sampled_from([name for name in good.headers if name != "content-type"]))
    kept = good.headers[name][: draw(st.integers(0, len(good.headers[name]) - 1))]
    return replace(good, headers={**good.headers, name: kept})


def _elsewhere(draw: st.DrawFn, path: str, good: Callback) -> Callback:
    """A body that was signed for another route, or with another query."""
    others = [other for other in PATHS if other.split("/")[1] == path.split("/")[1]]
    other = draw(st.sampled_from([other for other in others if other != path]))
    return replace(good, url=f"{BASE_URL}{other}?{draw(st.text('abm=&.12', max_size=12))}")
