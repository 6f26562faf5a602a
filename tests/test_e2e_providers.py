"""Providers in trouble and drained, with real processes: what people get, and operators see."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from starter.ports import Ports
from tests.world import Addresses, World, eventually, whole_system

SMS = {"channel": "sms", "wait": 60}
WHATSAPP = {"channel": "whatsapp", "wait": 60}
EMAIL = {"channel": "email", "wait": 60}
#: Twilio's breakers open soon and stay open for the tests' time; Vonage's close again at once.
BREAKERS = {
    "TWILIO_BREAKER_SENDS": "3",
    "TWILIO_BREAKER_SECONDS": "600",
    "VONAGE_BREAKER_SENDS": "3",
    "VONAGE_BREAKER_SECONDS": "1",
}


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    folder = tmp_path_factory.mktemp("world")
    metrics = f"127.0.0.1:{Ports.any().codec}"
    async with whole_system(folder, METRICS_ADDRESS=metrics, **BREAKERS) as world:
        yield world


async def sent(world: World, *steps: dict[str, Any]) -> list[str]:
    """One message, and who was asked to send it, with what came of it."""
    asked = await world.ask(*steps)
    await asked.arrived(str(steps[-1]["channel"]))
    result = await asked.seen()
    await asked.handle.cancel()
    return [f"{a.channel} by {a.provider}: {a.state}" for a in result.attempts]


async def in_vain(world: World, step: dict[str, Any]) -> None:
    """Three messages of which nobody knows what became."""
    asked = [await world.ask(step, evidence_within=1, on_unknown="stop") for _ in range(3)]
    await asyncio.gather(*(one.ended() for one in asked))


async def providers(world: World) -> dict[str, str]:
    """What `starter providers --json` says of each, by name and channel."""
    code, out, _ = await starter(world, "providers", "--json")
    assert code == 0
    return {f"{line['channel']} by {line['provider']}": line["state"] for line in json.loads(out)}


async def starter(world: World, *args: str) -> tuple[int | None, str, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "starter", *args),
        env={**os.environ, **world.stack.environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def until(world: World, key: str, state: str) -> None:
    await eventually(
        lambda: providers(world), lambda told: [True] if told[key].startswith(state) else []
    )


async def metric(world: World, name: str, **labels: str) -> float:
    address = world.stack.environment["METRICS_ADDRESS"]
    async with httpx.AsyncClient() as http:
        told = (await http.get(f"http://{address}/metrics")).text
    wanted = [f'{label}="{value}"' for label, value in labels.items()]
    lines = [line for line in told.splitlines() if line.startswith(f"{name}{{")]
    return sum(float(line.split()[-1]) for line in lines if all(w in line for w in wanted))


async def test_an_account_error_spares_the_messages_after_it_and_is_seen(world: World) -> None:
    person = Addresses()
    await world.script(to=person.phone, provider="twilio", channel="sms", do="refuse", code="20003")
    first = await world.ask(SMS, of=person)
    await first.arrived("sms")
    states = [attempt.state for attempt in (await first.seen()).attempts]
    await first.handle.cancel()

    named = {**SMS, "providers": ["twilio", "vonage"]}
    later = await sent(world, named)
    await until(world, "sms by twilio", "passed over after an account error (1 of 1 workers)")
    unnamed = await sent(world, SMS)

    assert states[0] == "refused"
    assert later[0] == "sms by twilio: unavailable"
    assert later[1].startswith("sms by vonage")
    # Who is known to be of no use is not even asked.
    assert [one.split(":")[0] for one in unnamed] == ["sms by vonage"]
    assert await metric(world, "failover_passed_over", provider="twilio", channel="sms") == 1
    assert await metric(world, "failover_passed_over", provider="twilio", channel="voice") == 0


async def test_a_burst_without_a_clear_answer_opens_the_breaker(world: World) -> None:
    await world.outage("twilio", "error")
    await in_vain(world, {**WHATSAPP, "providers": ["twilio"]})
    during = await sent(world, {**WHATSAPP, "providers": ["twilio", "vonage"]})
    await world.outage("twilio", None)
    after = await sent(world, {**WHATSAPP, "providers": ["twilio", "vonage"]})

    for taken in (during, after):
        assert taken[0] == "whatsapp by twilio: unavailable"
        assert taken[1].startswith("whatsapp by vonage")
    await until(world, "whatsapp by twilio", "passed over after a burst of failures")


async def test_what_works_again_is_asked_again(world: World) -> None:
    step = {**SMS, "providers": ["vonage"]}
    await world.outage("vonage", "error")
    await in_vain(world, step)
    await world.outage("vonage", None)

    async def once_more() -> list[str]:
        asked = await world.ask(step, EMAIL)
        await eventually(asked.seen, lambda now: [a for a in now.attempts if a.accepted_at])
        result = await asked.seen()
        await asked.handle.cancel()
        return [str(attempt.channel) for attempt in result.attempts if attempt.accepted_at]

    await eventually(once_more, lambda channels: [True] if channels == ["sms"] else [], 60)
    await until(world, "sms by vonage", "works")


async def test_a_drained_provider_gets_no_new_sends_until_it_is_resumed(world: World) -> None:
    said = await starter(world, "drain", "sendgrid", "email", "--reason", "moving to another")
    await until(world, "email by sendgrid", "drained")
    _, shown, _ = await starter(world, "providers")

    async def drained() -> bool:
        return await metric(world, "failover_passed_over", provider="sendgrid") == 1

    await eventually(drained, lambda now: [now] if now else [])
    taken = await sent(world, EMAIL, {**SMS, "providers": ["vonage"]})
    mails = await metric(world, "failover_sends", provider="sendgrid", outcome="accepted")
    resumed = await starter(world, "resume", "sendgrid", "email")
    await eventually(drained, lambda now: [] if now else [True])

    assert said == (0, "sendgrid: no new sends on email, within seconds\n", "")
    assert "moving to another" in shown
    assert taken[0] == "email by sendgrid: unavailable"
    assert taken[1].startswith("sms by vonage")
    assert mails == 0
    assert resumed == (0, "sendgrid: sends on email again, within seconds\n", "")
    assert (await sent(world, EMAIL))[0].startswith("email by sendgrid")
    await until(world, "email by sendgrid", "works")


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["drain", "nobody"], 2, "nobody: no such provider here; there are fcm, sendgrid, twilio"),
        (["drain", "sendgrid", "sms"], 2, "sendgrid: does not serve sms here"),
        (["resume", "vonage"], 1, "vonage: not drained on any channel"),
        (["drain", "twilio", "fax"], 2, "fax"),
    ],
)
async def test_what_cannot_be_meant_is_said(
    world: World, args: list[str], code: int, says: str
) -> None:
    ended, _, err = await starter(world, *args)

    assert ended == code
    assert says in err
