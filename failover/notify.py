"""Where a service hears of its messages."""

from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    HttpUrl,
    StringConstraints,
    Tag,
)

from failover.fields import Asked, Id


class NotifyWorkflow(Asked):
    """A workflow of the service's own, and the signal by which it hears of events."""

    workflow_id: Id
    signal: Id


def _url(given: str) -> str:
    try:
        parts = HttpUrl(given)
    except ValueError:
        raise ValueError("should be an https URL, like https://example.com/events") from None
    if parts.username or parts.password:
        raise ValueError("should have no password in it: what is sent there is signed")
    return given


def _kind(given: object) -> str:
    return "url" if isinstance(given, str) else "workflow"


Url = Annotated[
    str,
    StringConstraints(pattern=r"^[!-~]+$", min_length=1, max_length=2000),
    AfterValidator(_url),
]
Notify = Annotated[
    Annotated[Url, Tag("url")] | Annotated[NotifyWorkflow, Tag("workflow")],
    Discriminator(_kind),
]

#: In place of a host: every one.
EVERY = "*"


class Targets(BaseModel):
    """Where this installation tells services; without more, everywhere.

    `private` are the hosts that may have a private address, and be told by plain http.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    signs: bool = True
    private: tuple[str, ...] = (EVERY,)
    #: Whether a redirect that keeps the request as it is (307, 308) is followed.
    redirects: bool = False

    def lax(self, host: str | None) -> bool:
        return EVERY in self.private or (host or "").strip("[]") in self.private

    def fault(self, notify: Notify | None) -> str | None:
        """Why it cannot be told there, if so. The URL may have secrets, so it is not repeated."""
        if notify is None or isinstance(notify, NotifyWorkflow):
            return None
        if not self.signs:
            return "a URL needs NOTIFY_SECRET, and this installation has none"
        url = HttpUrl(notify)
        if url.scheme != "https" and not self.lax(url.host):
            return "should be an https URL; NOTIFY_ALLOW_PRIVATE has no such host"
        return None


#: What an installation can serve of which nothing is configured.
NOWHERE = Targets(signs=False, private=())
