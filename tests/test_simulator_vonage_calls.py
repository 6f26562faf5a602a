"""Calls of the simulated Vonage: they ring, carry out an NCCO, and hear keys."""

import json
from typing import Any

import jwt
import pytest
import requests
from vonage_http_client.errors import HttpRequestError
from vonage_voice.models import (
    CreateCallRequest,
    Dtmf,
    Input,
    ListCallsFilter,
    Phone,
    Talk,
    ToPhone,
)

from simulator.testing import Hook, until
from tests.simulator_world import PATIENCE, PERSON, SENDER, World, simulated, vonage_client

ROUTE = "/vonage/voice"


@pytest.fixture
def voice(world: World) -> Any:
    return vonage_client(world).voice


def menu(world: World, *, timeout: int = 5) -> list[Any]:
    url = f"{world.hooks.url}{ROUTE}?m=order-1.4"
    key = Input(type=["dtmf"], dtmf=Dtmf(maxDigits=1, timeOut=timeout), eventUrl=[url])
    return [Talk(text="Home?", bargeIn=True), Talk(text="Press 1 for yes.", bargeIn=True), key]


def place(voice: Any, world: World, **changes: Any) -> str:
    given = {
        "ncco": menu(world),
        "to": [ToPhone(number=PERSON.lstrip("+"))],
        "from_": Phone(number=SENDER.lstrip("+")),
        "event_url": [f"{world.hooks.url}{ROUTE}?m=order-1.4"],
        "machine_detection": "hangup",
        "ringing_timer": 30,
        **changes,
    }
    uuid: str = voice.create_call(CreateCallRequest(**given)).uuid
    return uuid


def body(hook: Hook) -> Any:
    return json.loads(hook.body)


def statuses(world: World) -> list[str]:
    said = [body(hook) for hook in world.hooks.to(ROUTE)]
    return [one["status"] for one in said if "status" in one]


def test_a_call_rings_is_answered_and_a_key_decides(voice: Any, world: World) -> None:
    thanks = [{"action": "talk", "text": "Thank you."}]
    world.hooks.answers[ROUTE] = (200, json.dumps(thanks))
    uuid = place(voice, world)
    world.post(f"/messages/{uuid}/answer")
    until(lambda: world.message(uuid)["call"]["said"] == ["Home?", "Press 1 for yes."])

    world.post(f"/messages/{uuid}/keys", digits="1")

    until(lambda: "completed" in statuses(world))
    assert statuses(world) == ["started", "ringing", "answered", "human", "completed"]
    [pressed] = [body(hook) for hook in world.hooks.to(ROUTE) if b"dtmf" in hook.body]
    assert pressed["dtmf"] == {"digits": "1", "timed_out": False}
    assert (pressed["uuid"], pressed["to"]) == (uuid, PERSON.lstrip("+"))
    assert world.message(uuid)["call"]["said"][-1] == "Thank you."
    assert voice.get_call(uuid).status == "completed"


def test_a_key_ends_the_words_before_the_next_input() -> None:
    with simulated(simulator_speech_rate=0.01) as slow:  # a word lasts longer than the test
        slow.hooks.answers[ROUTE] = (200, json.dumps([{"action": "talk", "text": "Thank you."}]))
        uuid = place(vonage_client(slow).voice, slow)
        slow.post(f"/messages/{uuid}/answer")
        until(lambda: slow.message(uuid)["call"]["gather"])

        slow.post(f"/messages/{uuid}/keys", digits="2")

        until(lambda: len(slow.message(uuid)["call"]["said"]) == 2)
        assert slow.message(uuid)["call"]["said"] == ["Home?", "Thank you."]


def test_every_callback_is_signed(voice: Any, world: World) -> None:
    uuid = place(voice, world)
    world.post(f"/messages/{uuid}/decline", outcome="busy")

    until(lambda: "busy" in statuses(world))
    for hook in world.hooks.to(ROUTE):
        token = hook.headers["Authorization"].removeprefix("Bearer ")
        secret = str(world.settings.vonage_signature_secret)
        assert jwt.decode(token, secret, algorithms=["HS256"])["payload_hash"]
        assert hook.path == f"{ROUTE}?m=order-1.4"


