"""The simulator's scripts: every way a send or its callbacks can go wrong."""

import json
import socket
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

from simulator.testing import until
from tests.simulator_world import ACCOUNT, MESSAGES, PATIENCE, PERSON, World


def statuses(world: World) -> list[str]:
    return [hook.form["MessageStatus"] for hook in world.hooks.to("/twilio/status")]


@contextmanager
def asking(world: World) -> Iterator[socket.socket]:
    """The connection on which an SMS was asked for, and nothing read yet."""
    body = "To=%2B14155550100&From=%2B15005550006&Body=x"
    head = f"POST {MESSAGES} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
    head += "Authorization: Basic " + b64encode(f"{ACCOUNT}:token".encode()).decode()
    host, _, port = world.base.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as connection:
        connection.sendall(f"{head}\r\n\r\n{body}".encode())
        yield connection


def bytes_answered(world: World) -> bytes:
    """What comes back on the wire when the connection is cut."""
    with asking(world) as connection:
        try:
            return connection.recv(1000)
        except ConnectionResetError:
            return b""


def test_of_the_scripts_for_one_address_and_for_everybody_the_oldest_comes_first(
    world: World,
) -> None:
    world.post("/scripts", do="refuse", code="21610", to=PERSON.removeprefix("+"), times=1)
    world.post("/scripts", do="refuse", code="21612", times=1)
    world.post("/scripts", do="refuse", code="21614", to=PERSON)
    world.post("/scripts", do="refuse", code="21408", to="+14155550199")

    codes = [world.send().json()["code"] for _ in range(3)]

    assert codes == [21610, 21612, 21614]


def test_a_refusal_is_in_the_providers_own_shape_and_counts_down(world: World) -> None:
    world.post("/scripts", do="refuse", code="21610", provider="twilio", to=PERSON, times=1)

    first, second = world.send(), world.send()

    assert (first.status_code, first.json()["code"]) == (400, 21610)
    assert second.status_code == 201
    assert len(world.get("/messages")) == 1


def test_a_mail_is_refused_with_a_message(world: World) -> None:
    world.post("/scripts", do="refuse", provider="sendgrid", status=403, detail="Not verified")

    refused = world.mail()

    assert refused.status_code == 403
    assert refused.json()["errors"][0]["message"] == "Not verified"


def test_a_throttle_says_when_to_come_back(world: World) -> None:
    world.post("/scripts", do="throttle", retry_after=7)

    for answer in (world.send(), world.mail()):
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")


@pytest.mark.parametrize(("do", "count"), [("error", 0), ("error_after_accept", 1)])
def test_a_server_error_before_or_after_acceptance(world: World, do: str, count: int) -> None:
    world.post("/scripts", do=do, status=502)

    answer = world.send()

    assert answer.status_code == 502
    assert len(world.get("/messages")) == count


def test_a_message_that_fails_after_a_server_error_never_arrives(world: World) -> None:
    world.post("/scripts", do="error_after_accept", then="fail", code="30003")

    world.send()

    (message,) = world.get("/messages")
    assert message["arrives"] is False


@pytest.mark.parametrize(("do", "count"), [("drop", 0), ("drop_after_accept", 1)])
def test_a_cut_connection_carries_no_byte(world: World, do: str, count: int) -> None:
    world.post("/scripts", do=do)

    assert bytes_answered(world) == b""

    assert len(world.get("/messages")) == count


def test_a_message_taken_before_the_cut_is_still_delivered(world: World) -> None:
    world.post("/scripts", do="drop_after_accept")

    with pytest.raises(requests.ConnectionError):
        world.send()

    world.hooks.wait("/twilio/status", 2)
    assert statuses(world) == ["sent", "delivered"]


