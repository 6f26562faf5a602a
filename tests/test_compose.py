"""What `docker compose up` would run; there is no engine here, so its parts are held one by one."""

import asyncio
import os
import re
import shutil
import socket
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml
from dotenv import dotenv_values
from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.taskqueue.v1 import PollerInfo
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.worker import Worker

from compose.make_env import filled_in
from compose.worker_health import alive
from failover.channels import Channel
from failover.names import TASK_QUEUE, SearchAttribute
from providers.known import configured, offers, readers
from providers.settings import PublicSettings, load
from simulator.settings import Settings as SimulatorSettings
from tests.conftest import temporal_executable
from tests.variables import COMPOSE, TEMPORAL, variables
from webhooks.codec.__main__ import CodecSettings
from workers.serve import GRACE
from workflows.message import MessageWorkflow
from workflows.payload_keys import payload_keys

ROOT = Path(__file__).parent.parent
COMPOSE_FILE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: Mapping[str, dict[str, Any]] = COMPOSE_FILE["services"]
OURS = {
    "worker": "workers",
    "webhooks": "webhooks",
    "simulator": "simulator",
    "codec": "webhooks.codec",
}
JOBS = ("temporal-schema", "temporal-namespace")
PROCESSES = sorted(SERVICES.keys() - set(JOBS))
EXAMPLE = (ROOT / ".env.example").read_text()
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def seconds(written: str) -> int:
    minutes, rest = re.fullmatch(r"(?:(\d+)m)?(?:(\d+)s)?", written).groups()  # type: ignore[union-attr]
    return int(minutes or 0) * 60 + int(rest or 0)


def interpolated() -> set[str]:
    text = (ROOT / "docker-compose.yml").read_text()
    return set(re.findall(r"\$\{([A-Z_]+)", text))


@pytest.mark.parametrize("name", SERVICES)
def test_an_image_has_an_exact_version(name: str) -> None:
    _, _, version = SERVICES[name]["image"].partition(":")

    assert re.fullmatch(r"\d+\.\d+(\.\d+)?", version)


def test_our_image_has_the_version_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert {SERVICES[name]["image"] for name in OURS} == {f"message-failover:{project['version']}"}


def test_the_base_image_has_an_exact_version() -> None:
    assert re.search(r"^FROM python:3\.11\.\d+-slim-\w+$", dockerfile(), re.MULTILINE)


def dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text()


