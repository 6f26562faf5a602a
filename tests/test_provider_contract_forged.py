"""No forgery is heeded: every callback of every offer, with a fault in its signature."""

import dataclasses
import time

import pytest

from providers.base import Callback, CallbackForged, CallbackRejected
from tests.canned import canned_server
from tests.offers.every import each_send
from tests.offers.offer import YES_NO, Never, Sent, took

DAY = 24 * 3600


@pytest.fixture(scope="module")
def sent(request: pytest.FixtureRequest) -> Sent:
    with canned_server() as edge:
        return took(request.param, edge)


def callbacks(sent: Sent) -> dict[str, Callback]:
    """All that the offer has, as they come now."""
    offer, found = sent.offer, {"delivered": sent.offer.delivered(sent)}
    found["unheard"] = offer.unheard(sent)
    if not isinstance(offer.read, Never):
        found["read"] = offer.read(sent)
    if not isinstance(offer.failed, Never):
        found["failed"] = offer.failed.comes(sent)
    if callable(offer.opted_out):
        found["opted out"] = offer.opted_out(sent)
    if not isinstance(offer.wrote, Never):
        found |= {word: offer.wrote(sent, word) for word in ("Yes", "STOP")}
    if not isinstance(offer.pressed, Never):
        found["pressed"] = offer.pressed(sent, YES_NO[0])
    return found | {f"stop {n}": comes(sent) for n, comes in enumerate(offer.stops)}


def is_signed_by_a_header(sent: Sent) -> bool:
    """Else by what is in the URL that we gave."""
    way = sent.offer.by.integration.callbacks
    assert way
    return bool(way.signature or way.bearer)


def with_other_bytes(sent: Sent, callback: Callback) -> list[Callback]:
    if is_signed_by_a_header(sent):
        bodies = (callback.body + b"&a=b", callback.body + b" ", callback.body[:-5], b"")
        return [dataclasses.replace(callback, body=body) for body in bodies]
    urls = (callback.url[:-1], callback.url.replace("ticket=", "ticket=A"))
    return [dataclasses.replace(callback, url=url) for url in urls]


def without_signature(sent: Sent, callback: Callback) -> Callback:
    if is_signed_by_a_header(sent):
        kind = {"content-type": callback.headers["content-type"]}
        return dataclasses.replace(callback, headers=kind)
    return dataclasses.replace(callback, url=callback.url.partition("?")[0])


@each_send
def test_other_bytes_than_were_signed_are_refused(sent: Sent) -> None:
    for callback in callbacks(sent).values():
        for forged in with_other_bytes(sent, callback):
            with pytest.raises(CallbackForged):
                sent.offer.by.reader.read(forged)


@each_send
def test_a_callback_without_a_signature_is_refused(sent: Sent) -> None:
    for callback in callbacks(sent).values():
        with pytest.raises(CallbackRejected):
            sent.offer.by.reader.read(without_signature(sent, callback))


@each_send
def test_a_signature_by_another_secret_is_refused(sent: Sent) -> None:
    for callback in callbacks(sent).values():
        with pytest.raises(CallbackForged):
            sent.offer.by.stranger.read(callback)


@each_send
def test_a_callback_of_long_ago_is_refused_where_it_says_when_it_was_made(
    sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    with monkeypatch.context() as then:
        then.setattr(time, "time", lambda: now - 2 * DAY)
        old = callbacks(sent)
    if not sent.offer.by.dated:  # then there is no time in it at all
        assert old == callbacks(sent)
        return
    for callback in old.values():
        with pytest.raises(CallbackForged):
            sent.offer.by.reader.read(callback)


@each_send
def test_a_refusal_says_nothing_of_what_was_in_it(sent: Sent) -> None:
    for callback in callbacks(sent).values():
        forged, *_ = with_other_bytes(sent, callback)
        with pytest.raises(CallbackRejected) as raised:
            sent.offer.by.reader.read(forged)

        address = sent.outbound.to.removeprefix("+")
        assert not any(word in str(raised.value) for word in (address, "Yes", "STOP"))
