"""What every provider does: take one send, and read what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict

from failover.channels import Channel
from failover.content import Content
from failover.events import Event, Failure


class Outbound(BaseModel):
    """One send of one message through one provider."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    reference: str
    channel: Channel
    provider: str
    to: str
    content: Content
    valid_for: timedelta  #: after that it must not arrive any more
    send_within: timedelta = timedelta(minutes=1)  #: after that it is not tried again
    deadline: datetime | None = None  #: after that nothing is sent
    last_resort: bool = False  #: nothing else is left to try
    name: str | None = None
    locale: str = "en"
    link: str | None = None  #: the signed page with the question and its choices
    unsubscribe: str | None = None  #: where one click says stop (RFC 8058)


class Accepted(BaseModel):
    """The provider took it. A reply to it carries one of `reply_keys`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: Literal["accepted"] = "accepted"
    provider_id: str | None
    reply_keys: tuple[str, ...] = ()
    #: The keyed hash of the address it went to, filled in by the activity.
    person: str | None = None


class Refused(BaseModel):
    """The provider will never take it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: Literal["refused"] = "refused"
    failure: Failure


class ProviderUnavailable(Exception):
    """Certainly not taken: connection refused, DNS, TLS, 429. Trying again is safe."""

    def __init__(self, failure: Failure, retry_after: timedelta | None = None) -> None:
        super().__init__(", ".join(filter(None, (failure.code, failure.detail))))
        self.failure = failure
        self.retry_after = retry_after


class SendUnknown(Exception):
    """Nobody can know whether it was taken: read timeout, dropped connection, 5xx, bad body."""


class LookUpImpossible(Exception):
    """This provider or this account has no way to say whether it took a send."""


class Sender(Protocol):
    """One channel of one provider. Used from many threads at once."""

    def send(self, outbound: Outbound) -> Accepted | Refused:
        """Make at most one request that could send.

        Raises `ProviderUnavailable` when it was certainly not taken, `SendUnknown` when nobody
        can know. Any other exception counts as unknown.
        """

    def look_up(self, outbound: Outbound, since: datetime) -> Accepted | None:
        """What became of a send of unknown outcome made after `since`; None when not found.

        Raises `LookUpImpossible`, or `ProviderUnavailable` to be asked again.
        """


@dataclass(frozen=True)
class Callback:
    """A provider's request as it came, with the public URL that the provider called."""

    url: str
    headers: Mapping[str, str]  #: names in lower case
    body: bytes


class CallbackRejected(Exception):
    """A callback that is not heeded. Its text says what to look at, never what was in it."""


class CallbackForged(CallbackRejected):
    """The signature is missing, wrong, or too old."""


class CallbackUnsigned(CallbackRejected):
    """No signature where the provider promises one; Vonage sends it again, signed, after a 503."""


class CallbackMalformed(CallbackRejected):
    """Signed, but not what the provider documents."""


class CallbackReader(Protocol):
    """A provider's callbacks, for as many routes as it has."""

    def read(self, callback: Callback) -> list[Event]:
        """Verify the signature on the raw bytes, then say what it means.

        Raises `CallbackForged`, `CallbackUnsigned` or `CallbackMalformed`. A report that matters
        to nobody (queued, sent) is an empty list.
        """
