"""What a worker process takes from the environment."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from temporalio.client import Client

from providers.settings import PublicSettings, load
from providers.twilio.settings import TwilioSettings
from workers.serve import send_worker
from workers.wiring import Provider, configured, offers


async def test_concurrency_and_rate_of_a_provider_come_from_the_environment(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {
        "ACCOUNT_SID": "AC1",
        "AUTH_TOKEN": "t",
        "MAX_CONCURRENT": "3",
        "MAX_PER_SECOND": "2.5",
    }
    for name, value in given.items():
        monkeypatch.setenv(f"TWILIO_{name}", value)

    provider = Provider("twilio", load(TwilioSettings), {})
    with ThreadPoolExecutor(1) as threads:
        config = send_worker(client, provider, threads).config()

    assert config["task_queue"] == "failover-twilio"
    assert config["max_concurrent_activities"] == 3
    assert config["max_task_queue_activities_per_second"] == 2.5


def test_only_what_has_credentials_and_a_sender_is_offered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    given = {"ACCOUNT_SID": "AC1", "AUTH_TOKEN": "t", "FROM": "+15005550006"}
    for name, value in given.items():
        monkeypatch.setenv(f"TWILIO_{name}", value)
    public = {"public_base_url": "https://hooks.example.com", "address_key": "k" * 32}

    found = offers(configured(PublicSettings.model_validate(public)))

    assert found == {"sms": ["twilio"], "voice": ["twilio"]}
