"""The workflow on the real server, with time skipped: timers, signals, retries."""

import asyncio
import json
import threading
import time
from base64 import b64decode
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.testing import WorkflowEnvironment

from activities.outcomes import HEARTBEAT
from failover.events import Failure, FailureClass
from failover.message import Message
from providers.base import Accepted, Outbound, ProviderUnavailable, SendUnknown
from tests.fake_senders import FakeProvider, broken, refuse, unavailable
from tests.plans import message
from tests.running import Handle, Queue, last_is, seen, serving, states, until

SMS_THEN_EMAIL = [{"channel": "sms", "wait": "PT20M"}, {"channel": "email", "wait": "PT2H"}]


async def waiting(queue: Queue, env: WorkflowEnvironment, asked: Message) -> Handle:
    """Started, and accepted on its first channel; its clock stands still until told."""
    with env.with_time_skipping_disabled():
        handle = await queue.start(asked)
    await until(handle, last_is("accepted"))
    return handle


async def test_silence_everywhere_tries_each_channel_in_turn_and_is_exhausted(
    env: WorkflowEnvironment,
) -> None:
    acme = FakeProvider()

    async with serving(env.client, acme=acme) as queue:
        result = await (await queue.start(message())).result()

    assert result.outcome == "exhausted"
    assert acme.channels() == ["whatsapp", "sms", "email"]
    times = [attempt.accepted_at for attempt in result.attempts if attempt.accepted_at]
    gaps = [later - sooner for sooner, later in pairwise(times)]
    assert [gap // timedelta(minutes=10) for gap in gaps] == [3, 2]


async def test_a_reply_stops_the_rest(env: WorkflowEnvironment) -> None:
    acme = FakeProvider()

    async with serving(env.client, acme=acme) as queue:
        handle = await waiting(queue, env, message())
        await handle.signal("responded", {"channel": "whatsapp", "text": "yes!", "odd": 1})
        result = await handle.result()

    assert result.outcome == "responded"
    assert result.responses[0].choice == "yes"
    assert acme.channels() == ["whatsapp"]


async def test_a_reply_on_a_superseded_channel_counts(env: WorkflowEnvironment) -> None:
    acme = FakeProvider()

    async with serving(env.client, acme=acme) as queue:
        handle = await waiting(queue, env, message())
        await env.fast_forward(handle, timedelta(minutes=31))
        await until(handle, lambda result: states(result)[1:] == ["sms accepted"])
        await handle.signal("responded", {"channel": "whatsapp", "text": "yes"})
        result = await handle.result()

    assert result.outcome == "responded"
    assert acme.channels() == ["whatsapp", "sms"]


async def test_a_reply_twice_is_one_response(env: WorkflowEnvironment) -> None:
    async with serving(env.client, acme=FakeProvider(), workflows=False) as queue:
        handle = await queue.start(message())
        for _ in range(2):
            await handle.signal("responded", {"channel": "sms", "provider_id": "SM1"})
        async with queue.workflow_worker():
            result = await handle.result()

    assert len(result.responses) == 1


@pytest.mark.parametrize(
    ("signal", "payload", "outcome"),
    [
        ("responded", {"channel": "sms"}, "responded"),
        ("opted_out", {"channel": "sms", "text": "STOP"}, "opted_out"),
    ],
)
async def test_news_while_a_send_waits_for_a_worker_stops_it(
    env: WorkflowEnvironment, signal: str, payload: dict[str, str], outcome: str
) -> None:
    late = FakeProvider()

    async with serving(env.client, unserved=("late",)) as queue:
        with env.with_time_skipping_disabled():
            handle = await queue.start(message())
        await until(handle, last_is("sending"))
        await handle.signal(signal, payload)
        result = await handle.result()
        async with queue.send_worker("late", late):
            pass

    assert result.outcome == outcome
    assert states(result) == ["whatsapp skipped"]
    assert late.sent == []


async def test_a_reply_while_a_send_waits_for_a_retry_stops_it(env: WorkflowEnvironment) -> None:
    acme = FakeProvider()
    acme.then("whatsapp", unavailable(timedelta(seconds=30)), acme.accept)

    async with serving(env.client, acme=acme) as queue:
        with env.with_time_skipping_disabled():
            handle = await queue.start(message())
        await until(handle, lambda _: len(acme.sent) == 1)
        await handle.signal("responded", {"channel": "voice", "text": "by phone"})
        result = await handle.result()

    assert result.outcome == "responded"
    assert len(acme.sent) == 1


async def test_a_reply_during_a_send_lets_it_end_and_sends_nothing_more(
    env: WorkflowEnvironment,
) -> None:
    acme, answered = FakeProvider(), threading.Event()

    acme.then("whatsapp", acme.accept_after(answered))
    async with serving(env.client, acme=acme) as queue:
        with env.with_time_skipping_disabled():
            handle = await queue.start(message())
        await until(handle, lambda _: len(acme.sent) == 1)
        await handle.signal("responded", {"channel": "sms", "text": "I know already"})
        answered.set()
        result = await handle.result()

    assert result.outcome == "responded"
    assert states(result) == ["whatsapp accepted"]
    assert acme.channels() == ["whatsapp"]


async def test_cancel_during_a_send_notes_what_became_of_it(env: WorkflowEnvironment) -> None:
    acme, answered = FakeProvider(), threading.Event()

    acme.then("whatsapp", acme.accept_after(answered))
    async with serving(env.client, acme=acme) as queue:
        with env.with_time_skipping_disabled():
            handle = await queue.start(message())
        await until(handle, lambda _: len(acme.sent) == 1)
        await handle.cancel()
        await handle.cancel()
        answered.set()
        with pytest.raises(WorkflowFailureError):
            await handle.result()
        result = await seen(handle)

    described = await handle.describe()
    assert described.status is not None
    assert described.status.name == "CANCELED"
    assert described.search_attributes["MessageStatus"] == ["cancelled"]
    assert states(result) == ["whatsapp accepted"]
    assert acme.channels() == ["whatsapp"]


async def test_cancel_while_waiting_sends_nothing_more(env: WorkflowEnvironment) -> None:
    acme = FakeProvider()

    async with serving(env.client, acme=acme) as queue:
        handle = await waiting(queue, env, message())
        await handle.cancel()
        with pytest.raises(WorkflowFailureError):
            await handle.result()

    assert acme.channels() == ["whatsapp"]


async def test_the_deadline_ends_a_send_that_no_worker_takes(env: WorkflowEnvironment) -> None:
    async with serving(env.client, unserved=("late",)) as queue:
        clock = datetime.now(UTC) + timedelta(seconds=6)
        handle = await queue.start(message(deadline=clock.isoformat()))
        result = await handle.result()

    assert result.outcome == "expired"
    assert states(result) == ["whatsapp skipped"]


async def test_the_deadline_ends_a_wait(env: WorkflowEnvironment) -> None:
    acme = FakeProvider()
    clock = datetime.now(UTC) + timedelta(minutes=45)

    async with serving(env.client, acme=acme) as queue:
        result = await (await queue.start(message(deadline=clock.isoformat()))).result()

    assert result.outcome == "expired"
    assert acme.channels() == ["whatsapp", "sms"]
    assert acme.sent[1].valid_for <= timedelta(minutes=15)


async def test_a_refusal_moves_on_at_once(env: WorkflowEnvironment) -> None:
    acme = FakeProvider()
    acme.then("whatsapp", refuse(FailureClass.ADDRESS, "63024"))

    async with serving(env.client, acme=acme) as queue:
        with env.with_time_skipping_disabled():
            handle = await queue.start(message())
        result = await until(handle, lambda r: len(r.attempts) == 2)

    assert states(result)[0] == "whatsapp refused"
    assert result.attempts[0].failure is not None
    assert result.attempts[0].failure.code == "63024"


async def test_an_account_failure_tries_the_next_provider(env: WorkflowEnvironment) -> None:
    acme, best = FakeProvider(), FakeProvider()
    acme.then("sms", refuse(FailureClass.ACCOUNT, "20003"))

    async with serving(env.client, acme=acme, best=best) as queue:
        handle = await waiting(queue, env, message(steps=SMS_THEN_EMAIL))
        result = await seen(handle)

    assert [attempt.step for attempt in result.attempts] == [0, 0]
    assert best.channels() == ["sms"]


async def test_a_dead_provider_is_left_when_its_patience_is_over(env: WorkflowEnvironment) -> None:
    acme, best = FakeProvider(), FakeProvider()
    acme.then("sms", unavailable())
    steps = [{"channel": "sms", "wait": "PT20M", "send_within": 4}]

    async with serving(env.client, acme=acme, best=best) as queue:
        with env.with_time_skipping_disabled():
            handle = await queue.start(message(steps=steps))
        result = await until(handle, last_is("accepted"))

    assert states(result) == ["sms unavailable", "sms accepted"]
    assert 2 <= len(acme.sent) <= 4
    assert len(best.sent) == 1


async def test_patience_asked_for_beyond_the_budget_moves_on_at_once(
    env: WorkflowEnvironment,
) -> None:
    acme = FakeProvider()
    acme.then("sms", unavailable(timedelta(hours=1)))

    async with serving(env.client, acme=acme) as queue:
        with env.with_time_skipping_disabled():
            handle = await queue.start(message(steps=SMS_THEN_EMAIL))
        result = await until(handle, last_is("accepted"))

    assert states(result) == ["sms unavailable", "email accepted"]
    assert result.attempts[0].failure is not None
    assert result.attempts[0].failure.code == "429"


async def test_a_failed_report_moves_on_at_once(env: WorkflowEnvironment) -> None:
    async with serving(env.client, acme=FakeProvider()) as queue:
        handle = await waiting(queue, env, message())
        failure = {"class": "unreachable", "code": "30003", "new": "field"}
        report = {"attempt": 1, "status": "failed", "event_id": "e", "failure": failure}
        await handle.signal("reported", report)
        await handle.signal("reported", report)
        result = await until(handle, lambda r: len(r.attempts) == 2)

    assert states(result)[0] == "whatsapp failed"


async def test_what_is_not_delivered_in_time_moves_on(env: WorkflowEnvironment) -> None:
    steps = [
        {"channel": "whatsapp", "wait": "PT30M", "deliver_within": "PT2M"},
        {"channel": "sms", "wait": "PT20M", "deliver_within": "PT2M"},
    ]
    async with serving(env.client, acme=FakeProvider()) as queue:
        handle = await waiting(queue, env, message(steps=steps))
        await env.fast_forward(handle, timedelta(minutes=3))
        result = await until(handle, lambda r: len(r.attempts) == 2)
        assert states(result)[0] == "whatsapp accepted"
        await handle.signal("reported", {"attempt": 2, "status": "delivered"})
        await env.fast_forward(handle, timedelta(minutes=10))
        result = await seen(handle)

    assert result.outcome is None


async def test_the_goal_reached_ends_the_message(env: WorkflowEnvironment) -> None:
    acme = FakeProvider()

    async with serving(env.client, acme=acme) as queue:
        handle = await waiting(queue, env, message(until="delivered"))
        await handle.signal("reported", {"attempt": 1, "status": "delivered"})
        result = await handle.result()

    assert result.outcome == "reached"
    assert acme.channels() == ["whatsapp"]


async def test_skip_goes_to_the_next_step_now(env: WorkflowEnvironment) -> None:
    async with serving(env.client, acme=FakeProvider()) as queue:
        handle = await waiting(queue, env, message())
        await handle.signal("skip")
        result = await until(handle, lambda r: len(r.attempts) == 2)

    assert states(result)[0] == "whatsapp accepted"


@pytest.mark.parametrize("fault", [SendUnknown("timed out"), KeyError("a bug of ours")])
async def test_an_unknown_send_is_looked_up_and_never_blindly_repeated(
    env: WorkflowEnvironment, fault: Exception
) -> None:
    acme = FakeProvider()
    acme.then("whatsapp", broken(fault))

    async with serving(env.client, acme=acme) as queue:
        result = await (await queue.start(message())).result()

    assert acme.channels() == ["whatsapp", "sms", "email"]
    assert len(acme.asked) == 2
    assert states(result)[0] == "whatsapp unknown"


async def test_an_unknown_send_that_the_provider_has_is_adopted(env: WorkflowEnvironment) -> None:
    acme = FakeProvider()
    acme.then("whatsapp", broken(SendUnknown("dropped")))
    acme.found = Accepted(provider_id="WA9", reply_keys=("pair",))

    async with serving(env.client, acme=acme) as queue:
        handle = await queue.start(message(until="accepted"))
        result = await handle.result()

    assert result.outcome == "reached"
    assert result.attempts[0].provider_id == "WA9"


async def test_evidence_adopts_an_unknown_send(env: WorkflowEnvironment) -> None:
    acme = FakeProvider()
    acme.then("whatsapp", broken(SendUnknown("dropped")))

    async with serving(env.client, acme=acme) as queue:
        with env.with_time_skipping_disabled():
            handle = await queue.start(message())
        await until(handle, last_is("unknown"))
        report = {"attempt": 1, "status": "delivered", "provider_id": "WA7", "reply_keys": ["k"]}
        await handle.signal("reported", report)
        result = await until(handle, last_is("delivered"))
        await until(handle, lambda _: True)
        described = await handle.describe()

    assert result.attempts[0].provider_id == "WA7"
    assert "k" in described.search_attributes["ReplyKeys"]
    assert acme.asked == []


async def test_a_report_that_overtakes_the_answer_is_kept(env: WorkflowEnvironment) -> None:
    acme, go = FakeProvider(), threading.Event()

    acme.then("whatsapp", acme.accept_after(go))
    async with serving(env.client, acme=acme) as queue:
        with env.with_time_skipping_disabled():
            handle = await queue.start(message())
        await until(handle, lambda _: len(acme.sent) == 1)
        await handle.signal("reported", {"attempt": 1, "status": "delivered"})
        go.set()
        result = await until(handle, lambda r: r.attempts[0].provider_id is not None)

    assert states(result) == ["whatsapp delivered"]


async def test_a_late_report_does_not_make_an_old_message_the_last_writer(
    env: WorkflowEnvironment,
) -> None:
    async with serving(env.client, acme=FakeProvider()) as queue:
        handle = await waiting(queue, env, message())
        before = await reply_keys(handle)
        await env.fast_forward(handle, timedelta(minutes=5))
        report = {"attempt": 1, "status": "delivered", "reply_keys": [before[0], "quoted"]}
        await handle.signal("reported", report)
        await handle.cancel()
        with suppress(WorkflowFailureError):
            await handle.result()
        after = await reply_keys(handle)

    assert set(before) <= set(after)
    written = {key: int(at) for key, _, at in (entry.partition("@") for entry in after) if at}
    assert written["quoted"] <= written[before[0]]


async def reply_keys(handle: Handle) -> list[str]:
    found = (await handle.describe()).search_attributes["ReplyKeys"]
    return [str(entry) for entry in found]


async def test_a_provider_that_cannot_be_asked_leaves_it_unknown_and_sends_nothing_twice(
    env: WorkflowEnvironment,
) -> None:
    acme = FakeProvider()
    acme.then("sms", broken(SendUnknown("dropped")))
    acme.impossible = True

    async with serving(env.client, acme=acme) as queue:
        steps = [{"channel": "sms", "wait": "PT20M"}]
        result = await (await queue.start(message(steps=steps))).result()

    assert result.outcome == "exhausted"
    assert states(result) == ["sms unknown"]
    assert len(acme.asked) == 1


async def test_a_provider_that_denies_a_lone_send_is_sent_it_again_once(
    env: WorkflowEnvironment,
) -> None:
    acme = FakeProvider()
    acme.then("sms", broken(SendUnknown("dropped")))

    async with serving(env.client, acme=acme) as queue:
        steps = [{"channel": "sms", "wait": "PT20M"}]
        result = await (await queue.start(message(steps=steps))).result()

    assert states(result) == ["sms unknown", "sms unknown"]


async def test_a_send_no_worker_takes_in_time_goes_to_the_next_provider(
    env: WorkflowEnvironment,
) -> None:
    acme = FakeProvider()

    async with serving(env.client, acme=acme, unserved=("late",)) as queue:
        providers = [queue.provider("late"), queue.provider("acme")]
        step = {"channel": "sms", "wait": 60, "send_within": 1, "providers": providers}
        with env.with_time_skipping_disabled():
            handle = await queue.start(message(steps=[step]))
        result = await until(handle, last_is("accepted"))
        await handle.cancel()

    assert states(result) == ["sms unavailable", "sms accepted"]


async def test_skip_withdraws_a_queued_send_before_the_next_begins(
    env: WorkflowEnvironment,
) -> None:
    acme, late = FakeProvider(), FakeProvider()

    async with serving(env.client, acme=acme, unserved=("late",)) as queue:
        first = {"channel": "whatsapp", "wait": 60, "providers": [queue.provider("late")]}
        second = {"channel": "sms", "wait": 60, "providers": [queue.provider("acme")]}
        with env.with_time_skipping_disabled():
            handle = await queue.start(message(steps=[first, second]))
        await until(handle, last_is("sending"))
        await handle.signal("skip")
        result = await until(handle, last_is("accepted"))
        async with queue.send_worker("late", late):
            await asyncio.sleep(0.5)
        await handle.cancel()

    assert states(result) == ["whatsapp skipped", "sms accepted"]
    assert late.sent == []


async def test_a_cancelled_send_waits_for_the_answer_to_its_request(
    env: WorkflowEnvironment,
) -> None:
    acme = FakeProvider()

    def slowly(outbound: Outbound) -> Accepted:
        time.sleep(HEARTBEAT.total_seconds() / 2)  # The cancel comes with a heartbeat.
        return acme.accept(outbound)

    acme.then("whatsapp", slowly)
    async with serving(env.client, acme=acme) as queue:
        with env.with_time_skipping_disabled():
            handle = await queue.start(message())
        await until(handle, lambda _: len(acme.sent) == 1)
        await handle.signal("responded", {"channel": "sms", "text": "yes"})
        result = await handle.result()

    assert states(result) == ["whatsapp accepted"]
    assert result.attempts[0].provider_id is not None


async def test_no_failure_in_a_history_holds_an_address_or_a_secret(
    env: WorkflowEnvironment,
) -> None:
    acme = FakeProvider()
    said = "to +14155550100 for dana@example.com"
    acme.then("whatsapp", broken(SendUnknown(said)))
    acme.then("sms", broken(KeyError(f"{said}: secret")))
    acme.then("email", broken(ProviderUnavailable(Failure(detail=said), timedelta(hours=9))))

    async with serving(env.client, acme=acme) as queue:
        handle = await queue.start(message())
        await handle.result()
        events = (await handle.fetch_history()).to_json_dict()["events"]

    failures = json.dumps([part for event in events for part in failures_of(event)])
    assert failures.count("message") >= 3
    for hidden in ("4155550100", "dana@", "secret"):
        assert hidden not in failures


def failures_of(part: Any) -> list[Any]:
    """Every failure within, with what its details say in plain text."""
    if isinstance(part, list):
        return [found for item in part for found in failures_of(item)]
    if not isinstance(part, dict):
        return []
    own = [plain(part["failure"])] if "failure" in part else []
    return own + [found for value in part.values() for found in failures_of(value)]


def plain(part: Any) -> Any:
    if isinstance(part, list):
        return [plain(item) for item in part]
    if not isinstance(part, dict):
        return part
    known = {name: plain(value) for name, value in part.items()}
    return known | {"data": b64decode(part["data"]).decode()} if "data" in part else known


async def test_outside_the_hours_it_waits_until_they_open(env: WorkflowEnvironment) -> None:
    opens = (datetime.now(UTC) + timedelta(hours=2)).replace(second=0, microsecond=0)
    closes = opens + timedelta(hours=1)
    hours = {"from": f"{opens:%H:%M}", "to": f"{closes:%H:%M}"}
    person = {"addresses": {"phone": "+14155550100"}, "time_zone": "UTC"}

    async with serving(env.client, acme=FakeProvider()) as queue:
        asked = message(hours=hours, recipient=person, until="accepted")
        result = await (await queue.start(asked)).result()

    assert result.outcome == "reached"
    accepted_at = result.attempts[0].accepted_at
    assert accepted_at is not None
    assert opens <= accepted_at < closes
