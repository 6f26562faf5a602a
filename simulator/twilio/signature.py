"""X-Twilio-Signature, as Twilio's page "Webhooks security" defines it."""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from urllib.parse import urldefrag, urlencode
from uuid import uuid4

from simulator.outbox import Callback


def sign(url: str, pairs: Iterable[tuple[str, str]], auth_token: str) -> str:
    signed = url + "".join(name + value for name, value in sorted(set(pairs)))
    digest = hmac.new(auth_token.encode(), signed.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def form_callback(url: str, form: dict[str, str], auth_token: str, says: str) -> Callback:
    """A signed form POST. The fragment (connection overrides) is neither signed nor sent."""
    url, overrides = urldefrag(url)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
        "User-Agent": "TwilioProxy/1.1",
        "X-Twilio-Signature": sign(url, form.items(), auth_token),
        "I-Twilio-Idempotency-Token": str(uuid4()),
    }
    tries, reasons = _retries(overrides)
    return Callback(
        url=url,
        headers=headers,
        body=urlencode(form).encode(),
        says=says,
        again=lambda answer: _reason(answer) in reasons,
        tries=tries,
    )


def _retries(overrides: str) -> tuple[int, set[str]]:
    """Tries in all and reasons for another: `rc` and `rp` of "Webhooks connection overrides"."""
    given = dict(part.partition("=")[::2] for part in overrides.split("&"))
    count = given.get("rc", "1")
    return 1 + (int(count) if count.isdigit() else 1), set(given.get("rp", "ct").split(","))


def _reason(answer: int | None) -> str:
    return "ct" if answer is None else f"{answer // 100}xx"
