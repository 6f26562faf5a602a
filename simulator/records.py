"""What the simulator keeps: messages it accepted, what the person said, requests it received."""

from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from simulator.scripts import Script


def now() -> datetime:
    return datetime.now(UTC)


class Choice(BaseModel):
    """A button the person may press."""

    id: str
    title: str


class Link(BaseModel):
    """A button that opens a page."""

    url: str
    title: str


class Posted(BaseModel):
    """One callback that was posted; `answer` is the HTTP status, null when nobody answered."""

    url: str
    status: str
    sent_at: datetime = Field(default_factory=now)
    answer: int | None = None


class Call(BaseModel):
    """The handset's side of a call."""

    state: str = "queued"
    said: list[str] = []
    gather: bool = False
    digits: str = ""
    answered_by: str | None = None
    duration: int | None = None


class Sent(BaseModel):
    """A message or call that a provider accepted."""

    model_config = ConfigDict(validate_by_name=True, serialize_by_alias=True)

    id: str
    provider: str
    channel: str
    sender: str = Field(alias="from")
    to: str
    reference: str | None = None
    text: str = ""
    subject: str | None = None
    html: str | None = None
    choices: list[Choice] = []
    #: Addresses of pictures and other files that came with it.
    media: list[str] = []
    #: A button of Viber's, which opens a page.
    link: Link | None = None
    #: What a list of choices is opened with; without it they are buttons.
    opens: str | None = None
    status: str
    error: str | None = None
    at: datetime = Field(default_factory=now)
    accepted: bool = True
    #: False for one that a script makes fail: it never comes up on the handset.
    arrives: bool = True
    reply_to: str | None = None
    #: Whether it is a template that was approved, which goes outside the 24 hours, too.
    approved: bool = Field(default=False, exclude=True)
    #: Where one click in the mail client says stop (RFC 8058).
    unsubscribe: str | None = None
    call: Call | None = None
    callbacks: list[Posted] = []
    raw: dict[str, Any] = {}

    status_url: str | None = Field(default=None, exclude=True)
    sent_at: datetime | None = Field(default=None, exclude=True)
    script: Script | None = Field(default=None, exclude=True)
    unlisted: int = Field(default=0, exclude=True)

    def looked_up(self) -> bool:
        """Counts one look-up; false while the provider has not listed it yet."""
        self.unlisted -= 1
        return self.unlisted < 0


class Said(BaseModel):
    """What the person sent back; `answer` is the HTTP status of our webhook."""

    model_config = ConfigDict(validate_by_name=True, serialize_by_alias=True)

    id: str
    provider: str
    channel: str
    person: str = Field(alias="from")
    to: str
    text: str
    choice: str | None = None
    quote: bool = False
    headers: dict[str, str] = {}
    in_reply_to: str | None = None
    at: datetime = Field(default_factory=now)
    answer: int | None = None
    posted: bool = False
    note: str | None = None


class Heard(BaseModel):
    """A notification to the service, as it came, and what it was answered."""

    id: str
    headers: dict[str, str]
    json_: Any = Field(default=None, serialization_alias="json")
    #: The body, byte for byte; signatures are over it.
    body: str
    answer: int
    at: datetime = Field(default_factory=now)


class Received(BaseModel):
    """One request to a provider's API, without its credentials."""

    provider: str
    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    form: list[tuple[str, str]] | None = None
    json_: Any = Field(default=None, serialization_alias="json")
    status: int | None = None
    at: datetime = Field(default_factory=now)
