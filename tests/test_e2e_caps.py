"""A cap from the environment holds in the real worker process."""

from pathlib import Path

from tests.world import whole_system


async def test_the_recipient_beyond_the_cap_is_not_written_to(tmp_path: Path) -> None:
    step = {"channel": "sms", "wait": "PT1H", "providers": ["twilio"]}
    async with whole_system(tmp_path, CAP_RECIPIENTS_PER_HOUR="1") as world:
        first = await world.ask(step, until="accepted")
        reached = await first.ended()
        second = await world.ask(step, until="accepted")
        refused = await second.ended()

        assert await first.copies() == ["sms by twilio"]
        assert await second.copies() == []

    [failure] = [attempt.failure for attempt in refused.attempts]
    assert reached.outcome == "reached"
    assert failure
    assert (failure.kind, failure.detail) == ("policy", "cap: 1 recipients an hour")
