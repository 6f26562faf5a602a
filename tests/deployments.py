"""What an operator does to roll out versions, and what a history tells of them."""

import asyncio
import json
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from starter.ports import Ports
from starter.stack import Stack
from tests.conftest import temporal_executable
from tests.world import Asked, World, eventually, running

NAME = "messages"
#: Temporal first looks after three minutes whether a version is drained.
DRAINING = {"VisibilityGracePeriod": "2s", "RefreshInterval": "1s"}


def deployed(folder: Path, **extra: str) -> AbstractAsyncContextManager[World]:
    flags: list[str] = []
    for name, value in DRAINING.items():
        key = f"matching.wv.VersionDrainageStatus{name}"
        flags += ["--dynamic-config-value", f'{key}="{value}"']
    return running(
        Stack(folder, Ports.any(), {"SIMULATOR_DELAY": "0.1", **extra}, server_flags=tuple(flags))
    )


def version(build: str) -> dict[str, str]:
    return {"TEMPORAL_DEPLOYMENT_NAME": NAME, "TEMPORAL_WORKER_BUILD_ID": build}


async def start(world: World, part: str, build: str) -> None:
    world.stack.environment |= version(build)
    await asyncio.to_thread(world.stack.start_part, part)


async def stop(world: World, part: str) -> None:
    await asyncio.to_thread(world.stack.stop_part, part)


async def temporal(world: World, *words: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        temporal_executable(),
        *("--address", world.stack.temporal, *words),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode or 0, said.decode()


async def make_current(world: World, build: str) -> None:
    """Refused until its workers have asked for work on every task queue of the version before."""
    which = ("--deployment-name", NAME, "--build-id", build, "--yes")
    await eventually(
        lambda: temporal(world, "worker", "deployment", "set-current-version", *which),
        lambda answer: [True] if answer[0] == 0 else [],
        60,
    )


async def drained(world: World, build: str) -> None:
    which = ("--deployment-name", NAME, "--build-id", build, "-o", "json")
    await eventually(
        lambda: temporal(world, "worker", "deployment", "describe-version", *which),
        lambda answer: (
            [True] if json.loads(answer[1])["drainageInfo"]["drainageStatus"] == "drained" else []
        ),
        60,
    )


async def move(world: World, asked: Asked, behavior: str, build: str) -> None:
    code, said = await temporal(
        world,
        *("workflow", "update-options", "--workflow-id", asked.handle.id),
        *("--versioning-override-behavior", behavior),
        *("--versioning-override-deployment-name", NAME),
        *("--versioning-override-build-id", build),
    )
    assert code == 0, said


async def tasks(asked: Asked) -> list[str]:
    """The versions that did its workflow tasks."""
    return [
        event.workflow_task_completed_event_attributes.deployment_version.build_id
        for event in (await asked.handle.fetch_history()).events
        if event.HasField("workflow_task_completed_event_attributes")
    ]


async def sends(asked: Asked) -> dict[str, tuple[str, str]]:
    """Of each that came to its end, by name: the version and the process that sent."""
    names, begun, found = {}, {}, {}
    for event in (await asked.handle.fetch_history()).events:
        if event.HasField("activity_task_scheduled_event_attributes"):
            planned = event.activity_task_scheduled_event_attributes
            names[event.event_id] = planned.activity_type.name
        elif event.HasField("activity_task_started_event_attributes"):
            start = event.activity_task_started_event_attributes
            process = start.identity.partition("@")[0]
            begun[event.event_id] = (start.worker_version.build_id, process)
        elif event.HasField("activity_task_completed_event_attributes"):
            end = event.activity_task_completed_event_attributes
            found[names[end.scheduled_event_id]] = begun[end.started_event_id]
    return found


async def versions(asked: Asked) -> dict[str, str]:
    return {name: build for name, (build, _) in (await sends(asked)).items()}
