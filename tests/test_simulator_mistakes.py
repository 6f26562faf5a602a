"""What is asked of the simulator by mistake is refused, and not passed over."""

import pytest
import requests

from tests.simulator_world import PATIENCE, PERSON, SENDER, World


def test_an_outage_of_nobody_is_refused(world: World) -> None:
    order = {"provider": "twillio", "do": "error"}

    answer = requests.post(f"{world.base}/simulator/outages", json=order, timeout=PATIENCE)

    assert answer.status_code == 404
    assert world.send().status_code == 201


@pytest.mark.parametrize(
    ("provider", "channel"),
    [("vonage", "email"), ("twilio", "pigeon"), ("vonage", "voice"), ("fcm", "push")],
)
def test_nobody_writes_where_nothing_is_played(world: World, provider: str, channel: str) -> None:
    said = {"provider": provider, "channel": channel, "from": PERSON, "to": SENDER, "text": "x"}

    answer = requests.post(f"{world.base}/simulator/inbound", json=said, timeout=PATIENCE)

    assert answer.status_code == 404
    assert world.get("/replies") == []


@pytest.mark.parametrize("path", ["messages", "replies", "requests", "notifications"])
def test_the_newest_are_counted_from_nought(world: World, path: str) -> None:
    world.send()

    def answer(limit: int) -> requests.Response:
        url = f"{world.base}/simulator/{path}?limit={limit}"
        return requests.get(url, timeout=PATIENCE)

    assert (answer(0).status_code, answer(0).json()) == (200, [])
    assert answer(-1).status_code == 422
