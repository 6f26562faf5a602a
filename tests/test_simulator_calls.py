"""Calls of the simulated Twilio: they ring, speak TwiML, and hear keys."""

from typing import Any

import pytest
import requests

from simulator.testing import until
from tests.simulator_world import (
    PATIENCE,
    PERSON,
    SENDER,
    World,
    assert_signed_by_twilio,
    twilio_client,
)


@pytest.fixture
def twilio(world: World) -> Any:
    return twilio_client(world)


def call(twilio: Any, world: World, twiml: str | None, **changes: Any) -> Any:
    values = {
        "to": PERSON,
        "from_": SENDER,
        "twiml": twiml,
        "status_callback": f"{world.hooks.url}/twilio/voice?m=order-1.4",
        "status_callback_event": ["initiated", "ringing", "answered", "completed"],
    }
    return twilio.calls.create(**(values | changes))


MENU = """<Response><Gather numDigits="1" action="{url}/twilio/voice?m=order-1.4" timeout="20"
  actionOnEmptyResult="true"><Say>Press 1 for yes.</Say></Gather><Say>Goodbye.</Say></Response>"""


def test_a_call_rings_is_answered_and_a_key_decides(twilio: Any, world: World) -> None:
    world.hooks.answers["/twilio/voice"] = (200, "<Response><Say>Thank you.</Say></Response>")
    detect = {"machine_detection": "Enable"}
    placed = call(twilio, world, MENU.format(url=world.hooks.url), **detect)
    world.post(f"/messages/{placed.sid}/answer")
    until(lambda: world.message(placed.sid)["call"]["gather"])

    world.post(f"/messages/{placed.sid}/keys", digits="1")

    forms = [hook.form for hook in world.hooks.wait("/twilio/voice", 5)]
    gathered = next(form for form in forms if "Digits" in form)
    steps = [form["CallStatus"] for form in forms if "SequenceNumber" in form]
    assert gathered["Digits"] == "1"
    assert steps == ["initiated", "ringing", "in-progress", "completed"]
    assert forms[-1]["AnsweredBy"] == "human"
    assert int(forms[-1]["CallDuration"]) >= 1
    assert world.message(placed.sid)["call"]["said"] == ["Press 1 for yes.", "Thank you."]
    for hook in world.hooks.to("/twilio/voice"):
        assert_signed_by_twilio(world, hook)
    assert twilio.calls(placed.sid).fetch().status == "completed"
    assert [one.sid for one in twilio.calls.list(to=PERSON)] == [placed.sid]


@pytest.mark.parametrize("outcome", ["busy", "no-answer"])
def test_a_declined_call_ends_so(twilio: Any, world: World, outcome: str) -> None:
    placed = call(twilio, world, "<Response/>", status_callback_event=["completed"])

    world.post(f"/messages/{placed.sid}/decline", outcome=outcome)

    (last,) = world.hooks.wait("/twilio/voice")
    assert last.form["CallStatus"] == outcome


def test_nobody_picks_up(twilio: Any, world: World) -> None:
    call(twilio, world, "<Response/>", timeout=1)

    assert world.hooks.wait("/twilio/voice", 3)[-1].form["CallStatus"] == "no-answer"


def test_a_caller_that_gets_no_key_posts_an_empty_result(twilio: Any, world: World) -> None:
    world.hooks.answers["/twilio/voice"] = (200, "<Response><Hangup/></Response>")
    menu = MENU.format(url=world.hooks.url).replace('timeout="20"', 'timeout="0.1"')
    placed = call(twilio, world, menu)

    world.post(f"/messages/{placed.sid}/answer")

    forms = [hook.form for hook in world.hooks.wait("/twilio/voice", 5)]
    assert next(form["Digits"] for form in forms if "Digits" in form) == ""


def test_a_call_asks_its_url_for_words_and_may_be_hung_up(twilio: Any, world: World) -> None:
    redirect = "<Response><Pause length='0'/><Redirect>/more</Redirect></Response>"
    world.hooks.answers["/words"] = (200, redirect)
    world.hooks.answers["/more"] = (
        200,
        "<Response><Say loop='2'>Hello</Say><Pause length='60'/></Response>",
    )
    placed = call(twilio, world, twiml=None, url=f"{world.hooks.url}/words")
    world.post(f"/messages/{placed.sid}/answer", by="machine_start")
    until(lambda: world.message(placed.sid)["call"]["said"] == ["Hello", "Hello"])

    world.post(f"/messages/{placed.sid}/hangup")

    until(lambda: world.message(placed.sid)["status"] == "completed")


def test_twiml_that_cannot_be_read_is_apologised_for(twilio: Any, world: World) -> None:
    placed = call(twilio, world, "this is no TwiML")

    world.post(f"/messages/{placed.sid}/answer")

    until(lambda: world.message(placed.sid)["status"] == "completed")
    assert "application error" in world.message(placed.sid)["call"]["said"][0]


def test_a_call_ends_at_its_time_limit(twilio: Any, world: World) -> None:
    placed = call(twilio, world, "<Response><Pause length='60'/></Response>", time_limit=1)

    world.post(f"/messages/{placed.sid}/answer")

    assert world.hooks.wait("/twilio/voice", 4)[-1].form["CallStatus"] == "completed"


@pytest.mark.parametrize(("code", "status"), [("busy", "busy"), ("404", "failed")])
def test_a_call_fails_by_script(twilio: Any, world: World, code: str, status: str) -> None:
    world.post("/scripts", do="fail", channel="voice", code=code, after=0)
    call(twilio, world, "<Response/>")

    last = world.hooks.wait("/twilio/voice", 2)[-1].form

    assert last["CallStatus"] == status
    assert last["SipResponseCode"] == {"busy": "486"}.get(code, code)


def test_a_call_over_is_not_answered_twice(twilio: Any, world: World) -> None:
    placed = call(twilio, world, "<Response/>")
    world.post(f"/messages/{placed.sid}/answer")
    until(lambda: world.message(placed.sid)["status"] == "completed")

    url = f"{world.base}/simulator/messages/{placed.sid}/answer"

    assert requests.post(url, timeout=PATIENCE).status_code == 409


@pytest.mark.parametrize("by", ["human", "machine_start"])
def test_detection_in_the_background_tells_while_the_call_goes_on(
    twilio: Any, world: World, by: str
) -> None:
    detect = {
        "machine_detection": "Enable",
        "async_amd": "true",
        "async_amd_status_callback": f"{world.hooks.url}/twilio/status?m=order-1.4",
    }
    placed = call(twilio, world, "<Response><Pause length='60'/></Response>", **detect)

    world.post(f"/messages/{placed.sid}/answer", by=by)

    [told] = world.hooks.wait("/twilio/status")
    assert_signed_by_twilio(world, told)
    assert (told.form["CallSid"], told.form["AnsweredBy"]) == (placed.sid, by)
    assert int(told.form["MachineDetectionDuration"]) > 0
    assert world.message(placed.sid)["status"] == "in-progress"
    world.post(f"/messages/{placed.sid}/hangup")
    until(lambda: world.message(placed.sid)["status"] == "completed")
    assert all("AnsweredBy" not in hook.form for hook in world.hooks.to("/twilio/voice"))