@pytest.mark.parametrize("name", PROCESSES)
def test_a_process_has_a_health_check_and_is_started_again(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", JOBS)
def test_a_job_is_tried_again_when_it_fails(name: str) -> None:
    assert SERVICES[name]["restart"].startswith("on-failure:")


def test_each_starts_after_what_it_needs() -> None:
    needs = {
        name: {other: how["condition"] for other, how in service.get("depends_on", {}).items()}
        for name, service in SERVICES.items()
    }
    healthy, done = "service_healthy", "service_completed_successfully"

    assert needs == {
        "postgresql": {},
        "temporal-schema": {"postgresql": healthy},
        "temporal": {"temporal-schema": done},
        "temporal-namespace": {"temporal": healthy},
        "temporal-ui": {"temporal": healthy},
        "worker": {"temporal-namespace": done},
        "webhooks": {"temporal-namespace": done},
        "codec": {},
        "simulator": {},
    }


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_on_loopback_only(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", ()))


def test_the_simulator_and_the_codec_server_are_in_profiles_and_nothing_else_is() -> None:
    profiles = {
        name: service["profiles"] for name, service in SERVICES.items() if "profiles" in service
    }

    assert profiles == {"simulator": ["simulator"], "codec": ["codec"]}


@pytest.mark.parametrize("name", OURS)
def test_ours_are_run_from_the_packages_with_the_one_env_file(name: str) -> None:
    service = SERVICES[name]

    assert service["command"] == ["python", "-m", OURS[name]]
    assert (ROOT / OURS[name].replace(".", "/") / "__main__.py").is_file()
    assert service["env_file"] == ".env"
    assert service["read_only"] is True


def test_a_worker_has_the_time_to_stop_that_it_may_take() -> None:
    assert seconds(SERVICES["worker"]["stop_grace_period"]) > GRACE.total_seconds()


def test_temporal_is_set_up_to_last() -> None:
    environment = SERVICES["temporal"]["environment"]
    mounted = SERVICES["temporal"]["volumes"][0].split(":")
    dynamic = Path(mounted[0]) / Path(environment["DYNAMIC_CONFIG_FILE_PATH"]).name

    assert int(environment["NUM_HISTORY_SHARDS"]) > 4
    assert environment["DYNAMIC_CONFIG_FILE_PATH"].startswith(mounted[1])
    assert set(yaml.safe_load((ROOT / dynamic).read_text())) == {
        "frontend.namespaceRPS.visibility",
        "history.maxInFlightUpdates",
    }
    for verb in ("PAUSE", "RESET"):
        assert (
            SERVICES["temporal-ui"]["environment"][f"TEMPORAL_WORKFLOW_{verb}_DISABLED"] == "true"
        )
    assert SERVICES["postgresql"]["volumes"][0].partition(":")[0] in COMPOSE_FILE["volumes"]


def test_the_image_holds_the_packages_and_no_secrets() -> None:
    copied = re.findall(r"^COPY (\S+) \S+$", dockerfile(), re.MULTILINE)
    allowed = (ROOT / ".dockerignore").read_text().split("\n")
    importlinter = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    extra = {"requirements.lock", "compose/worker_health.py"}

    packages = {*importlinter["root_packages"]} - {"faults", "benchmarks"}  # they start processes
    assert set(copied) == packages | extra
    assert {line[1:] for line in allowed if line.startswith("!")} == set(copied)
    assert "*" in allowed
    assert "--require-hashes -r requirements.lock" in dockerfile()


def test_the_image_does_not_run_as_root() -> None:
    [user] = re.findall(r"^USER (\d+):\d+$", dockerfile(), re.MULTILINE)

    assert int(user) > 0


def test_the_example_names_every_variable_and_no_other() -> None:
    named = re.findall(r"^#?([A-Z][A-Z0-9_]*)=", EXAMPLE, re.MULTILINE)

    assert len(named) == len(set(named))
    assert set(named) == {*variables(), *TEMPORAL, *COMPOSE}


def test_a_default_in_the_example_is_the_real_one() -> None:
    shown = dict(re.findall(r"^#([A-Z][A-Z0-9_]*)=(.+)$", EXAMPLE, re.MULTILINE))
    real = {name: str(field.default) for name, field in variables().items()} | COMPOSE
    real = {name: "false" if value == "False" else value for name, value in real.items()}

    assert {name: real[name] for name in shown if name not in TEMPORAL} == {
        name: value for name, value in shown.items() if name not in TEMPORAL
    }


def test_the_example_holds_no_secret() -> None:
    values = {
        name: value for name, value in dotenv_values(stream=StringIO(EXAMPLE)).items() if value
    }

    assert values == {
        "PUBLIC_BASE_URL": "https://hooks.example.com",
        "TEMPORAL_ADDRESS": "localhost:7233",
        "TEMPORAL_NAMESPACE": "default",
        "TEMPORAL_UI_URL": "http://localhost:8080",
    }


def test_what_compose_itself_reads_is_in_the_example() -> None:
    """`COMPOSE_PROFILES` is read by the engine's own command."""
    ours = {"TEMPORAL_NAMESPACE", "TEMPORAL_DEPLOYMENT_NAME", "TEMPORAL_WORKER_BUILD_ID"}

    assert interpolated() == {*COMPOSE, *ours, "PAYLOAD_KEYS"} - {"COMPOSE_PROFILES"}


def test_a_worker_is_told_its_version() -> None:
    environment = SERVICES["worker"]["environment"]

    for name in ("TEMPORAL_DEPLOYMENT_NAME", "TEMPORAL_WORKER_BUILD_ID"):
        assert environment[name] == f"${{{name}:-}}"


def test_the_web_ui_has_a_codec_server_where_there_are_keys() -> None:
    environment = SERVICES["temporal-ui"]["environment"]

    assert environment["TEMPORAL_CODEC_ENDPOINT"] == "${PAYLOAD_KEYS:+http://localhost:8500}"
    assert environment["TEMPORAL_CODEC_INCLUDE_CREDENTIALS"] == "true"
    assert SERVICES["codec"]["ports"] == ["127.0.0.1:8500:8500"]


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `.env` as `python -m compose.make_env` writes it, in an environment with nothing else."""
    for name in variables():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    make(tmp_path)
    return tmp_path / ".env"


def make(folder: Path, **given: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "compose.make_env"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "DEMO_ENCRYPTED": "", **given},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.usefixtures("made")
def test_what_was_made_offers_every_channel_there_is() -> None:
    public = load(PublicSettings)
    offered = offers(configured(public))

    assert set(offered) == set(Channel)
    assert set(readers(public)) == {"twilio", "sendgrid", "vonage", "push"}


@pytest.mark.usefixtures("made")
def test_what_was_made_is_played_by_the_simulator() -> None:
    settings = load(SimulatorSettings)
    settings.check_keys()

    assert settings.providers == ["twilio", "sendgrid", "vonage", "fcm", "webpush"]


def test_without_asking_nothing_is_encrypted(made: Path) -> None:
    values = dotenv_values(made)

    assert not payload_keys()
    assert "PAYLOAD_KEYS" not in values
    assert values["COMPOSE_PROFILES"] == "simulator"


def test_one_variable_makes_all_that_encryption_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in variables():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)

    said = make(tmp_path, DEMO_ENCRYPTED="1").stdout
    profiles = (dotenv_values(tmp_path / ".env")["COMPOSE_PROFILES"] or "").split(",")
    codec = load(CodecSettings)

    assert payload_keys()
    assert codec.codec_allowed_origin == f"http://localhost:{port('temporal-ui')}"
    assert set(profiles) == {
        p for service in SERVICES.values() for p in service.get("profiles", ())
    }
    assert f"http://localhost:{port('codec')}" in said
    assert codec.codec_token.get_secret_value() not in said


def port(service: str) -> str:
    [published] = SERVICES[service]["ports"]
    return str(published).split(":")[1]


def test_what_was_made_aims_at_services_and_ports_of_the_compose_file(made: Path) -> None:
    ports = {
        name: SERVICES[name]["ports"][0].rpartition(":")[2] for name in OURS if name != "worker"
    }
    values = dotenv_values(made)

    assert values["PUBLIC_BASE_URL"] == f"http://webhooks:{ports['webhooks']}"
    simulator = f"http://simulator:{ports['simulator']}"
    named = [name for name in values if name.endswith("_API_BASE_URL")]
    assert {values[name] for name in named} == {simulator}
    assert len(named) == 4
    assert SERVICES["webhooks"]["environment"]["WEBHOOKS_PORT"] == ports["webhooks"]
    assert SERVICES["simulator"]["environment"]["SIMULATOR_PORT"] == ports["simulator"]


def test_a_shell_reads_what_was_made_as_we_do(made: Path) -> None:
    names = ("VONAGE_PRIVATE_KEY", "SENDGRID_FROM", "ADDRESS_KEY", "FCM_SERVICE_ACCOUNT")
    said = "; ".join(f'printf "%s\\n" "${name}"' for name in names)
    read = subprocess.run(
        ["sh", "-c", f". ./.env; {said}"], cwd=made.parent, capture_output=True, text=True
    )

    assert read.stdout.splitlines() == [dotenv_values(made)[name] for name in names]


def test_a_file_that_is_there_is_not_written_over(made: Path) -> None:
    before = made.read_text()
    again = make(made.parent)

    assert again.returncode == 1
    assert again.stderr == ".env exists, and may hold keys of yours; move it away first\n"
    assert made.read_text() == before
    assert made.stat().st_mode & 0o077 == 0


def test_a_value_without_a_place_in_the_example_is_an_error() -> None:
    assert filled_in("# a\n#ONE=1\nTWO=\n", {"ONE": "x\ny"}) == "# a\nONE='x\\ny'\nTWO=\n"
    with pytest.raises(KeyError, match="THREE"):
        filled_in("ONE=\n", {"THREE": "3"})


def poller(identity: str, ago: timedelta) -> PollerInfo:
    seen = Timestamp()
    seen.FromDatetime(NOW - ago)
    return PollerInfo(identity=identity, last_access_time=seen)


@pytest.mark.parametrize(
    ("pollers", "well"),
    [
        pytest.param([poller("7@here", timedelta(seconds=60))], True, id="polls"),
        pytest.param([poller("7@here", timedelta(minutes=3))], False, id="polled, but not lately"),
        pytest.param([poller("7@there", timedelta(0))], False, id="another host polls"),
        pytest.param([], False, id="nobody polls"),
    ],
)
def test_a_worker_is_well_while_it_polls(pollers: list[PollerInfo], well: bool) -> None:
    assert alive(pollers, "here", NOW) is well


async def test_the_health_check_finds_a_worker_of_this_host(client: Client) -> None:
    async with Worker(client, task_queue=TASK_QUEUE, workflows=[MessageWorkflow]):
        await asyncio.sleep(0.5)
        assert await health(client) == 0


async def test_a_worker_without_temporal_is_not_well(client: Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closing:
        port = closing.getsockname()[1]

    assert await health(client, f"127.0.0.1:{port}") == 1


async def health(client: Client, address: str | None = None) -> int:
    return await run(client, [sys.executable, "-m", "compose.worker_health"], address)


async def run(client: Client, command: list[str], address: str | None = None, **more: str) -> int:
    target = address or client.service_client.config.target_host
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=ROOT,
        env={**os.environ, "TEMPORAL_ADDRESS": target, "TEMPORAL_NAMESPACE": "default", **more},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    return await asyncio.wait_for(process.wait(), 60)


async def test_the_namespace_job_can_be_done_twice(client: Client) -> None:
    job, namespace = ["sh", "compose/namespace.sh"], f"messages-{uuid4().hex[:8]}"
    path = f"{Path(temporal_executable()).parent}{os.pathsep}{os.environ['PATH']}"
    given = {"PATH": path, "TEMPORAL_NAMESPACE": namespace, "MESSAGE_RETENTION": "30d"}

    first = await run(client, job, **given)
    again = await run(client, job, **{**given, "MESSAGE_RETENTION": "31d"})

    assert (first, again) == (0, 0)
    described = await client.workflow_service.describe_namespace(
        DescribeNamespaceRequest(namespace=namespace)
    )
    retention = described.config.workflow_execution_retention_ttl.ToTimedelta()
    assert retention == timedelta(days=31)
    known = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=namespace)
    )
    assert set(known.custom_attributes) >= set(SearchAttribute)


def test_the_schema_job_brings_both_databases_up_to_date(tmp_path: Path) -> None:
    """There is no PostgreSQL here: a stand-in writes down what the tool is called with."""
    tool = tmp_path / "temporal-sql-tool"
    tool.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\n')
    tool.chmod(0o755)
    given = {
        key: SERVICES["temporal-schema"]["environment"][key]
        for key in ("DB_PORT", "POSTGRES_SEEDS")
    }
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    secret = {"POSTGRES_USER": "temporal", "SQL_PASSWORD": "secret", "PATH": path}
    sh = shutil.which("sh")
    assert sh

    subprocess.run([sh, ROOT / "compose/schema.sh"], env={**given, **secret}, check=True)

    asked = (tmp_path / "asked").read_text().splitlines()
    assert [line.partition("--db ")[2].split("/")[0].strip() for line in asked] == [
        "temporal create",
        "temporal setup-schema -v 0.0",
        "temporal update-schema -d",
        "temporal_visibility create",
        "temporal_visibility setup-schema -v 0.0",
        "temporal_visibility update-schema -d",
    ]
    assert "secret" not in "".join(asked)
