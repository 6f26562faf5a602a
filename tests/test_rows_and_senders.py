"""Each row of the table of capabilities says what the real sender does, at the row's own limits."""

import html
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import http_ece
import pytest

from failover.channels import Channel
from failover.content import Choice, Content
from failover.events import FailureClass
from failover.media import Media, MediaKind
from failover.templates import SendGridTemplate, Template, TwilioTemplate, VonageTemplate
from providers.base import Outbound, Refused
from providers.capabilities import Carries
from simulator.twilio.checks import CALL, MESSAGE
from simulator.twilio.form import Form
from tests.canned import Canned, Request, canned_server
from tests.offers.every import OFFERS, each
from tests.offers.offer import LINKS, Offer
from tests.push import Browser

TEMPLATES = {"twilio": f"HX{'0' * 32}", "vonage": "ours:delivery", "sendgrid": "d-0"}
TEMPLATE = Template(
    twilio=TwilioTemplate(sid=TEMPLATES["twilio"]),
    vonage=VonageTemplate(name=TEMPLATES["vonage"]),
    sendgrid=SendGridTemplate(id=TEMPLATES["sendgrid"]),
)


@dataclass
class Edge:
    """A provider that takes everything, and the sender of ours that writes to it."""

    offer: Offer
    canned: Canned
    browser: Browser = field(init=False)

    def __post_init__(self) -> None:
        self.canned.answer = self.offer.accepted
        self.canned.answers.update(self.offer.by.asides)
        self.browser = Browser(f"{self.canned.url}/push/1")

    def outbound(self, content: Content) -> Outbound:
        plain = self.offer.outbound(self.canned.url).model_copy(update={"content": content})
        ours = {"to": self.browser.address} if self.offer.by.name == "webpush" else {}
        return LINKS.put_into(plain.model_copy(update=ours))

    def holds(self, content: Content) -> bool:
        return self.offer.row.holds(self.outbound(content), LINKS)

    def told(self, content: Content) -> list[str] | None:
        """Every text that the provider gets of it; None where it is not taken.

        By a new sender each time: one that remembers a template says nothing of it.
        """
        self.canned.requests.clear()
        sent = self.offer.sender(self.canned.url).send(self.outbound(content))
        if isinstance(sent, Refused):
            assert sent.failure.kind == FailureClass.CONTENT
            return None
        if self.offer.by.name == "twilio" and self._is_refused():
            return None
        return [text for request in self.canned.requests for text in self._texts(request)]

    def _is_refused(self) -> bool:
        """By Twilio's own limits, as the simulator has them."""
        [request] = self.offer.sends(self.canned.requests)
        form = Form(request.body.encode())
        checks = CALL if self.offer.channel == Channel.VOICE else MESSAGE
        return any(check(form) for check in checks)

    def _texts(self, request: Request) -> list[str]:
        if self.offer.by.name == "webpush":
            return _strings(json.loads(self._decrypted(request)))
        try:
            return _strings(json.loads(request.body))
        except ValueError:
            return [html.unescape(value) for _, value in request.fields]

    def _decrypted(self, request: Request) -> bytes:
        encrypted = request.body.encode(errors="surrogateescape")
        keys = {"private_key": self.browser.key, "auth_secret": self.browser.auth}
        said: bytes = http_ece.decrypt(encrypted, **keys, version="aes128gcm")
        return said


def _strings(said: Any) -> list[str]:
    if isinstance(said, dict):
        return [text for value in said.values() for text in _strings(value)]
    if isinstance(said, list):
        return [text for value in said for text in _strings(value)]
    return [said] if isinstance(said, str) else []


@pytest.fixture
def edge(offer: Offer) -> Iterator[Edge]:
    with canned_server() as canned:
        yield Edge(offer, canned)


def choices(many: int, label: int = 3) -> tuple[Choice, ...]:
    """Each label is of a letter of its own."""
    return tuple(Choice(id=f"c{n}", label=chr(0x4E00 + n) * label) for n in range(many))


def asking(characters: int = 10, **more: Any) -> Content:
    """With more choices than a message may have, to see where a sender itself ends."""
    return Content(text="y" * characters).model_copy(update=more)


def are_shown(told: list[str], offered: tuple[Choice, ...]) -> bool:
    """Otherwise than as numbered lines of the text."""
    said = "\n".join(told)
    for number, one in enumerate(offered, start=1):
        said = said.replace(f"{number} = {one.label}", "")
    found = [one.label[0] in said for one in offered]
    assert all(found) or not any(found)
    return all(found)


