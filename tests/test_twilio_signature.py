"""X-Twilio-Signature: the vendor's vectors, and everything by which it is got wrong."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from providers.base import Callback, CallbackForged, CallbackMalformed, CallbackRejected
from providers.twilio.signature import verified
from tests.callbacks import BASE_URL, FORM, TOKEN, twilio_callback, twilio_signature

FIELDS = {
    "MessageSid": "SM1",
    "Body": "Hé & = + 🙂",
    "FromCity": "",
    "From": "+15005550010",
}


def form(url: str, pairs: list[tuple[str, str]], signature: str) -> Callback:
    headers = {"content-type": FORM, "x-twilio-signature": signature}
    return Callback(url=url, headers=headers, body=urlencode(pairs).encode())


def test_the_forms_vector_of_twilios_sdk_tests_holds() -> None:
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    callback = form(url, [*fields.items()], "RSOYDt4T1cUTdK1PDd93/VVr8B8=")

    assert verified(callback, ["12345"]) == fields


def test_the_json_vector_of_twilios_sdk_tests_holds() -> None:
    digest = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
    url = f"https://mycompany.com/myapp.php?foo=1&bar=2&bodySHA256={digest}"
    headers = {
        "content-type": "application/json",
        "x-twilio-signature": "a9nBmqA0ju/hNViExpshrM61xv4=",
    }
    body = b'{"property": "value", "boolean": true}'

    assert verified(Callback(url, headers, body), ["12345"]) == {"property": "value"}
    with pytest.raises(CallbackForged):
        verified(Callback(url, headers, body + b" "), ["12345"])


def test_blank_fields_and_any_letters_are_signed() -> None:
    assert verified(twilio_callback("inbound", FIELDS), [TOKEN]) == FIELDS


def test_it_agrees_with_the_sdks_validator() -> None:
    callback = twilio_callback("inbound", FIELDS)
    signature = callback.headers["x-twilio-signature"]

    assert RequestValidator(TOKEN).compute_signature(callback.url, FIELDS) == signature


def test_a_field_given_twice_is_signed_with_both_values() -> None:
    pairs = [("MediaUrl", "b"), ("MediaUrl", "a"), ("MediaUrl", "b"), ("To", "+1")]
    callback = twilio_callback("inbound", pairs)

    assert verified(callback, [TOKEN]) == {"MediaUrl": "b", "To": "+1"}


def test_after_a_rotation_the_previous_token_still_counts() -> None:
    callback = twilio_callback("inbound", FIELDS, token="the old one")

    assert verified(callback, [TOKEN, "the old one"])
    with pytest.raises(CallbackForged):
        verified(callback, [TOKEN])


@pytest.mark.parametrize(
    ("ours", "signed"),
    [
        ("https://h.example/x?m=1", "https://h.example:443/x?m=1"),
        ("http://h.example/x?m=1", "http://h.example:80/x?m=1"),
        ("https://h.example:8443/x?m=1", "https://h.example/x?m=1"),
        ("https://[::1]:8443/x?m=1", "https://[::1]/x?m=1"),
        ("https://h.example/x?m=a%2Fb&n=", "https://h.example/x?m=a%2Fb&n="),
    ],
)
def test_the_port_may_be_in_what_was_signed_or_not(ours: str, signed: str) -> None:
    callback = form(ours, [*FIELDS.items()], twilio_signature(signed, FIELDS.items()))

    assert verified(callback, [TOKEN]) == FIELDS


CHANGES: dict[str, Callable[[Callback], Callback]] = {
    "no signature": lambda c: replace(c, headers={"content-type": FORM}),
    "an empty signature": lambda c: replace(c, headers={**c.headers, "x-twilio-signature": ""}),
    "a signature not in ASCII": lambda c: replace(
        c, headers={**c.headers, "x-twilio-signature": "é\udcff"}
    ),
    "a signature cut short": lambda c: replace(
        c, headers={**c.headers, "x-twilio-signature": c.headers["x-twilio-signature"][:-1]}
    ),
    "another body": lambda c: replace(c, body=c.body.replace(b"SM1", b"SM2")),
    "a field more": lambda c: replace(c, body=c.body + b"&Digits=1"),
    "a blank field less": lambda c: replace(c, body=c.body.replace(b"&FromCity=", b"")),
    "no body": lambda c: replace(c, body=b""),
    "another query": lambda c: replace(c, url=c.url.replace("m=a.1", "m=a.2")),
    "another scheme": lambda c: replace(c, url=c.url.replace("https:", "http:")),
    "another host": lambda c: replace(c, url=c.url.replace("hooks.", "hook.")),
    "another path": lambda c: replace(c, url=c.url.replace("status", "voice")),
    "called JSON": lambda c: replace(c, headers={**c.headers, "content-type": "application/json"}),
    "no content type": lambda c: replace(
        c, headers={"x-twilio-signature": c.headers["x-twilio-signature"]}
    ),
    "ten thousand fields": lambda c: replace(c, body=b"a=1&" * 10_000),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_callback_is_forged(change: Callable[[Callback], Callback]) -> None:
    callback = twilio_callback("status?m=a.1", FIELDS)

    with pytest.raises(CallbackForged):
        verified(change(callback), [TOKEN])


def test_a_signature_of_the_url_alone_does_not_cover_a_json_body() -> None:
    url = f"{BASE_URL}/twilio/status?m=a.1"
    headers = {"content-type": "application/json", "x-twilio-signature": twilio_signature(url)}

    with pytest.raises(CallbackForged):
        verified(Callback(url, headers, b"{}"), [TOKEN])


@pytest.mark.parametrize("body", [b"[]", b"nope", b'{"a": "\\ud800"}', b"\xff", b"[" * 40_000])
def test_signed_json_that_is_no_object_is_malformed(body: bytes) -> None:
    url = f"{BASE_URL}/twilio/status?m=a.1&bodySHA256={hashlib.sha256(body).hexdigest()}"
    headers = {"content-type": "application/json", "x-twilio-signature": twilio_signature(url)}

    with pytest.raises(CallbackMalformed):
        verified(Callback(url, headers, body), [TOKEN])


def test_signed_bytes_that_are_not_utf8_are_malformed() -> None:
    url = f"{BASE_URL}/twilio/inbound"
    digest = hmac.new(TOKEN.encode(), url.encode() + b"Body\xff\xfe", hashlib.sha1).digest()
    headers = {"content-type": FORM, "x-twilio-signature": base64.b64encode(digest).decode()}

    for body in (b"Body=\xff\xfe", b"Body=%FF%fe"):
        with pytest.raises(CallbackMalformed):
            verified(Callback(url, headers, body), [TOKEN])


@given(
    url=st.text(max_size=80),
    headers=st.dictionaries(
        st.sampled_from(["content-type", "x-twilio-signature"]),
        st.sampled_from([FORM, "application/json", "text/plain"]) | st.text(max_size=40),
    ),
    body=st.binary(max_size=300),
)
def test_whatever_a_stranger_sends_is_rejected(
    url: str, headers: dict[str, str], body: bytes
) -> None:
    callback = Callback(f"{BASE_URL}/{url}", headers, body)

    with pytest.raises(CallbackRejected):
        verified(callback, [TOKEN])


@given(pairs=st.lists(st.tuples(st.text(min_size=1, max_size=9), st.text(max_size=20)), max_size=9))
def test_whatever_twilio_signs_is_read(pairs: list[tuple[str, str]]) -> None:
    callback = twilio_callback("inbound?m=a.1", pairs)

    assert verified(callback, [TOKEN]) == dict(pairs)
