"""What a worker process takes from the environment."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.testing import WorkflowEnvironment

from activities.planned import Installed
from providers.known import Provider, configured, offers
from providers.settings import ConfigurationError, PublicSettings, load
from providers.twilio.settings import TwilioSettings
from starter.sandbox import credentials
from workers.serve import send_worker, workflow_worker
from workers.versioning import deployment

ROOT = Path(__file__).parent.parent
NAME, BUILD = "TEMPORAL_DEPLOYMENT_NAME", "TEMPORAL_WORKER_BUILD_ID"


@pytest.fixture
async def client(env: WorkflowEnvironment) -> Client:
    """Of its own: a worker that is never run keeps its queue from others of the same client."""
    target = env.client.service_client.config.target_host
    return await Client.connect(target, data_converter=env.client.data_converter)


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

    assert found == {**{one: ["twilio"] for one in ("sms", "mms", "voice")}, "agent": ["notify"]}


@pytest.fixture
def nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in (NAME, BUILD):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("nothing_set")
def test_a_worker_has_no_version_of_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "")

    assert deployment() is None


def test_a_version_comes_from_the_environment_and_from_a_file(
    nothing_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (nothing_set / ".env").write_text(f"{NAME}=messages\n{BUILD}=1\n")
    monkeypatch.setenv(BUILD, "2.0.1")

    version = deployment()

    assert version
    assert version.version == WorkerDeploymentVersion("messages", "2.0.1")
    assert version.use_worker_versioning
    assert version.default_versioning_behavior == VersioningBehavior.PINNED


@pytest.mark.usefixtures("nothing_set")
@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param({NAME: "messages"}, f"{BUILD} is missing", id="no build id"),
        pytest.param({BUILD: "1"}, f"{NAME} is missing", id="no name"),
        pytest.param({NAME: "a.b", BUILD: "1"}, f"{NAME}: ", id="a name that Temporal refuses"),
        pytest.param({NAME: "messages", BUILD: "__b"}, f"{BUILD}: ", id="a build id it refuses"),
    ],
)
def test_half_a_version_is_an_error(
    given: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(ConfigurationError, match=said):
        deployment()


async def test_every_worker_of_a_process_has_its_version(
    client: Client, nothing_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(NAME, "messages")
    monkeypatch.setenv(BUILD, "1")
    for name, value in credentials().items():
        monkeypatch.setenv(name, value)
    providers = configured(PublicSettings(public_base_url="https://hooks.example.com"))
    version = deployment()

    with ThreadPoolExecutor(1) as threads:
        sends = [send_worker(client, provider, threads, version) for provider in providers]
    installed = Installed(offers(providers))
    workers = [workflow_worker(client, installed, version), *sends]

    for worker in workers:
        assert worker.config().get("deployment_config") == version


def test_a_worker_does_not_start_with_half_a_version(nothing_set: Path) -> None:
    given = {**credentials(), "PUBLIC_BASE_URL": "https://hooks.example.com", NAME: "messages"}

    ended = subprocess.run(
        [sys.executable, "-m", "workers"],
        cwd=nothing_set,
        env={**os.environ, **given, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert ended.returncode == 2
    assert ended.stderr == f"{BUILD} is missing\n"
