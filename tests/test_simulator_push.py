"""The simulator's FCM and push service, spoken to by our senders, and the device behind them."""

import base64
import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from failover.events import FailureClass
from providers.base import Accepted, Outbound, ProviderUnavailable, Refused, Sender, SendUnknown
from providers.fcm import provider as fcm
from providers.fcm.settings import FcmSettings
from providers.push.callbacks import callbacks
from providers.settings import PublicSettings
from providers.webpush import provider as webpush
from simulator.fcm.account import SCOPE, token
from simulator.testing import Hook, until
from tests.callbacks import KEY
from tests.push import TEXT, TOKEN, outbound, service_account, told, unpadded, webpush_settings
from tests.simulator_world import PATIENCE, World, simulated

ACK = "/push/ack"


@pytest.fixture(scope="module")
def started() -> Iterator[World]:
    with simulated() as world:
        yield world


@pytest.fixture
def world(started: World) -> World:
    started.forget()
    return started


def public(world: World) -> PublicSettings:
    given = {"public_base_url": world.hooks.url, "address_key": KEY}
    return PublicSettings.model_validate(given)


def by_fcm(world: World, **more: Any) -> Sender:
    given = {
        "service_account": world.settings.fcm_service_account,
        "api_base_url": world.base,
        "token_url": f"{world.base}/token",
        **more,
    }
    [sender] = fcm.senders(FcmSettings.model_validate(given), public(world)).values()
    return sender


def by_webpush(world: World) -> Sender:
    settings = webpush_settings(world.base.removeprefix("http://"))
    [sender] = webpush.senders(settings, public(world)).values()
    return sender


def subscribed(world: World, **how: str) -> Any:
    return world.post("/subscriptions", **how)


@pytest.fixture(params=["fcm", "webpush"])
def push(request: pytest.FixtureRequest, world: World) -> tuple[Sender, Outbound, str]:
    """A sender, a send, and what the simulator calls the device."""
    if request.param == "fcm":
        return by_fcm(world), outbound("fcm", TOKEN), TOKEN
    browser = subscribed(world)
    return by_webpush(world), outbound("webpush", browser["address"]), browser["id"]


Push = tuple[Sender, Outbound, str]


def acknowledged(world: World, count: int) -> list[Any]:
    """What our reader makes of what the device posted."""
    reader = callbacks(public(world))
    return [reader.read(_posted(world, hook))[0] for hook in world.hooks.wait(ACK, count)]


def _posted(world: World, hook: Hook) -> Any:
    return told(world.hooks.url + hook.path, **hook.form)


def test_a_push_comes_up_on_the_handset_and_says_so(world: World, push: Push) -> None:
    sender, send, device = push
    result = sender.send(send)

    assert isinstance(result, Accepted)
    [shown] = world.get("/messages", to=device)
    assert (shown["channel"], shown["provider"]) == ("push", send.provider)
    assert (shown["subject"], shown["text"]) == ("Your delivery", TEXT)
    assert shown["choices"] == [{"id": "yes", "title": "Yes"}, {"id": "no", "title": "No"}]
    assert shown["reference"] == "order-1.2"
    [received] = acknowledged(world, 1)
    assert (received.reference, received.status) == ("order-1.2", "delivered")


def test_the_person_opens_it_presses_or_types(world: World, push: Push) -> None:
    sender, send, device = push
    sender.send(send)
    [shown] = world.get("/messages", to=device)
    acknowledged(world, 1)
    world.post(f"/messages/{shown['id']}/read")
    world.post(f"/messages/{shown['id']}/press", choice="yes")
    world.post(f"/messages/{shown['id']}/reply", text="at 10")

    _, opened, pressed, typed = acknowledged(world, 4)
    assert opened.status == "read"
    assert (pressed.choice, pressed.provider, pressed.reference) == (
        "yes",
        send.provider,
        "order-1.2",
    )
    assert (typed.choice, typed.text) == (None, "at 10")


