"""What a push brings to the device so that the device can say what became of it: a signed URL.

Push has no delivery receipts. Whoever holds the URL is the device, or was given it by the device.
"""

import hashlib
from dataclasses import dataclass
from functools import partial

from itsdangerous import BadData, Signer
from itsdangerous.encoding import base64_decode, base64_encode

from failover.names import parse_reference
from providers.base import Outbound
from providers.links import Links
from providers.reply_keys import address_key
from providers.settings import PublicSettings

PATH = "/push/ack"


@dataclass(frozen=True)
class Ticket:
    """Which send it is of, and who has it."""

    reference: str
    provider: str
    person: str  #: `reply_keys.address_key`


@dataclass(frozen=True)
class Tickets:
    """The same URL each time for one send."""

    secret: str
    base_url: str

    @classmethod
    def by(cls, public: PublicSettings) -> "Tickets":
        return cls(public.address_key.get_secret_value(), public.public_base_url)

    @classmethod
    def like(cls, links: Links) -> "Tickets":
        """Of the same installation."""
        return cls(links.secret, links.base_url)

    def url(self, outbound: Outbound) -> str:
        person = address_key(self.secret, outbound.to)
        parts = " ".join((outbound.reference, outbound.provider, person))
        token = self._signer.sign(base64_encode(parts)).decode()
        return f"{self.base_url}{PATH}?ticket={token}"

    def read(self, token: str) -> Ticket | None:
        """None where it is none of ours."""
        try:
            signed = self._signer.unsign(token.encode("ascii"))
            parts = base64_decode(signed).decode("ascii").split(" ")
        except (BadData, ValueError):
            return None
        return Ticket(*parts) if len(parts) == 3 and parse_reference(parts[0]) else None

    @property
    def _signer(self) -> Signer:
        digest = partial(hashlib.blake2b, digest_size=16)
        return Signer(self.secret, salt="push ticket", digest_method=digest)
