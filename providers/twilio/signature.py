"""X-Twilio-Signature, on the bytes as they came (Twilio's page "Webhooks security").

Not by the SDK's validator: it takes text only, so a body that is not UTF-8 is an error instead of
a verdict, it raises on a missing header, and its comparison is not in constant time.
"""

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Iterator, Sequence
from urllib.parse import parse_qs, parse_qsl, urlsplit

from providers.base import Callback, CallbackForged, CallbackMalformed

_FORM = "application/x-www-form-urlencoded"
#: Twilio's longest forms have some 60 fields; more only cost time to check.
_FIELDS = 500

Pairs = list[tuple[bytes, bytes]]


def verified(callback: Callback, tokens: Sequence[str]) -> dict[str, str]:
    """The fields of a callback signed with one of these auth tokens; of a repeated one the last.

    Raises `CallbackForged`, or `CallbackMalformed` when it is signed but cannot be read.
    """
    form = callback.headers.get("content-type", "").partition(";")[0].strip().lower() == _FORM
    pairs = _pairs(callback.body) if form else []
    if not form:
        _check_body_hash(callback)
    signature = callback.headers.get("x-twilio-signature", "").strip().encode("utf-8", "replace")
    if not any(
        hmac.compare_digest(signature, signed(url, pairs, token))
        for token in tokens
        for url in _spellings(callback.url)
    ):
        raise CallbackForged("X-Twilio-Signature does not match TWILIO_AUTH_TOKEN for this URL")
    try:
        return _decoded(pairs) if form else _members(callback.body)
    except (ValueError, RecursionError):
        raise CallbackMalformed("neither UTF-8 form fields nor a JSON object") from None


def signed(url: str, pairs: Pairs, token: str) -> bytes:
    """The signature: the URL, then every name and value in order, each pair once."""
    said = url.encode() + b"".join(name + value for name, value in sorted(set(pairs)))
    return b64encode(hmac.digest(token.encode(), said, hashlib.sha1))


def _pairs(body: bytes) -> Pairs:
    """Latin-1 maps each byte to one character and back, so what was signed stays as it was."""
    try:
        fields = parse_qsl(
            body.decode("latin-1"),
            keep_blank_values=True,
            encoding="latin-1",
            max_num_fields=_FIELDS,
        )
    except ValueError:
        raise CallbackForged("more fields than Twilio sends") from None
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields]


def _check_body_hash(callback: Callback) -> None:
    """Of any body but a form Twilio signs the URL alone, with the body's hash in it."""
    given = parse_qs(urlsplit(callback.url).query).get("bodySHA256", [""])[0].lower()
    actual = hashlib.sha256(callback.body).hexdigest()
    if not hmac.compare_digest(given.encode("utf-8", "replace"), actual.encode()):
        raise CallbackForged("neither a form nor a body whose hash is in the signed URL")


def _spellings(url: str) -> Iterator[str]:
    """The URL as called, and with or without its port: Twilio signs now one, now the other."""
    yield url
    parts = urlsplit(url)
    if parts.port:
        yield parts._replace(netloc=parts.netloc.removesuffix(f":{parts.port}")).geturl()
    else:
        port = 443 if parts.scheme == "https" else 80
        yield parts._replace(netloc=f"{parts.netloc}:{port}").geturl()


def _decoded(pairs: Pairs) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in pairs}


def _members(body: bytes) -> dict[str, str]:
    members = json.loads(body)
    if not isinstance(members, dict):
        raise ValueError("not an object")
    json.dumps(members, ensure_ascii=False).encode()  # half a surrogate pair is no text
    return {name: value for name, value in members.items() if isinstance(value, str)}
