"""The workflow on the real server, with time skipped: timers, signals, retries."""

from datetime import timedelta

from temporalio.testing import WorkflowEnvironment

from tests.fake_senders import FakeProvider
from tests.plans import message
from tests.running import serving


async def test_silence_everywhere_tries_each_channel_in_turn_and_is_exhausted(
    env: WorkflowEnvironment,
) -> None:
    provider = FakeProvider()

    async with serving(env.client, acme=provider) as queue:
        handle = await queue.start(message())
        result = await handle.result()

    assert result.outcome == "exhausted"
    assert provider.channels() == ["whatsapp", "sms", "email"]
    first, second, third = (attempt.accepted_at for attempt in result.attempts)
    assert first and second and third
    assert second - first >= timedelta(minutes=30)
    assert third - second >= timedelta(minutes=20)
