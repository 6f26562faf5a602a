"""Requests that providers refuse, the simulator refuses: never with a 500, and with their codes."""

import time
from typing import Any

import jwt
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from simulator.vonage.sending import fault, written
from tests.simulator_world import PATIENCE, World

MESSAGE = {
    "channel": "whatsapp",
    "message_type": "text",
    "to": "14155550100",
    "from": "15005550006",
    "text": "Home?",
}
CALL = {
    "to": [{"type": "phone", "number": "14155550100"}],
    "from": {"type": "phone", "number": "15005550006"},
    "ncco": [{"action": "talk", "text": "Home?"}],
    "event_url": ["https://shop.example.com/vonage/voice"],
}
FILE = "https://shop.example.com/door.png"


def posted(world: World, path: str, body: Any) -> requests.Response:
    """With a token of our application."""
    now, settings = int(time.time()), world.settings
    claims = {"application_id": settings.vonage_application_id, "iat": now, "jti": "1"}
    token = jwt.encode(claims, str(settings.vonage_private_key), algorithm="RS256")
    login = {"Authorization": f"Bearer {token}"}
    return requests.post(world.base + path, json=body, headers=login, timeout=PATIENCE)


def of_type(kind: str, channel: str = "whatsapp", **more: Any) -> dict[str, Any]:
    return {**MESSAGE, "channel": channel, "message_type": kind, **more}


def suggested(*labels: str) -> dict[str, Any]:
    offered = [{"type": "reply", "text": label, "postback_data": label} for label in labels]
    return of_type("text", "rcs", suggestions=offered)


def interactive(action: dict[str, Any]) -> dict[str, Any]:
    shown = {"type": "button", "body": {"text": "Home?"}, "action": action}
    return of_type("custom", custom={"type": "interactive", "interactive": shown})


def buttons(*labels: str) -> dict[str, Any]:
    return interactive(
        {"buttons": [{"type": "reply", "reply": {"id": label, "title": label}} for label in labels]}
    )


def rows(*labels: str) -> dict[str, Any]:
    listed = [{"id": label, "title": label} for label in labels]
    return interactive(
        {"button": "Choose", "sections": [{"rows": listed[:5]}, {"rows": listed[5:]}]}
    )


def labels(count: int, longest: int = 5) -> list[str]:
    return [str(number).rjust(longest, "x") for number in range(count)]


REFUSED = {
    "an image without its object": (of_type("image"), "1020"),
    "a video without its object": (of_type("video"), "1020"),
    "a file without its object": (of_type("file"), "1020"),
    "a card without its object": (of_type("card", "rcs"), "1020"),
    "a card without a picture": (
        of_type("card", "rcs", card={"title": "Door", "text": "x"}),
        "1020",
    ),
    "content without its list": (of_type("content", "mms"), "1020"),
    "content that is a list of texts": (of_type("content", "mms", content=["x"]), "1020"),
    "custom without its object": (of_type("custom"), "1020"),
    "a template without a name": (of_type("template", template={}), "1020"),
    "an image that is a text": (of_type("image", image=FILE), "1020"),
    "a reference that is a number": (MESSAGE | {"client_ref": 5}, "1020"),
    "a reference that is a list": (MESSAGE | {"client_ref": [1]}, "1020"),
    "a reference that is too long": (MESSAGE | {"client_ref": "x" * 101}, "1450"),
    "a text that is a number": (MESSAGE | {"text": 5}, "1020"),
    "a text that is an object": (MESSAGE | {"text": {"a": 1}}, "1020"),
    "a time to live that is a text": (of_type("text", "sms", ttl="60"), "1130"),
    "options that are a list": (of_type("text", "viber_service", viber_service=[1]), "1020"),
    "a type that the channel has not": (of_type("image", "sms", image={"url": FILE}), "1440"),
    "a type that no channel has": (of_type("hologram"), "1440"),
    "no object at all": ([MESSAGE], "1020"),
    "four buttons": (buttons(*labels(4)), "1020"),
    "a button's label of 21": (buttons("x" * 21), "1020"),
    "eleven rows": (rows(*labels(11)), "1020"),
    "a row's label of 25": (rows("x" * 25), "1020"),
    "twelve suggestions": (suggested(*labels(12)), "1020"),
    "a suggestion's label of 26": (suggested("x" * 26), "1020"),
    "a suggestion that is a text": (of_type("text", "rcs", suggestions=["yes"]), "1020"),
    "an MMS caption of 3001": (
        of_type("image", "mms", image={"url": FILE, "caption": "x" * 3001}),
        "1090",
    ),
    "an SMS of 3201": (of_type("text", "sms", text="x" * 3201), "1090"),
}
TAKEN = {
    "three buttons": buttons(*labels(3, 20)),
    "ten rows": rows(*labels(10, 24)),
    "eleven suggestions": suggested(*labels(11, 25)),
    "an MMS caption of 3000": of_type("image", "mms", image={"url": FILE, "caption": "x" * 3000}),
    "nulls": MESSAGE | {"client_ref": None, "image": None, "viber_service": None},
}


