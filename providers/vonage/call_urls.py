"""Where Vonage tells what becomes of a call: a URL that brings back which call it is.

Vonage signs the body of what it posts, not the address; the query is therefore signed by us.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import partial
from urllib.parse import parse_qs, urlencode, urlsplit

from itsdangerous import Signer

from failover.names import parse_reference
from providers.base import CallbackMalformed, Outbound

_LOCALE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8}){0,3}")


@dataclass(frozen=True)
class PlacedCall:
    """Which send it is of, the keys that count, and the language."""

    reference: str
    keys: int
    locale: str


@dataclass(frozen=True)
class CallUrls:
    secret: str
    base_url: str

    def of(self, outbound: Outbound) -> str:
        locale = outbound.locale if _LOCALE.fullmatch(outbound.locale) else "en"
        keys = len(outbound.content.choices) or 1
        return self.url(PlacedCall(outbound.reference, keys, locale))

    def url(self, call: PlacedCall) -> str:
        said = {"m": call.reference, "keys": call.keys, "lang": call.locale}
        query = urlencode({**said, "s": self._signature(call)})
        return f"{self.base_url}/vonage/voice?{query}"

    def read(self, url: str) -> PlacedCall | None:
        """None for a call that is not ours. Raises `CallbackMalformed` for a forged address."""
        found = parse_qs(urlsplit(url).query)
        given = {name: values[-1] for name, values in found.items()}
        if "m" not in given:
            return None
        keys, locale = given.get("keys", ""), given.get("lang", "")
        if re.fullmatch("[1-9]", keys) and _LOCALE.fullmatch(locale):
            call = PlacedCall(given["m"], int(keys), locale)
            if parse_reference(call.reference) and self._is_ours(call, given.get("s", "")):
                return call
        raise CallbackMalformed("the address is not one that we gave a call")

    def _is_ours(self, call: PlacedCall, signature: str) -> bool:
        return self._signer.verify_signature(_signed(call), signature.encode(errors="replace"))

    def _signature(self, call: PlacedCall) -> str:
        return self._signer.get_signature(_signed(call)).decode()

    @property
    def _signer(self) -> Signer:
        digest = partial(hashlib.blake2b, digest_size=16)
        return Signer(self.secret, salt="vonage call", digest_method=digest)


def _signed(call: PlacedCall) -> bytes:
    return " ".join((call.reference, str(call.keys), call.locale)).encode()
