"""Rightly signed callbacks with any body, and the ways in which a stranger changes a good one."""

from dataclasses import replace

from hypothesis import strategies as st

from providers.base import Callback
from tests.callbacks import BASE_URL
from tests.webhooks_app import PATHS, SIGNING, callbacks

GOOD = callbacks()


def rightly_signed(path: str, body: bytes, *, age: float = 0) -> Callback:
    """Whatever the body is, as the provider would sign it; Twilio's signature has no age."""
    signed: Callback = SIGNING[path.split("/")[1]].rightly_signed(path, body, age=age)
    return signed


@st.composite
def tampered(draw: st.DrawFn) -> tuple[str, Callback]:
    """The route it was for, and a good callback with one thing changed after it was signed."""
    path = draw(st.sampled_from(PATHS))
    good = GOOD[path]
    change = draw(st.sampled_from([_cut, _grown, _flipped, _swapped, _unsigned, _elsewhere]))
    return path, change(draw, path, good)


def _cut(draw: st.DrawFn, path: str, good: Callback) -> Callback:
    return replace(good, body=good.body[: draw(st.integers(0, len(good.body) - 1))])


def _grown(draw: st.DrawFn, path: str, good: Callback) -> Callback:
    at, more = draw(st.integers(0, len(good.body))), draw(st.binary(min_size=1, max_size=40))
    return replace(good, body=good.body[:at] + more + good.body[at:])


def _flipped(draw: st.DrawFn, path: str, good: Callback) -> Callback:
    at, bit = draw(st.integers(0, len(good.body) - 1)), draw(st.integers(0, 7))
    changed = bytes([good.body[at] ^ 1 << bit])
    return replace(good, body=good.body[:at] + changed + good.body[at + 1 :])


def _swapped(draw: st.DrawFn, path: str, good: Callback) -> Callback:
    others = [other for other in PATHS if GOOD[other].body != good.body]
    return replace(good, body=GOOD[draw(st.sampled_from(others))].body)


def _unsigned(draw: st.DrawFn, path: str, good: Callback) -> Callback:
    """Without its signature, or with part of one."""
    name = draw(st.sampled_from([name for name in good.headers if name != "content-type"]))
    kept = good.headers[name][: draw(st.integers(0, len(good.headers[name]) - 1))]
    return replace(good, headers={**good.headers, name: kept})


def _elsewhere(draw: st.DrawFn, path: str, good: Callback) -> Callback:
    """A body that was signed for another route, or with another query."""
    others = [other for other in PATHS if other.split("/")[1] == path.split("/")[1]]
    other = draw(st.sampled_from([other for other in others if other != path]))
    return replace(good, url=f"{BASE_URL}{other}?{draw(st.text('abm=&.12', max_size=12))}")
