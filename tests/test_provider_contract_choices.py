"""A choice comes back as what it is: from every way in which a channel shows them, and in words."""

import re

import pytest

from failover.content import Choice, Content
from failover.events import Reply
from providers.capabilities import Shown
from tests.callbacks import BASE_URL
from tests.canned import canned_server
from tests.offers.every import OFFERS, having
from tests.offers.heard import names, replied, understood
from tests.offers.offer import TEXT, YES_NO, Offer, Sent, given, took
from tests.pages_app import Site, asked, buttons

#: Every way that a channel shows choices in, by the table.
WAYS = [(offer, way) for offer in OFFERS for way in offer.row.choices]


def fitting(offer: Offer, way: Shown) -> tuple[Choice, ...]:
    """The fewest choices that are shown in this way and in no handier one."""
    handier = offer.row.choices[: offer.row.choices.index(way)]
    for many in range(2, 10):
        choices = tuple(Choice(id=f"at-{n}", label=f"At {n}:00") for n in range(many))
        content = Content(text=TEXT, choices=choices)
        if way.takes(content) and not any(one.takes(content) for one in handier):
            return choices
    raise AssertionError(f"{offer} has no content for {way.how}")


@pytest.fixture(params=WAYS, ids=lambda shown: f"{shown[0]} {shown[1].how}")
def shown(request: pytest.FixtureRequest) -> tuple[Sent, Shown]:
    offer, way = request.param
    with canned_server() as edge:
        return took(offer, edge, fitting(offer, way)), way


async def test_a_choice_that_is_shown_is_pressed(shown: tuple[Sent, Shown]) -> None:
    sent, way = shown
    choices = sent.outbound.content.choices
    for choice in choices:
        reply = await pressed(sent, choice, way)

        assert understood(reply, choices) == choice
        assert reply.choice == (None if way.how == "keys" else choice.id)
        assert not reply.stop


@having("pressed")
def test_a_button_that_says_cancel_is_an_answer(sent: Sent) -> None:
    with canned_server() as edge:
        cancel = took(sent.offer, edge, (Choice(id="no", label="Cancel"), YES_NO[0]))
    reply = replied(cancel, given(cancel.offer.pressed)(cancel, cancel.outbound.content.choices[0]))

    assert (reply.stop, reply.certain) == (False, False)


async def pressed(sent: Sent, choice: Choice, way: Shown) -> Reply:
    if way.how != "links":
        return replied(sent, given(sent.offer.pressed)(sent, choice))
    return await pressed_on_our_page(sent, choice)


async def pressed_on_our_page(sent: Sent, choice: Choice) -> Reply:
    """Where the link of the choice leads, with its button on top; the provider tells nothing."""
    html = sent.body["content"][-1]["value"]
    [link] = re.findall(rf'href="({BASE_URL}/answer/[^"]*)[?]choice={choice.id}"', html)
    site = Site(asked(choices=sent.outbound.content.choices))
    assert buttons(await site.get(link, choice=choice.id))[0].endswith(choice.label)
    await site.post(link, choice=choice.id)
    [reply] = site.replies
    assert names(reply, sent)
    return reply


@pytest.fixture(scope="module")
def sent(request: pytest.FixtureRequest) -> Sent:
    with canned_server() as edge:
        return took(request.param, edge)


@having("wrote")
@pytest.mark.parametrize("words", ["2", "No", "no."])
def test_a_choice_in_words_is_for_the_core_to_understand(sent: Sent, words: str) -> None:
    reply = replied(sent, given(sent.offer.wrote)(sent, words))

    assert reply.choice is None
    assert understood(reply, YES_NO) == YES_NO[1]
