"""What a worker takes from the environment to have services told."""

import base64
from inspect import signature
from pathlib import Path

import pytest
from temporalio.client import Client

from activities.notification import NOTIFY_QUEUE
from activities.notify_settings import NotifySettings
from failover.notify import EVERY, NotifyWorkflow
from providers.settings import ConfigurationError, load
from tests.receiver import PREVIOUS, SECRET
from workers.notify import notify_worker


@pytest.fixture(autouse=True)
def nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("SECRET", "SECRET_PREVIOUS", "ALLOW_PRIVATE", "UNMATCHED_URL", "MAX_CONCURRENT"):
        monkeypatch.delenv(f"NOTIFY_{name}", raising=False)


def settings(monkeypatch: pytest.MonkeyPatch, **given: str) -> NotifySettings:
    for name, value in given.items():
        monkeypatch.setenv(f"NOTIFY_{name.upper()}", value)
    return load(NotifySettings)


def secret_of(size: int) -> str:
    return "whsec_" + base64.b64encode(b"x" * size).decode()


def test_without_anything_workflows_are_told_and_no_urls(monkeypatch: pytest.MonkeyPatch) -> None:
    targets = settings(monkeypatch).targets

    assert "NOTIFY_SECRET" in str(targets.fault("https://shop.example.com/"))
    assert targets.fault(NotifyWorkflow(workflow_id="order-1", signal="heard")) is None
    assert targets.fault(None) is None


def test_with_a_secret_https_is_told_and_plain_http_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    targets = settings(monkeypatch, secret=SECRET).targets

    assert targets.fault("https://shop.example.com/") is None
    assert "https" in str(targets.fault("http://shop.example.com/"))
    assert not targets.lax("shop.example.com")


def test_hosts_that_are_allowed_may_be_told_by_plain_http(monkeypatch: pytest.MonkeyPatch) -> None:
    targets = settings(monkeypatch, secret=SECRET, allow_private="a.internal, ::1,10.0.0.7").targets

    for url in (
        "http://a.internal:8080/",
        "http://A.internal/",
        "http://[::1]/",
        "http://10.0.0.7",
    ):
        assert targets.fault(url) is None
    assert targets.fault("http://b.a.internal/")
    assert not targets.lax("b.a.internal")


def test_one_allows_every_host(monkeypatch: pytest.MonkeyPatch) -> None:
    targets = settings(monkeypatch, secret=SECRET, allow_private="1").targets

    assert targets.private == (EVERY,)
    assert targets.fault("http://anything.internal/") is None


@pytest.mark.parametrize("size", [24, 32, 64])
def test_a_secret_of_the_sizes_of_the_specification_is_taken(
    monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    assert settings(monkeypatch, secret=secret_of(size)).signers


def test_both_secrets_sign_the_current_one_first(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(settings(monkeypatch, secret=SECRET, secret_previous=PREVIOUS).signers) == 2


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"secret": "hush-hush"}, "NOTIFY_SECRET: should be whsec_"),
        ({"secret": secret_of(23)}, "NOTIFY_SECRET: should be whsec_"),
        ({"secret": secret_of(65)}, "NOTIFY_SECRET: should be whsec_"),
        ({"secret": "whsec_not base64 at all, however long it may be"}, "NOTIFY_SECRET: should"),
        ({"secret_previous": PREVIOUS}, "NOTIFY_SECRET_PREVIOUS needs NOTIFY_SECRET"),
        ({"allow_private": "0"}, "NOTIFY_ALLOW_PRIVATE: should be 1 for every host"),
        ({"allow_private": "*"}, "NOTIFY_ALLOW_PRIVATE: should be 1 for every host"),
        ({"allow_private": "http://a.internal"}, "NOTIFY_ALLOW_PRIVATE: should be 1"),
        ({"allow_private": "10.0.0.0/8"}, "NOTIFY_ALLOW_PRIVATE: should be 1"),
        ({"unmatched_url": "shop"}, "NOTIFY_UNMATCHED_URL: should be an https URL"),
        ({"unmatched_url": "https://shop.example.com/"}, "NOTIFY_UNMATCHED_URL: a URL needs"),
        ({"max_concurrent": "0"}, "NOTIFY_MAX_CONCURRENT"),
    ],
    ids=str,
)
def test_what_cannot_be_used_is_named_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], says: str
) -> None:
    with pytest.raises(ConfigurationError) as raised:
        settings(monkeypatch, **given)

    assert says in str(raised.value)
    assert "hush-hush" not in str(raised.value)


async def test_the_worker_has_a_queue_and_a_number_of_its_own(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = settings(monkeypatch, secret=SECRET, max_concurrent="8")

    # A worker that is made holds its queue, and this one is never run.
    config = notify_worker(client, given, queue="notify-settings").config()

    assert config["task_queue"] == "notify-settings"
    usual = signature(notify_worker).parameters["queue"].default
    assert usual == NOTIFY_QUEUE == "failover-notify"
    assert config["max_concurrent_activities"] == 8
