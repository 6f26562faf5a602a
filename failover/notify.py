"""Where a service hears of its messages."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Discriminator, StringConstraints, Tag

from failover.fields import Asked, Id


class NotifyWorkflow(Asked):
    """A workflow of the service's own, and the signal by which it hears of events."""

    workflow_id: Id
    signal: Id


def _url(given: str) -> str:
    try:
        parts = urlsplit(given)
        usable = parts.scheme in ("https", "http") and parts.hostname and parts.port != 0
    except ValueError:
        usable = None
    if not usable:
        raise ValueError("should be an https URL, like https://example.com/events")
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