@pytest.mark.parametrize(("do", "count"), [("hang", 0), ("hang_after_accept", 1)])
def test_an_answer_that_comes_too_late(world: World, do: str, count: int) -> None:
    world.post("/scripts", do=do, seconds=30, times=1)

    with asking(world) as connection:
        until(lambda: world.get("/scripts")[0]["times"] == 0)
        assert len(world.get("/messages")) == count

        connection.settimeout(0.2)
        with pytest.raises(TimeoutError):
            connection.recv(1)


def test_a_hang_ends_in_an_answer(world: World) -> None:
    world.post("/scripts", do="hang_after_accept", seconds=0.1)

    assert world.send().status_code == 201


def test_a_body_that_is_not_json(world: World) -> None:
    world.post("/scripts", do="bad_body")

    answer = world.send()

    assert answer.status_code == 201
    assert answer.text.startswith("<html>")
    assert len(world.get("/messages")) == 1


def test_a_body_that_is_not_json_of_a_send_that_was_not_taken(world: World) -> None:
    world.post("/scripts", do="bad_body_not_taken")

    for answer, status in ((world.send(), 201), (world.mail(), 202)):
        assert answer.status_code == status
        assert answer.text.startswith("<html>")
        assert "X-Message-Id" not in answer.headers
    assert world.get("/messages") == []


def test_a_failure_reported_later(world: World) -> None:
    world.post("/scripts", do="fail", code="30005", after=0)

    world.send()

    last = world.hooks.wait("/twilio/status", 2)[-1]
    assert (last.form["MessageStatus"], last.form["ErrorCode"]) == ("undelivered", "30005")


def test_a_bounce_with_a_classification(world: World) -> None:
    world.post(
        "/scripts", do="bounce", channel="email", classification="Mailbox Unavailable", after=0
    )

    world.mail()

    event = json.loads(world.hooks.wait("/sendgrid/events")[-1].body)[-1]
    assert event["event"] == "bounce"
    assert event["bounce_classification"] == "Mailbox Unavailable"


def test_silence(world: World) -> None:
    world.post("/scripts", do="silent", times=1)
    _, _ = world.send(), world.send()

    world.hooks.wait("/twilio/status", 2)

    assert statuses(world) == ["sent", "delivered"]
    assert world.get("/messages")[0]["callbacks"] == []


def test_the_silent_number(world: World) -> None:
    world.send(To="+15005550011")
    until(lambda: world.get("/messages")[0]["status"] == "sent")

    assert world.hooks.hooks == []


def test_callbacks_late(world: World) -> None:
    world.post("/scripts", do="late", seconds=0.3)
    began = time.monotonic()

    world.send()

    world.hooks.wait("/twilio/status")
    assert time.monotonic() - began >= 0.3


def test_callbacks_twice(world: World) -> None:
    world.post("/scripts", do="twice")
    world.send()

    world.hooks.wait("/twilio/status", 4)

    assert statuses(world) == ["sent", "sent", "delivered", "delivered"]


def test_events_twice_are_the_same_event(world: World) -> None:
    world.post("/scripts", do="twice", provider="sendgrid")
    world.mail()

    events = json.loads(world.hooks.wait("/sendgrid/events")[0].body)

    assert events[0] == events[1]


def test_callbacks_out_of_order(world: World) -> None:
    world.post("/scripts", do="shuffled")
    world.send()

    world.hooks.wait("/twilio/status", 2)

    assert statuses(world) == ["delivered", "sent"]
    assert world.get("/messages")[0]["status"] == "delivered"


def test_callbacks_held_until_they_are_released(world: World) -> None:
    world.post("/scripts", do="held", times=1)
    held = world.send().json()["sid"]
    other = world.send().json()["sid"]
    world.hooks.wait("/twilio/status", 2)
    assert {hook.form["MessageSid"] for hook in world.hooks.hooks} == {other}

    world.post(f"/messages/{held}/release")

    last = world.hooks.wait("/twilio/status", 4)[2:]
    assert [hook.form["MessageSid"] for hook in last] == [held, held]
    with pytest.raises(AssertionError, match="no callbacks"):
        world.post(f"/messages/{held}/release")
