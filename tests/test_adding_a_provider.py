"""docs/adding-a-provider.md, done: tests/acme becomes a provider by its folder and one line."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from failover.attempts import Result
from providers.base import Callback
from tests.callbacks_acme import ID, acme_callback
from tests.canned import Answer, Canned, canned_server
from tests.installed_acme import LINE, LIST, OURS, PLACES, Copy, installed
from tests.world import Asked, World, eventually

STEP = {"channel": "sms", "wait": "PT1H", "providers": ["acme"]}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return Copy.made(tmp_path_factory.mktemp("copy"))


@pytest.fixture(scope="module")
def api() -> Iterator[Canned]:
    """In Acme's place."""
    with canned_server() as canned:
        canned.answer = Answer(201, json.dumps({"id": ID, "state": "queued"}))
        yield canned


@pytest.fixture(scope="module")
async def world(
    copy: Copy, api: Canned, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    async with installed(copy, tmp_path_factory.mktemp("acme"), api.url) as world:
        yield world


async def accepted(world: World, api: Canned) -> tuple[Asked, dict[str, Any]]:
    """A message that Acme has, and what Acme was asked to send."""
    asked = await world.ask(STEP)
    await eventually(asked.seen, lambda now: [a for a in now.attempts if a.accepted_at])
    sent = [json.loads(request.body) for request in api.to("/v1/messages")]
    [request] = [one for one in sent if one["to"] == asked.phone]
    return asked, request


def called(world: World, route: str, said: dict[str, str], **more: Any) -> Callback:
    return acme_callback(route, said, base_url=world.stack.webhooks, **more)


async def told(world: World, callback: Callback) -> int:
    path = urlsplit(callback.url).path
    answer = await world.http.post(path, content=callback.body, headers=callback.headers)
    return answer.status_code


def status(request: dict[str, Any]) -> dict[str, str]:
    who = {"reference": request["reference"], "to": request["to"], "from": request["from"]}
    return {**who, "event": "evt_1", "message": ID, "status": "delivered"}


def answer(request: dict[str, Any], id: str, **more: str) -> dict[str, str]:
    return {"message": id, "text": "Yes", "from": request["to"], "to": OURS, **more}


async def ended_as_answered(asked: Asked) -> Result:
    result = await asked.ended()
    assert result.outcome == "responded"
    assert [(one.text, one.choice) for one in result.responses] == [("Yes", "yes")]
    return result


async def test_it_sends_takes_reports_and_is_answered(world: World, api: Canned) -> None:
    asked, request = await accepted(world, api)
    delivered = await told(world, called(world, "status", status(request)))
    seen = await eventually(
        asked.seen, lambda now: [one for one in now.attempts if one.state == "delivered"]
    )
    quoting = answer(request, "in_1", reference=request["reference"])
    heard = await told(world, called(world, "inbound", quoting))
    result = await ended_as_answered(asked)

    assert request["status_url"] == f"{world.stack.webhooks}/acme/status"
    assert (seen.provider, seen.provider_id) == ("acme", ID)
    assert (delivered, heard) == (200, 200)
    assert [one.provider for one in result.responses] == ["acme"]


async def test_an_answer_that_quotes_nothing_is_found_by_the_two_numbers(
    world: World, api: Canned
) -> None:
    asked, request = await accepted(world, api)
    heard = await told(world, called(world, "inbound", answer(request, "in_2")))

    await ended_as_answered(asked)
    assert heard == 200


async def test_a_forgery_is_refused_and_leads_to_nothing(world: World, api: Canned) -> None:
    asked, request = await accepted(world, api)
    forger = "another secret than that of acme"
    quoting = answer(request, "in_3", reference=request["reference"])
    forged = [
        await told(world, called(world, "status", status(request), secret=forger)),
        await told(world, called(world, "inbound", quoting, secret=forger)),
        await told(world, called(world, "inbound", quoting, age=3600)),
    ]
    seen = await asked.seen()
    await asked.handle.cancel()

    assert forged == [403, 403, 403]
    assert [one.state for one in seen.attempts] == ["accepted"]
    assert not seen.responses


async def test_a_plan_is_checked_against_its_limits(
    world: World, copy: Copy, tmp_path: Path
) -> None:
    said = [{"text": "x" * characters} for characters in (1600, 1601)]
    message = {
        "id": "order-1",
        "recipient": {"addresses": {"phone": "+14155550100"}},
        "content": {"text": "Can you be home at 9 pm?"},
        "steps": [{**STEP, "content": content} for content in said],
    }
    file = tmp_path / "message.json"
    file.write_text(json.dumps(message))

    ended = await run(copy.folder, "starter", "check", str(file), **world.stack.environment)

    fault = "order-1: steps.1.content.text: sms has at most 1600 characters by acme"
    assert ended == (1, f"{fault}\n")


async def test_it_is_held_to_what_every_provider_is_held_to(copy: Copy) -> None:
    """By tests that know it from the list; and its own ones pass, too."""
    files = copy.tests("known", "rows_and_senders", "provider_contract*", "webhooks_app", "acme_*")

    code, said = await run(copy.folder, "pytest", "-q", "-k", "acme or every", *files)

    assert code == 0, said


async def test_its_types_are_right(copy: Copy) -> None:
    modules = ("-p", "providers.acme", "-m", "tests.offers.acme", "-m", "tests.test_acme_sms")

    code, said = await run(copy.folder, "mypy", *modules)

    assert code == 0, said


def test_it_is_a_folder_one_line_and_tests(copy: Copy) -> None:
    """Of all that runs nothing else was touched."""
    assert copy.changes() == {*PLACES.values(), LIST}
    assert copy.changed_lines(LIST) == [f"+{LINE}"]


async def run(folder: Path, module: str, *args: str, **environment: str) -> tuple[int | None, str]:
    """A process of the copy, whatever the tests themselves were started with."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *args),
        cwd=folder,
        env={**ours, "PYTHONPATH": str(folder), **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), 600)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode, said.decode()
