"""The simulator's 24 hours for free text: whom they hold, and what goes all the same."""

from typing import Any

import jwt
import pytest
import requests

from simulator.testing import until
from tests.simulator_world import PATIENCE, PERSON, SENDER, World

CLOSED = {"twilio": "63016", "vonage": "1340"}


def sent_by_twilio(world: World, **form: Any) -> Any:
    sid = world.send(**form).json()["sid"]
    until(lambda: world.message(sid)["status"] in ("delivered", "undelivered"))
    return world.message(sid)["error"]


def on(channel: str) -> dict[str, str]:
    return {"To": f"{channel}:{PERSON}", "From": f"{channel}:{SENDER}"}


@pytest.mark.parametrize("channel", ["whatsapp", "messenger"])
def test_text_fails_until_the_person_writes_to_that_sender(world: World, channel: str) -> None:
    world.post("/scripts", do="outside_window", to=PERSON)
    stranger = {"provider": "twilio", "channel": channel, "from": PERSON, "text": "Hello"}

    before = sent_by_twilio(world, **on(channel))
    world.post("/inbound", **stranger, to="+15005550099")
    elsewhere = sent_by_twilio(world, **on(channel))
    world.post("/inbound", **stranger, to=SENDER)

    assert (before, elsewhere) == (CLOSED["twilio"], CLOSED["twilio"])
    assert sent_by_twilio(world, **on(channel)) is None


def test_other_channels_are_as_ever(world: World) -> None:
    world.post("/scripts", do="outside_window", to=PERSON)

    assert sent_by_twilio(world) is None


def test_another_script_for_the_same_person_is_not_hidden_by_it(world: World) -> None:
    world.post("/scripts", do="outside_window", to=PERSON, times=1)
    world.post("/scripts", do="fail", code="30007", to=PERSON, channel="sms")

    assert sent_by_twilio(world) == "30007"
    assert sent_by_twilio(world, **on("whatsapp")) == CLOSED["twilio"]
    assert sent_by_twilio(world, **on("whatsapp")) is None


def test_a_template_goes_at_any_time(world: World) -> None:
    world.post("/scripts", do="outside_window", to=PERSON)

    assert sent_by_twilio(world, **on("whatsapp"), Body="", ContentSid=f"HX{'1' * 32}") is None


@pytest.mark.parametrize(
    ("about", "error"),
    [
        ({"category": "update"}, CLOSED["vonage"]),
        ({"category": "message_tag", "tag": "CONFIRMED_EVENT_UPDATE"}, None),
    ],
)
def test_what_has_one_of_messengers_tags_goes_at_any_time(
    world: World, about: dict[str, str], error: str | None
) -> None:
    world.post("/scripts", do="outside_window", to=PERSON)
    text = {"message_type": "text", "text": "Home?", "channel": "messenger"}
    body: dict[str, Any] = {**text, "to": PERSON, "from": "1023456789012345", "messenger": about}
    claims = {"application_id": world.settings.vonage_application_id}
    token = jwt.encode(claims, str(world.settings.vonage_private_key), algorithm="RS256")
    headers = {"Authorization": f"Bearer {token}"}

    url = f"{world.base}/v1/messages"
    answer = requests.post(url, json=body, headers=headers, timeout=PATIENCE).json()
    until(lambda: world.message(answer["message_uuid"])["status"] in ("delivered", "rejected"))

    assert world.message(answer["message_uuid"])["error"] == error
