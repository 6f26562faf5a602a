"""Keyed hashes by which a reply finds the message it answers, without an address in the open."""

import hashlib
import hmac
from base64 import b32encode

from providers.spelling import normal


def pair_key(secret: str, channel: str, theirs: str, ours: str) -> str:
    """The key of a conversation between their address and our sender on one channel."""
    return _key(secret, "pair", _family(channel), normal(theirs, ours), normal(ours))


def address_key(secret: str, address: str, ours: str = "") -> str:
    """The key of a person's address, on whatever channel; of opt-outs and of what is open there."""
    return _key(secret, "address", normal(address, ours))


def sent_key(secret: str, provider: str, provider_id: str) -> str:
    """The key of one thing we sent, for replies that quote it."""
    return _key(secret, "sent", provider, provider_id)


def reply_token(secret: str, reference: str) -> str:
    """What stands before the @ of an email's Reply-To, and beside a choice on RCS and Messenger.

    160 bits nobody can guess.

    Letters and digits of one case only, as mail servers may change the case.
    """
    digest = hmac.digest(secret.encode(), f"reply {reference}".encode(), hashlib.sha256)
    return b32encode(digest[:20]).decode().lower()


def token_key(secret: str, token: str) -> str:
    """The key under which a reply token is kept, so that the token itself is not."""
    return _key(secret, "token", token.lower())


def _family(channel: str) -> str:
    """A reply to an MMS may come as an SMS, and the other way round."""
    return "sms" if channel == "mms" else channel


def _key(secret: str, *parts: str) -> str:
    message = "\x1f".join(parts).encode()
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()[:32]
