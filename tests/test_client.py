"""How our processes find Temporal."""

from pathlib import Path

import pytest
from temporalio.envconfig import ClientConfig

from workflows.client import environment


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TEMPORAL_ADDRESS", raising=False)
    return tmp_path


def test_a_dotenv_file_says_where_temporal_is(folder: Path) -> None:
    (folder / ".env").write_text("TEMPORAL_ADDRESS=temporal.example:7233\nTEMPORAL_API_KEY=\n")

    config = ClientConfig.load_client_connect_config(override_env_vars=environment())

    assert config.get("target_host") == "temporal.example:7233"
    assert not config.get("tls")


def test_the_environment_wins_over_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / ".env").write_text("TEMPORAL_ADDRESS=file:7233\n")
    monkeypatch.setenv("TEMPORAL_ADDRESS", "environment:7233")

    assert environment()["TEMPORAL_ADDRESS"] == "environment:7233"
