"""The simulated service: what it hears is kept in order, and it fails when it is told to."""

import json
from typing import Any

import requests

from tests.simulator_world import PATIENCE, World


def tell(world: World, body: bytes = b'{"type": "message.responded"}', **headers: str) -> int:
    given = {"Content-Type": "application/json", **headers}
    return requests.post(
        f"{world.base}/events", data=body, headers=given, timeout=PATIENCE
    ).status_code


def heard(world: World) -> list[Any]:
    found: list[Any] = world.get("/notifications")
    return found


def test_notifications_are_kept_in_order_with_headers_and_the_very_body(world: World) -> None:
    body = b'{ "type": "message.accepted", "data": {"message_id": "order-1"} }'
    assert tell(world, body, **{"webhook-id": "n-1", "webhook-signature": "v1,xyz"}) == 204
    assert tell(world, b"not json") == 204

    first, second = heard(world)
    assert first["body"].encode() == body
    assert first["json"] == json.loads(body)
    assert (first["headers"]["webhook-id"], first["headers"]["webhook-signature"]) == (
        "n-1",
        "v1,xyz",
    )
    assert (second["json"], second["body"]) == (None, "not json")


def test_it_fails_as_often_as_it_is_told(world: World) -> None:
    world.post("/notifications/answer", status=503, times=2)

    assert [tell(world) for _ in range(3)] == [503, 503, 204]
    assert [one["answer"] for one in heard(world)] == [503, 503, 204]


def test_it_fails_until_it_is_told_otherwise(world: World) -> None:
    world.post("/notifications/answer", status=410, times=None)
    assert [tell(world) for _ in range(3)] == [410] * 3

    world.post("/notifications/answer", status=200, times=None)
    assert tell(world) == 200


def test_a_cleared_simulator_has_heard_nothing_and_fails_no_more(world: World) -> None:
    world.post("/notifications/answer", status=500, times=None)
    tell(world)
    world.forget()

    assert heard(world) == []
    assert tell(world) == 204
