"""What a push says to the app or to the service worker, in the same words on every push service."""

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass

from failover.content import Choice
from failover.media import MediaKind
from failover.names import parse_reference
from providers.base import Outbound
from providers.media import attached, saying
from providers.push.tickets import Tickets

#: Four weeks, the longest that FCM and the push services of browsers keep anything.
LONGEST = 2_419_200


@dataclass(frozen=True)
class Payload:
    """A send as the device gets it."""

    reference: str
    title: str | None
    text: str
    image: str | None  #: the URL of a picture; its caption is in the text
    choices: tuple[Choice, ...]
    link: str | None
    locale: str
    ack: str  #: where to say received, opened or what was pressed
    tag: str  #: a later one with the same tag takes its place on the screen
    ttl: int  #: seconds

    @classmethod
    def of(cls, outbound: Outbound, tickets: Tickets) -> "Payload":
        images, rest = attached(outbound, 1, (MediaKind.IMAGE,))
        content = saying(rest, *(one.caption for one in images)).content
        return cls(
            reference=outbound.reference,
            title=content.subject,
            text=content.text,
            image=images[0].url if images else None,
            choices=content.choices,
            link=outbound.link,
            locale=outbound.locale,
            ack=tickets.url(outbound),
            tag=_tag(outbound.reference),
            # A push service of a browser may drop what has no time at all; Microsoft's refuses it.
            ttl=max(1, min(int(outbound.valid_for.total_seconds()), LONGEST)),
        )

    @property
    def said(self) -> dict[str, object]:
        """What is known of it, by name; the choices as pairs of id and label."""
        choices = [{"id": choice.id, "label": choice.label} for choice in self.choices]
        said = {
            "reference": self.reference,
            "title": self.title,
            "text": self.text,
            "image": self.image,
            "choices": choices or None,
            "link": self.link,
            "locale": self.locale,
            "ack": self.ack,
            "tag": self.tag,
        }
        return {name: value for name, value in said.items() if value is not None}


def _tag(reference: str) -> str:
    """One for all attempts of a message: of a send that was repeated one copy is seen.

    32 letters that a URL may have, as the header Topic asks (RFC 8030, 5.4).
    """
    sent = parse_reference(reference)
    about = sent[0] if sent else reference
    return urlsafe_b64encode(hashlib.sha256(about.encode()).digest()[:24]).decode()
