"""Signed links: to the page that takes an answer, to an agent's page, and to unsubscribe."""

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from itsdangerous import BadData, Signer
from itsdangerous.encoding import base64_decode, base64_encode

from failover.channels import Channel
from failover.names import parse_reference, reference
from providers.base import Outbound
from providers.reply_keys import address_key
from providers.settings import PublicSettings

_TOKEN = re.compile(r"[A-Za-z0-9_.-]+")


class _For(StrEnum):
    """What a link is for: one made for an answer opens no agent's page."""

    ANSWER = "answer"
    UNSUBSCRIBE = "unsubscribe"
    AGENT = "agent"


@dataclass(frozen=True)
class Unsubscribing:
    """Who unsubscribes, from which send, and the language to say so in."""

    person: str  #: `reply_keys.address_key`: the link works when the message is long forgotten
    message: str
    attempt: int
    locale: str


@dataclass(frozen=True)
class Links:
    """The same link each time, as a send and its look-up have the same text."""

    secret: str
    base_url: str

    @classmethod
    def by(cls, public: PublicSettings) -> "Links":
        return cls(public.address_key.get_secret_value(), public.public_base_url)

    def put_into(self, outbound: Outbound) -> Outbound:
        """The send with the links that belong to it."""
        sent = parse_reference(outbound.reference)
        if sent is None or outbound.channel == Channel.VOICE:  # nobody presses a spoken link
            return outbound
        if outbound.channel == Channel.AGENT:
            return outbound.model_copy(update={"link": self.agent(*sent)})
        content, mail = outbound.content, outbound.channel == Channel.EMAIL
        found = {}
        if content.confirm_link or (mail and content.choices):
            found["link"] = self.answer(*sent)
        if mail:
            person = address_key(self.secret, outbound.to)
            found["unsubscribe"] = self.unsubscribe(Unsubscribing(person, *sent, outbound.locale))
        return outbound.model_copy(update=found)

    def answer(self, message: str, attempt: int) -> str:
        return self._link(_For.ANSWER, reference(message, attempt))

    def agent(self, message: str, attempt: int) -> str:
        return self._link(_For.AGENT, reference(message, attempt))

    def unsubscribe(self, of: Unsubscribing) -> str:
        return self._link(_For.UNSUBSCRIBE, of.person, of.locale, reference(of.message, of.attempt))

    def answered(self, token: str) -> tuple[str, int] | None:
        """The message id and the attempt; None where the token is not ours."""
        return _send(self._read(_For.ANSWER, token))

    def handled(self, token: str) -> tuple[str, int] | None:
        return _send(self._read(_For.AGENT, token))

    def unsubscribed(self, token: str) -> Unsubscribing | None:
        match self._read(_For.UNSUBSCRIBE, token):
            case [person, locale, sent] if parsed := parse_reference(sent):
                return Unsubscribing(person, *parsed, locale)
        return None

    def _link(self, purpose: _For, *parts: str) -> str:
        token = self._signer(purpose).sign(base64_encode(" ".join(parts))).decode()
        return f"{self.base_url}/{purpose}/{token}"

    def _read(self, purpose: _For, token: str) -> list[str]:
        # Base64 passes over what is not of its alphabet: a token has one spelling.
        if not _TOKEN.fullmatch(token):
            return []
        try:
            signed = self._signer(purpose).unsign(token.encode("ascii"))
            return base64_decode(signed).decode("ascii").split(" ")
        except (BadData, ValueError):
            return []

    def _signer(self, purpose: _For) -> Signer:
        # 128 bits are 22 characters, which an SMS has room for. The last one stands for two bits
        # only, so that it is a letter: phones leave other signs at its end out of a link.
        digest = partial(hashlib.blake2b, digest_size=16)
        return Signer(self.secret, salt=f"{purpose} link", digest_method=digest)


def _send(parts: list[str]) -> tuple[str, int] | None:
    return parse_reference(parts[0]) if len(parts) == 1 else None
