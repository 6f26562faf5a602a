"""What a stranger, a broken line or a repeating provider can do to the real webhooks: nothing."""

import asyncio
import socket
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import httpx
import pytest

from tests.callbacks import twilio_signature
from tests.world import Asked, World, whole_system

SMS = {"channel": "sms", "wait": 60, "providers": ["twilio"]}
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with whole_system(tmp_path_factory.mktemp("world")) as world:
        yield world


@pytest.fixture(scope="module")
async def webhooks(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=world.stack.webhooks, timeout=30) as http:
        yield http


@pytest.fixture
async def asked(world: World) -> AsyncIterator[Asked]:
    asked = await world.ask(SMS)
    await asked.arrived("sms")
    yield asked
    await asked.handle.cancel()


def reply(world: World, asked: Asked, text: str, sid: str = "SM1") -> tuple[bytes, dict[str, str]]:
    """An inbound SMS as Twilio posts and signs it."""
    ours = world.stack.environment["TWILIO_FROM"]
    fields = {"MessageSid": sid, "From": asked.phone, "To": ours, "Body": text, "NumMedia": "0"}
    url = f"{world.stack.webhooks}/twilio/inbound"
    token = world.stack.environment["TWILIO_AUTH_TOKEN"]
    signature = twilio_signature(url, fields.items(), token)
    return urlencode(fields).encode(), {"Content-Type": FORM, "X-Twilio-Signature": signature}


async def signals(asked: Asked) -> list[str]:
    history = await asked.handle.fetch_history()
    told = [event.workflow_execution_signaled_event_attributes for event in history.events]
    return [signal.signal_name for signal in told if signal.signal_name not in ("", "reported")]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/twilio/status", 403),
        ("/twilio/inbound", 403),
        ("/twilio/voice", 403),
        ("/sendgrid/events", 403),
        ("/sendgrid/inbound", 403),
        ("/vonage/status", 503),
        ("/vonage/inbound", 503),
        ("/vonage/voice", 503),
    ],
)
async def test_unsigned_is_refused(webhooks: httpx.AsyncClient, path: str, status: int) -> None:
    answer = await webhooks.post(path, content=b"Body=yes")

    assert answer.status_code == status
    assert answer.text == ""


async def test_forged_changes_nothing(
    world: World, webhooks: httpx.AsyncClient, asked: Asked
) -> None:
    body, headers = reply(world, asked, "yes")

    other_key = {**headers, "X-Twilio-Signature": "AAAAAAAAAAAAAAAAAAAAAAAAAAA="}
    swapped = body.replace(b"yes", b"no!")
    assert (await webhooks.post("/twilio/inbound", content=body, headers=other_key)).is_error
    assert (await webhooks.post("/twilio/inbound", content=swapped, headers=headers)).is_error
    token = {"Authorization": "Bearer not.a.token"}
    vonage = await webhooks.post("/vonage/inbound", content=b"{}", headers=token)

    assert vonage.status_code == 401
    assert await signals(asked) == []


async def test_a_callback_for_another_host_is_refused(
    world: World, webhooks: httpx.AsyncClient, asked: Asked
) -> None:
    body, headers = reply(world, asked, "yes")
    lies = {**headers, "Host": "evil.example.com", "X-Forwarded-Host": "evil.example.com"}

    answer = await webhooks.post("/twilio/inbound?x=1", content=body, headers=lies)

    assert answer.status_code == 403


async def test_replayed_has_one_effect(
    world: World, webhooks: httpx.AsyncClient, asked: Asked
) -> None:
    await asked.findable()
    body, headers = reply(world, asked, "yes", sid="SM7")

    statuses = [
        (await webhooks.post("/twilio/inbound", content=body, headers=headers)).status_code
        for _ in range(3)
    ]
    result = await asked.ended()

    assert statuses == [200, 200, 200]
    assert len(result.responses) == 1


