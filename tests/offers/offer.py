"""What a provider is held to: an entry for each channel, in the words of the provider's own HTTP.

A callback is made of the request that our sender really made, as the provider would make it.
"""

import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any, TypeVar

from failover.channels import Channel
from failover.content import Choice, Content
from failover.events import FailureClass
from providers.base import Accepted, Callback, CallbackReader, Outbound, Refused, Sender
from providers.capabilities import Carries, table
from providers.integration import Integration
from providers.known import integrations
from providers.links import Links
from providers.settings import ProviderSettings, PublicSettings
from tests.callbacks import BASE_URL, KEY
from tests.canned import Answer, Canned, Request

T = TypeVar("T")

PUBLIC = PublicSettings.model_validate({"public_base_url": BASE_URL, "address_key": KEY})
#: Of another installation.
ELSEWHERE = PublicSettings.model_validate(
    {"public_base_url": BASE_URL, "address_key": "another key that is long enough, too"}
)
LINKS = Links.by(PUBLIC)
OURS, PERSON = "+15005550006", "+14155550100"
PAGE, ON_THE_PAGE = "1023456789012345", "2412345678901234"
TEXT = "Can you be home at 9 pm?"
YES_NO = (Choice(id="yes", label="Yes"), Choice(id="no", label="No"))


@dataclass(frozen=True)
class Account:
    """A provider as it is configured, whatever the channel."""

    name: str  #: of its folder
    #: Aimed at a URL, with a sender of ours on every channel, and with more variables.
    settings: Callable[..., ProviderSettings]
    #: Of an installation whose callbacks are signed with another secret.
    stranger: CallbackReader
    #: Whether its signature says when it was made.
    dated: bool
    #: What is asked for before a send and sends nothing, by path.
    asides: Mapping[str, Answer] = field(default_factory=dict)
    #: Whose fault a 401 and a 403 are.
    wrong_key: FailureClass = FailureClass.ACCOUNT

    @cached_property
    def integration(self) -> Integration:
        [known] = (one for one in integrations() if one.name == self.name)
        return known

    @cached_property
    def reader(self) -> CallbackReader:
        assert self.integration.callbacks
        return self.integration.callbacks.reader(self.settings("http://127.0.0.1:1"), PUBLIC)


@dataclass(frozen=True)
class Never:
    """Why a case cannot be here; the tests hold it to the table of capabilities."""

    why: str


@dataclass(frozen=True)
class Failed:
    """A report of a failure, and whose fault it is."""

    comes: "Comes"
    kind: FailureClass


@dataclass(frozen=True)
class Offer:
    """One channel of one provider: its answers to a send, and what it calls back with."""

    by: Account
    channel: Channel

    accepted: Answer
    provider_id: str
    #: For what is said, or by a rule of the channel.
    refused: Answer
    #: A success that its documentation does not know.
    unreadable: Answer
    wrong_address: Answer
    opted_out: "Answer | Comes | Never"

    delivered: "Comes"
    read: "Comes | Never"
    failed: Failed | Never
    #: A status that nobody knows, or that says nothing.
    unheard: "Comes"
    #: The person answers in these words.
    wrote: "Callable[[Sent, str], Callback] | Never"
    #: The person chooses it by what the channel shows.
    pressed: "Callable[[Sent, Choice], Callback] | Never"
    #: Other ways to say stop.
    stops: "tuple[Comes, ...]" = ()

    #: The person's address; the URL is that of the stand-in for the provider.
    to: Callable[[str], str] = lambda url: PERSON

    def __str__(self) -> str:
        return f"{self.by.name} {self.channel}"

    @property
    def row(self) -> Carries:
        return table()[self.channel, self.by.name]

    def send(
        self, edge: Canned, answer: Answer, choices: tuple[Choice, ...] = (), **more: Any
    ) -> Accepted | Refused:
        """One send to a provider that answers with this; `more` are variables of its settings."""
        edge.answer = answer
        edge.answers.update(self.by.asides)
        return self.sender(edge.url, **more).send(self.outbound(edge.url, choices))

    def sender(self, url: str, **more: Any) -> Sender:
        return self.by.integration.senders(self.by.settings(url, **more), PUBLIC)[self.channel]

    def outbound(self, url: str, choices: tuple[Choice, ...] = ()) -> Outbound:
        """With the links that the activity puts into it."""
        outbound = Outbound(
            reference="order-1.2",
            channel=self.channel,
            provider=self.by.name,
            to=self.to(url),
            content=Content(text=TEXT, choices=choices),
            valid_for=timedelta(minutes=20),
        )
        return LINKS.put_into(outbound)

    def sends(self, requests: list[Request]) -> list[Request]:
        return [one for one in requests if one.path not in self.by.asides]

    def but(self, **changes: Any) -> "Offer":
        return dataclasses.replace(self, **changes)


@dataclass(frozen=True)
class Sent:
    """A send that the provider took, and the requests that it saw."""

    offer: Offer
    outbound: Outbound
    requests: list[Request]
    accepted: Accepted

    @property
    def request(self) -> Request:
        """The one that sent."""
        [request] = self.offer.sends(self.requests)
        return request

    @property
    def body(self) -> Any:
        """Of JSON."""
        return json.loads(self.request.body)

    def to(self, path: str) -> Any:
        """The JSON of the one request with a body that went there."""
        [request] = (one for one in self.requests if one.path == path and one.method == "POST")
        return json.loads(request.body)

    def number(self, choice: Choice) -> int:
        """As people are told it."""
        return self.outbound.content.choices.index(choice) + 1


#: A callback as the provider makes it of a send.
Comes = Callable[[Sent], Callback]


def given(case: T | Never) -> T:
    """Of an offer that has the case."""
    assert not isinstance(case, Never), case.why
    return case


def took(offer: Offer, edge: Canned, choices: tuple[Choice, ...] = YES_NO) -> Sent:
    accepted = offer.send(edge, offer.accepted, choices)
    assert isinstance(accepted, Accepted)
    return Sent(offer, offer.outbound(edge.url, choices), list(edge.requests), accepted)
