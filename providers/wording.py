"""A message as plain text: what is said, the choices as lines, and the link."""

from failover.choices import with_choices
from providers.base import Outbound


def as_text(outbound: Outbound) -> str:
    """For channels without buttons. The same send has the same text, also when it is looked up."""
    return _paragraphs(with_choices(outbound.content), outbound.link)


def with_link(outbound: Outbound) -> str:
    """Where the channel shows the choices itself."""
    return _paragraphs(outbound.content.text, outbound.link)


def _paragraphs(*parts: str | None) -> str:
    return "\n\n".join(filter(None, parts))