async def test_truncated_and_cut_off_bodies_are_refused(
    world: World, webhooks: httpx.AsyncClient, asked: Asked
) -> None:
    body, headers = reply(world, asked, "yes")

    assert (await webhooks.post("/twilio/inbound", content=body[:-9], headers=headers)).is_error
    await _promise_more_than_is_sent(world, body, headers)

    assert (await webhooks.get("/healthz")).status_code == 200
    assert await signals(asked) == []


async def _promise_more_than_is_sent(world: World, body: bytes, headers: dict[str, str]) -> None:
    """Connects, sends half of what Content-Length says, and hangs up."""
    lines = ["POST /twilio/inbound HTTP/1.1", "Host: x", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    head = ("\r\n".join(lines) + "\r\n\r\n").encode()

    def send() -> None:
        with socket.create_connection(("127.0.0.1", world.stack.ports.webhooks)) as line:
            line.sendall(head + body[: len(body) // 2])

    await asyncio.to_thread(send)


async def test_oversized_is_refused_before_it_is_read(webhooks: httpx.AsyncClient) -> None:
    for path, size in (("/twilio/inbound", 70_000), ("/sendgrid/events", 1_100_000)):
        answer = await webhooks.post(path, content=b"x" * size)
        assert answer.status_code == 413


async def test_signed_but_not_utf_8_is_malformed(
    world: World, webhooks: httpx.AsyncClient, asked: Asked
) -> None:
    body, headers = reply(world, asked, "yes")
    broken = body.replace(b"yes", b"%FF%FE")

    answer = await webhooks.post("/twilio/inbound", content=broken, headers=headers)

    assert answer.status_code in (400, 403)
    assert await signals(asked) == []


async def test_a_strangers_reply_is_kept_once_and_logged_without_its_text(
    world: World, webhooks: httpx.AsyncClient, asked: Asked
) -> None:
    stranger = Asked(world, asked.handle, type(asked.of)())
    body, headers = reply(world, stranger, "who are you, secretly?", sid="SM99")

    statuses = [
        (await webhooks.post("/twilio/inbound", content=body, headers=headers)).status_code
        for _ in range(3)
    ]

    log = world.stack.log("webhooks").read_text()
    kept = world.client.get_workflow_handle("inbound-twilio-SM99")
    first = (await kept.describe()).run_id
    await kept.signal("done")
    await kept.result()
    again = await webhooks.post("/twilio/inbound", content=body, headers=headers)
    assert [*statuses, again.status_code] == [200] * 4
    assert (await kept.describe()).run_id == first
    assert "a reply by twilio on sms is kept as inbound-twilio-SM99" in log
    assert "secretly" not in log
    assert stranger.phone not in log


async def test_no_address_text_or_secret_is_in_any_log(world: World, asked: Asked) -> None:
    await asked.findable()
    item = await asked.arrived("sms")
    await asked.reply(item, "my hidden answer")
    await asked.ended()

    logs = "".join(world.stack.log(part).read_text() for part in ("worker", "webhooks"))
    environment = world.stack.environment
    secrets = [environment[name] for name in ("TWILIO_AUTH_TOKEN", "SENDGRID_API_KEY")]
    for hidden in (asked.phone, asked.email, "hidden answer", "home at 9", *secrets):
        assert hidden not in logs


async def test_temporal_out_of_reach_is_503_and_the_repeat_is_heard(
    world: World, webhooks: httpx.AsyncClient, asked: Asked
) -> None:
    await asked.findable()
    body, headers = reply(world, asked, "yes", sid="SM5")
    await asyncio.to_thread(world.stack.kill, "temporal")

    away = await webhooks.post("/twilio/inbound", content=body, headers=headers)
    sick = await webhooks.get("/healthz")
    await asyncio.to_thread(world.stack.start_part, "temporal")
    back = await webhooks.post("/twilio/inbound", content=body, headers=headers)
    result = await asked.ended()

    assert (away.status_code, sick.status_code, back.status_code) == (503, 503, 200)
    assert result.outcome == "responded"
