"""No file of a message vanishes: each channel shows it, links to it, or says its caption."""

from collections.abc import Iterator
from urllib.parse import unquote_plus

import pytest

from failover.channels import Channel
from failover.content import Content
from failover.media import Media
from providers.base import Accepted, Refused
from tests.canned import Canned, canned_server
from tests.offers.every import OFFERS
from tests.offers.offer import TEXT, Offer

PICTURE = Media(url="https://shop.example.com/door.png", kind="image", caption="The door we found")
PLAN = Media(url="https://shop.example.com/plan.pdf", kind="file", caption="How to get there")
BARE = Media(url="https://shop.example.com/bell.mp3", kind="audio", name="bell.mp3")
#: What goes to a browser is encrypted, and read in its own tests.
READABLE = [offer for offer in OFFERS if offer.by.name != "webpush"]
CALLS = [offer for offer in READABLE if offer.channel == Channel.VOICE]
OTHERS = [offer for offer in READABLE if offer.channel != Channel.VOICE]


@pytest.fixture
def edge() -> Iterator[Canned]:
    with canned_server() as canned:
        yield canned


def said(edge: Canned, offer: Offer, *media: Media) -> str:
    """All that the provider gets, as it comes."""
    edge.answer = offer.accepted
    edge.answers.update(offer.by.asides)
    content = Content(text=TEXT, media=media)
    outbound = offer.outbound(edge.url).model_copy(update={"content": content})
    assert isinstance(offer.sender(edge.url).send(outbound), Accepted | Refused)
    [request] = offer.sends(edge.requests)
    return unquote_plus(request.body)


@pytest.mark.parametrize(
    "media", [(PICTURE,), (PICTURE, PLAN, BARE), (BARE,)], ids=["one", "three", "no caption"]
)
@pytest.mark.parametrize("offer", OTHERS, ids=str)
def test_a_file_is_shown_or_a_link_with_its_caption(
    edge: Canned, offer: Offer, media: tuple[Media, ...]
) -> None:
    told = said(edge, offer, *media)

    assert TEXT in told
    for one in media:
        assert one.url in told
        assert one.caption is None or one.caption in told


@pytest.mark.parametrize("offer", CALLS, ids=str)
def test_a_call_says_the_captions_and_no_addresses(edge: Canned, offer: Offer) -> None:
    told = said(edge, offer, PICTURE, PLAN, BARE)

    assert told.index(TEXT) < told.index("The door we found") < told.index("How to get there")
    assert "shop.example.com" not in told
    assert "bell.mp3" not in told
