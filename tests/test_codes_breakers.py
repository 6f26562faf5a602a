"""Which codes make a provider passed over: those of our account there, and no others."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress

import pytest

from activities.health import Health
from failover.events import FailureClass
from providers.base import Accepted, ProviderUnavailable, Refused, SendUnknown
from providers.codes import AtOnce
from tests.arrivals import Told, send
from tests.canned import Canned, canned_server
from tests.told_codes import AT_ONCE, UNHEARD_WITH_STATUS


@pytest.fixture(scope="module")
def edge() -> Iterator[Canned]:
    with canned_server() as canned:
        yield canned


async def tried(edge: Canned, told: Told, times: int) -> str | None:
    """What the provider is passed over for, once it has answered so often with this."""
    health = Health(told.provider, [told.channel])

    async def sends() -> Accepted | Refused:
        return await asyncio.to_thread(send, edge, told)

    try:
        for _ in range(times):
            with suppress(ProviderUnavailable, SendUnknown):
                await health.ask(told.channel, sends)
        return health.trouble(told.channel)
    finally:
        health.close()


@pytest.mark.parametrize("told", AT_ONCE, ids=str)
async def test_an_account_error_and_nothing_else_opens_the_breaker_at_once(
    edge: Canned, told: Told
) -> None:
    account = told.known.kind == FailureClass.ACCOUNT

    assert await tried(edge, told, 1) == ("an account error" if account else None)


@pytest.mark.parametrize("told", UNHEARD_WITH_STATUS, ids=str)
async def test_a_code_in_no_table_opens_it_where_the_status_says_that_it_is_the_account(
    edge: Canned, told: Told
) -> None:
    account = told.code in ("401", "402", "403")

    assert await tried(edge, told, 1) == ("an account error" if account else None)


def asks_for_patience(told: Told) -> bool:
    return told.known.kind == FailureClass.CAP and told.known.at_once == AtOnce.AGAIN


@pytest.mark.parametrize("told", [one for one in AT_ONCE if asks_for_patience(one)], ids=str)
async def test_a_provider_that_asks_for_patience_is_not_passed_over(
    edge: Canned, told: Told
) -> None:
    assert await tried(edge, told, 6) is None