@pytest.mark.parametrize(
    ("do", "outcome"),
    [
        ("throttle", ProviderUnavailable),
        ("error", SendUnknown),
        ("drop", SendUnknown),
        ("drop_after_accept", SendUnknown),
        ("error_after_accept", SendUnknown),
    ],
)
def test_what_a_script_orders_goes_wrong_once(
    world: World, push: Push, do: str, outcome: type[Exception]
) -> None:
    sender, send, device = push
    world.post("/scripts", do=do, provider=send.provider, to=device, times=1)

    with pytest.raises(outcome):
        sender.send(send)
    assert len(world.get("/messages", to=device)) == int("after_accept" in do)
    assert isinstance(sender.send(send), Accepted)


def test_an_outage_is_of_the_whole_provider(world: World, push: Push) -> None:
    sender, send, _ = push
    world.post("/outages", provider=send.provider, do="error")

    with pytest.raises(SendUnknown):
        sender.send(send)


def test_a_script_may_keep_the_device_silent(world: World, push: Push) -> None:
    sender, send, device = push
    world.post("/scripts", do="silent", to=device)
    sender.send(send)

    until(lambda: world.get("/messages", to=device)[0]["status"] == "delivered")
    assert world.hooks.to(ACK) == []


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("UNREGISTERED", FailureClass.ADDRESS),
        ("SENDER_ID_MISMATCH", FailureClass.SENDER),
        ("THIRD_PARTY_AUTH_ERROR", FailureClass.SENDER),
        ("INVALID_ARGUMENT", FailureClass.CONTENT),
    ],
)
def test_fcm_refuses_with_a_code(world: World, code: str, kind: FailureClass) -> None:
    world.post("/scripts", do="refuse", provider="fcm", code=code)
    result = by_fcm(world).send(outbound("fcm", TOKEN))

    assert isinstance(result, Refused)
    assert (result.failure.kind, result.failure.code) == (kind, code)


@pytest.mark.parametrize(
    ("device", "code"),
    [("unregistered:APA91bHun4MxP5egoKMwt2", "UNREGISTERED"), ("dana", "INVALID_ARGUMENT")],
)
def test_fcm_knows_no_such_device(world: World, device: str, code: str) -> None:
    result = by_fcm(world).send(outbound("fcm", device))

    assert isinstance(result, Refused)
    assert (result.failure.kind, result.failure.code) == (FailureClass.ADDRESS, code)


def test_google_gives_no_token_to_another_account(world: World) -> None:
    other = service_account("https://oauth2.example.com", client_email="thief@example.com")
    result = by_fcm(world, service_account=other).send(outbound("fcm", TOKEN))

    assert isinstance(result, Refused)
    assert (result.failure.kind, result.failure.code) == (FailureClass.ACCOUNT, "token 400")


def test_google_gives_a_token_for_what_it_is_asked_for(world: World) -> None:
    known = json.loads(str(world.settings.fcm_service_account))
    now = int(time.time())
    claims = {
        "iss": known["client_email"],
        "aud": known["token_uri"],
        "iat": now,
        "exp": now + 600,
    }
    answers = []
    for scope in ("https://www.googleapis.com/auth/drive", SCOPE):
        assertion = jwt.encode({**claims, "scope": scope}, known["private_key"], "RS256")
        form = {
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "assertion": assertion,
        }
        answers.append(requests.post(f"{world.base}/token", data=form, timeout=PATIENCE))

    assert [answer.status_code for answer in answers] == [400, 200]