@pytest.mark.parametrize(("outcome", "status"), [("busy", "busy"), ("no-answer", "timeout")])
def test_a_declined_call_ends_so(voice: Any, world: World, outcome: str, status: str) -> None:
    uuid = place(voice, world)

    world.post(f"/messages/{uuid}/decline", outcome=outcome)

    until(lambda: statuses(world)[-1:] == [status])


def test_nobody_picks_up(voice: Any, world: World) -> None:
    place(voice, world, ringing_timer=1)

    until(lambda: statuses(world)[-1:] == ["timeout"])


def test_a_machine_is_told_and_hung_up_on(voice: Any, world: World) -> None:
    uuid = place(voice, world, ncco=menu(world, timeout=10))

    world.post(f"/messages/{uuid}/answer", by="machine_start")

    until(lambda: "completed" in statuses(world))
    assert statuses(world)[-3:] == ["answered", "machine", "completed"]


def test_no_key_is_an_empty_result(voice: Any, world: World) -> None:
    world.hooks.answers[ROUTE] = (200, json.dumps([{"action": "talk", "text": "Goodbye."}]))
    uuid = place(voice, world, ncco=menu(world, timeout=0))

    world.post(f"/messages/{uuid}/answer")

    until(lambda: "completed" in statuses(world))
    [pressed] = [body(hook) for hook in world.hooks.to(ROUTE) if b"dtmf" in hook.body]
    assert pressed["dtmf"] == {"digits": "", "timed_out": True}
    assert world.message(uuid)["call"]["said"][-1] == "Goodbye."


def test_a_webhook_that_fails_is_apologised_for(voice: Any, world: World) -> None:
    world.hooks.answers[ROUTE] = (503, "")
    uuid = place(voice, world, ncco=menu(world, timeout=0))

    world.post(f"/messages/{uuid}/answer")

    until(lambda: world.message(uuid)["status"] == "completed")
    assert "application error" in world.message(uuid)["call"]["said"][-1]


@pytest.mark.parametrize(
    ("code", "status", "sip"),
    [("busy", "busy", 486), ("unanswered", "unanswered", 480), ("404", "failed", 404)],
)
def test_a_call_fails_by_script(voice: Any, world: World, code: str, status: str, sip: int) -> None:
    world.post("/scripts", do="fail", channel="voice", code=code, after=0)
    place(voice, world)

    until(lambda: statuses(world)[-1:] == [status])
    assert body(world.hooks.to(ROUTE)[-1])["sip_code"] == sip


def test_calls_are_listed_in_pages_newest_first(voice: Any, world: World) -> None:
    placed = [place(voice, world) for _ in range(3)]

    first, more = voice.list_calls(ListCallsFilter(page_size=2, order="desc"))
    assert [call.uuid for call in first] == [placed[2], placed[1]]
    assert more is not None
    rest, no_more = voice.list_calls(ListCallsFilter(page_size=2, order="desc", record_index=2))
    assert ([call.uuid for call in rest], no_more) == ([placed[0]], None)
    assert voice.list_calls(ListCallsFilter(date_start="2100-01-01T00:00:00Z"))[0] == []


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"to": [ToPhone(number="+0")]}, "to.number"),
        ({"from_": Phone(number="Acme")}, "from.number"),
        ({"ncco": []}, "ncco"),
        ({"ncco": [Talk(text="")]}, "ncco[0]"),
    ],
)
def test_what_vonage_would_not_take_is_refused(
    voice: Any, world: World, changes: dict[str, Any], named: str
) -> None:
    with pytest.raises(HttpRequestError) as refused:
        place(voice, world, **changes)

    answer = refused.value.response
    assert answer.status_code == 400
    assert answer.json()["invalid_parameters"][0]["name"] == named


def test_without_a_token_nobody_is_let_in(world: World) -> None:
    assert requests.get(f"{world.base}/v1/calls", timeout=PATIENCE).status_code == 401


def test_a_call_is_in_no_report_of_messages(voice: Any, world: World) -> None:
    place(voice, world)
    query = {"product": "MESSAGES", "direction": "outbound"}
    login = {"Authorization": "Basic eDp5"}

    url = f"{world.base}/v2/reports/records"
    answer = requests.get(url, params=query, headers=login, timeout=PATIENCE)

    assert answer.json()["records"] == []
