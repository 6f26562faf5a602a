"""The simulator's look-ups: what a provider lists late, and look-ups that cannot be had."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from simulator.testing import until
from tests.simulator_world import (
    ACCOUNT,
    CALLS,
    MESSAGES,
    PATIENCE,
    PERSON,
    World,
    vonage_client,
)

PROVIDERS = ("twilio", "twilio calls", "vonage", "sendgrid")


def send(world: World, provider: str) -> None:
    match provider:
        case "twilio":
            world.send()
        case "twilio calls":
            world.call(Twiml="<Response/>")
        case "vonage":
            sms = {"channel": "sms", "message_type": "text", "to": "14155550100", "from": "us"}
            ask(world, "vonage", requests.post, "/v1/messages", json={**sms, "text": "Home?"})
        case "sendgrid":
            world.mail()


def look_up(world: World, provider: str, timeout: float = PATIENCE) -> requests.Response:
    """Everything the provider lists of the person."""
    paths: dict[str, tuple[str, dict[str, str]]] = {
        "twilio": (MESSAGES, {"To": PERSON}),
        "twilio calls": (CALLS, {"To": PERSON}),
        "vonage": ("/v2/reports/records", {"product": "MESSAGES", "direction": "outbound"}),
        "sendgrid": ("/v3/messages", {"query": 'to_email="dana@example.com"'}),
    }
    path, query = paths[provider]
    return ask(world, provider, requests.get, path, params=query, timeout=timeout)


def listed(answer: requests.Response) -> int:
    body = answer.json()
    return max(len(body[name]) for name in ("messages", "calls", "records") if name in body)


def ask(
    world: World,
    provider: str,
    request: Callable[..., requests.Response],
    path: str,
    timeout: float = PATIENCE,
    **what: Any,
) -> requests.Response:
    if provider.startswith("twilio"):
        what["auth"] = (ACCOUNT, "token")
    else:
        token = vonage_client(world).http_client.auth.create_jwt_auth_string().decode()
        what["headers"] = {
            "Authorization": "Bearer SG.key" if provider == "sendgrid" else token,
        }
    return request(world.base + path, timeout=timeout, **what)


def outage(world: World, provider: str, do: str | None) -> None:
    world.post("/outages", provider=provider.split()[0], do=do)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_a_provider_lists_late_is_missed_and_then_found(world: World, provider: str) -> None:
    world.post("/scripts", do="silent", unlisted=2)
    send(world, provider)
    assert len(world.get("/messages")) == 1

    found = [listed(look_up(world, provider)) for _ in range(4)]

    assert found == [0, 0, 1, 1]


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(("do", "status"), [("look_ups_refused", 403), ("look_ups_error", 503)])
def test_look_ups_alone_may_fail(world: World, provider: str, do: str, status: int) -> None:
    outage(world, provider, do)

    send(world, provider)

    assert look_up(world, provider).status_code == status
    outage(world, provider, None)
    assert listed(look_up(world, provider)) == 1


@pytest.mark.parametrize("provider", PROVIDERS)
def test_look_ups_alone_may_hang(world: World, provider: str) -> None:
    outage(world, provider, "look_ups_hang")

    send(world, provider)

    assert len(world.get("/messages")) == 1
    with pytest.raises(requests.ReadTimeout):
        look_up(world, provider, timeout=0.2)
    until(lambda: world.get("/requests")[-1]["method"] == "GET")