def _most(row: Carries) -> list[int]:
    """Where a row says more than our own nine, it is the sender that ends there."""
    own = [way.most for way in row.choices if way.most > 9]
    return [1, 2, 3, 4, 9, *(many for most in own for many in (most, most + 1))]


_LABELS = (1, 20, 21, 24, 25, 26)
_TEXTS = (1, 1024, 1025)


@each
def test_choices_are_shown_where_the_row_says_so_and_lines_elsewhere(edge: Edge) -> None:
    row = edge.offer.row
    probes = [
        *(asking(choices=choices(many)) for many in _most(row)),
        *(asking(choices=choices(many, label)) for many in (2, 4) for label in _LABELS),
        *(asking(text, choices=choices(many)) for many in (2, 4) for text in _TEXTS),
    ]
    for content in probes:
        if (told := edge.told(content)) is not None:
            says = any(way.takes(content) for way in row.choices)
            assert are_shown(told, content.choices) == says, content


def media(kind: MediaKind, many: int = 1, caption: str | None = "A door") -> tuple[Media, ...]:
    url = "https://example.com/{}.bin"
    return tuple(Media(url=url.format(n), kind=kind, caption=caption) for n in range(many))


def shown(told: list[str] | None, files: tuple[Media, ...]) -> int:
    """How many go by themselves; a link is a part of some text."""
    assert told
    return sum(one.url in told for one in files)


@each
@pytest.mark.parametrize("kind", list(MediaKind))
def test_the_kinds_of_media_in_the_row_are_shown_and_no_other(edge: Edge, kind: MediaKind) -> None:
    files = media(kind)

    assert shown(edge.told(asking(media=files)), files) == (kind in edge.offer.row.media.kinds)


@each
def test_as_many_media_are_shown_as_the_row_says(edge: Edge) -> None:
    row = edge.offer.row
    files = media(next(map(MediaKind, row.media.kinds), MediaKind.IMAGE), 10)

    assert shown(edge.told(asking(media=files)), files) == row.media.most


@each
def test_a_template_is_sent_where_the_row_says_so(edge: Edge) -> None:
    told = edge.told(asking(template=TEMPLATE))

    assert told
    assert (TEMPLATES.get(edge.offer.by.name) in told) == edge.offer.row.template


CONTENTS = {
    "a text": asking(),
    "choices": asking(choices=choices(2)),
    "choices that are lines": asking(choices=choices(5, 70)),
    "a file": asking(media=media(MediaKind.IMAGE, caption=None)),
    "files with captions": asking(media=media(MediaKind.IMAGE, 2, "c" * 290)),
    "choices beside a file": asking(choices=choices(9), media=media(MediaKind.IMAGE)),
    "choices beside a file without a title": asking(
        choices=choices(9), media=media(MediaKind.IMAGE, caption=None)
    ),
    "a link": asking(confirm_link=True),
}
#: Those whose limit is seen here. A call by Vonage is cut where its time ends, and not refused.
LIMITED = [one for one in OFFERS if one.row.text.fits and str(one) != "vonage voice"]


@pytest.mark.parametrize("offer", LIMITED, ids=str)
@pytest.mark.parametrize("name", CONTENTS)
def test_what_is_found_to_fit_is_what_the_sender_takes(edge: Edge, name: str) -> None:
    """At the last length of text that fits, and at the first that does not, if any."""

    def of(characters: int) -> Content:
        return CONTENTS[name].model_copy(update={"text": "y" * characters})

    fits, over = 1, 20_000
    if edge.holds(of(over)):
        assert edge.told(of(over)) is not None
        return
    while over - fits > 1:
        half = (fits + over) // 2
        fits, over = (half, over) if edge.holds(of(half)) else (fits, half)

    assert edge.told(of(fits)) is not None, fits
    assert edge.told(of(over)) is None, over


#: Of one file, by the pages that the rows name; nothing that we send has it.
MEGABYTES = {("mms", "twilio"): 5, ("whatsapp", "twilio"): 16, ("rcs", "twilio"): 16}


@each
def test_the_size_of_a_file_is_the_documented_one(offer: Offer) -> None:
    assert offer.row.media.megabytes == MEGABYTES.get((offer.channel, offer.by.name))