@pytest.mark.parametrize("login", ["", "Bearer ya29.a.b.c", "Basic eA=="])
def test_fcm_takes_nothing_without_a_token(world: World, login: str) -> None:
    url = f"{world.base}/v1/projects/deliveries-1/messages:send"
    headers = {"Authorization": login}
    answer = requests.post(url, json={"message": {}}, headers=headers, timeout=PATIENCE)

    assert answer.status_code == 401
    assert answer.json()["error"]["status"] == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    "changed",
    [
        {"data": {"n": 7}},
        {"data": {"from": "us"}},
        {"data": {"google.x": "us"}},
        {"data": {"text": "a" * 4100}},
        {"android": {"ttl": 1200}},
        {"android": {"ttl": "2419201s"}},
        {"android": {"priority": "high!"}},
        {"apns": {"heads": {}}},
        {"notify": {}},
        {"webpush": "no"},
    ],
)
def test_fcm_refuses_what_its_reference_does_not_have(
    world: World, changed: dict[str, Any]
) -> None:
    account = json.loads(str(world.settings.fcm_service_account))
    url = f"{world.base}/v1/projects/deliveries-1/messages:send"
    headers = {"Authorization": f"Bearer {token(account)}"}
    body = {"message": {"token": TOKEN, **changed}}
    answer = requests.post(url, json=body, headers=headers, timeout=PATIENCE)

    assert (answer.status_code, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")


def test_a_browser_that_has_left_is_gone(world: World) -> None:
    browser = subscribed(world)
    requests.delete(
        f"{world.base}/simulator/subscriptions/{browser['id']}", timeout=PATIENCE
    ).raise_for_status()
    result = by_webpush(world).send(outbound("webpush", browser["address"]))

    assert isinstance(result, Refused)
    assert (result.failure.kind, result.failure.code) == (FailureClass.ADDRESS, "410")


def test_only_whom_it_subscribed_to_may_write_to_a_browser(world: World) -> None:
    ours = webpush_settings().key.public_key()
    point = unpadded(ours.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
    mine, another = subscribed(world, key=point), subscribed(world, key=unpadded(b"\x04" * 65))
    sender = by_webpush(world)

    assert isinstance(sender.send(outbound("webpush", mine["address"])), Accepted)
    refused = sender.send(outbound("webpush", another["address"]))
    assert isinstance(refused, Refused)
    assert (refused.failure.kind, refused.failure.code) == (FailureClass.SENDER, "403")


def test_a_push_made_for_another_browser_never_comes_up(world: World) -> None:
    one, other = subscribed(world), subscribed(world)
    mixed = {**json.loads(one["address"]), "keys": json.loads(other["address"])["keys"]}
    result = by_webpush(world).send(outbound("webpush", json.dumps(mixed)))

    assert isinstance(result, Accepted)  # as a push service says, which cannot look inside
    assert world.get("/messages") == []


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"TTL": ""}, 400),
        ({"Content-Encoding": "gzip"}, 400),
        ({"Topic": "a" * 33}, 400),
        ({"Authorization": "vapid t=a.b.c,k=x"}, 403),
        ({"Authorization": ""}, 403),
    ],
)
def test_a_push_service_asks_for_what_the_rfcs_do(
    world: World, changed: dict[str, str], status: int
) -> None:
    endpoint = subscribed(world)["subscription"]["endpoint"]
    headers = {**_signed(endpoint), "TTL": "60", "Content-Encoding": "aes128gcm", **changed}
    answer = requests.post(endpoint, data=b"x", headers=headers, timeout=PATIENCE)

    assert answer.status_code == status


def test_a_push_service_takes_4096_bytes(world: World) -> None:
    endpoint = subscribed(world)["subscription"]["endpoint"]
    headers = {**_signed(endpoint), "TTL": "60", "Content-Encoding": "aes128gcm"}
    answers = [
        requests.post(endpoint, data=b"x" * size, headers=headers, timeout=PATIENCE).status_code
        for size in (4096, 4097)
    ]

    assert answers == [201, 413]


def _signed(endpoint: str) -> dict[str, str]:
    """By PyJWT, and not by the library that our sender has."""
    key = webpush_settings().key
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int(time.time()) + 600,
        "sub": "mailto:ops@example.com",
    }
    token = jwt.encode(claims, key, algorithm="ES256")
    raw = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    point = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    return {"Authorization": f"vapid t={token}, k={point}"}