@pytest.mark.parametrize(("body", "code"), REFUSED.values(), ids=REFUSED)
def test_vonage_refuses_a_message(world: World, body: Any, code: str) -> None:
    answer = posted(world, "/v1/messages", body)

    assert answer.status_code == 422
    assert answer.json()["type"].endswith(f"#{code}")


@pytest.mark.parametrize("body", TAKEN.values(), ids=TAKEN)
def test_vonage_takes_what_is_just_within_its_limits(world: World, body: Any) -> None:
    answer = posted(world, "/v1/messages", body)

    assert answer.status_code == 202, answer.text


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"ncco": "z"}, "ncco"),
        ({"ncco": ["z"]}, "ncco[0]"),
        ({"ncco": [{"action": "talk", "text": 5}]}, "ncco[0]"),
        ({"to": "x"}, "to.number"),
        ({"to": ["x"]}, "to.number"),
        ({"from": "y"}, "from.number"),
        ({"event_url": [5]}, "event_url"),
    ],
)
def test_vonage_refuses_a_call(world: World, changes: dict[str, Any], name: str) -> None:
    answer = posted(world, "/v1/calls", CALL | changes)

    assert answer.status_code == 400
    assert [one["name"] for one in answer.json()["invalid_parameters"]] == [name]


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["url", "caption", "text", "rows", "reply", "action", "parameters"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)
_NAMES = ["image", "content", "card", "custom", "template", "suggestions", "viber_service", "ttl"]


@given(
    channel=st.sampled_from(["sms", "mms", "whatsapp", "viber_service", "messenger", "rcs"]),
    kind=st.sampled_from(["text", *_NAMES[:5]]),
    more=st.dictionaries(st.sampled_from([*_NAMES, "text", "client_ref"]), _ANY, max_size=3),
)
def test_any_other_message_is_refused_or_can_be_shown(
    channel: str, kind: str, more: dict[str, Any]
) -> None:
    body = {**MESSAGE, "channel": channel, "message_type": kind, **more}

    assert fault(body) or written(body).status == "accepted"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"To": "whatsapp:+14155550100"}, 63007),
        ({"To": "rcs:+14155550100"}, 63007),
        ({"From": "whatsapp:+15005550006"}, 21606),
        ({"From": "Acme", "MediaUrl": FILE}, 21621),
        ({"From": "Acme", "SendAsMms": "true"}, 21621),
        ({"MediaUrl": "not a url"}, 21620),
        (
            {
                "To": "whatsapp:+14155550100",
                "From": "whatsapp:+15005550006",
                "MediaUrl": [FILE, FILE],
            },
            21623,
        ),
    ],
)
def test_twilio_refuses_a_message(world: World, changes: dict[str, Any], code: int) -> None:
    answer = world.send(**changes)

    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_twilio_takes_a_text_from_a_name(world: World) -> None:
    assert world.send(From="Acme").status_code == 201
