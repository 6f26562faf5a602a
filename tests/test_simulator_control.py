"""The simulator's control API: outages, what it remembers, how it starts."""

import json
import os
import subprocess
import sys

import pytest
import requests

from simulator.testing import until
from tests.simulator_world import MESSAGES, PATIENCE, PERSON, SENDER, World


def test_health_names_the_providers(world: World) -> None:
    health = world.get("/health")

    played = ["twilio", "sendgrid", "vonage", "fcm", "webpush"]
    assert health == {"ok": True, "providers": played}


def test_a_message_is_kept_with_its_callbacks(world: World) -> None:
    sid = world.send().json()["sid"]
    until(lambda: len(world.get("/messages")[0]["callbacks"]) == 2)

    (message,) = world.get("/messages", to="whatsapp:14155550100", provider="twilio", channel="sms")

    assert message["id"] == sid
    assert (message["from"], message["to"]) == (SENDER, PERSON)
    assert (message["reference"], message["status"]) == ("order-1.2", "delivered")
    assert (message["text"], message["accepted"]) == ("Home?", True)
    assert [one["answer"] for one in message["callbacks"]] == [200, 200]
    assert message["raw"]["Body"] == "Home?"
    assert world.get("/messages", to="+14155550199") == []


def test_scripts_are_listed_and_removed(world: World) -> None:
    number = world.post("/scripts", do="drop", channel="sms", times=2)["id"]

    listed = world.get("/scripts")
    requests.delete(f"{world.base}/simulator/scripts", timeout=PATIENCE)

    assert listed == [{"id": number, "do": "drop", "channel": "sms", "times": 2}]
    assert world.get("/scripts") == []


@pytest.mark.parametrize(
    "what",
    [
        {"do": "explode"},
        {"do": "refuse"},
        {"do": "drop", "too": "x"},
        {"do": "drop", "provider": "twillio"},
        {"do": "drop", "channel": "fax"},
        {"do": "error_after_accept", "then": "fail"},
        {"do": "error_after_accept", "then": "outside_window"},
    ],
)
def test_a_script_with_a_mistake_is_refused(world: World, what: dict[str, str]) -> None:
    assert (
        requests.post(f"{world.base}/simulator/scripts", json=what, timeout=PATIENCE).status_code
        == 422
    )


def test_a_whole_provider_may_be_out(world: World) -> None:
    def outage(do: str | None) -> None:
        order = {"provider": "twilio", "do": do}
        requests.post(
            f"{world.base}/simulator/outages", json=order, timeout=PATIENCE
        ).raise_for_status()

    outage("error")
    broken = world.send().status_code
    outage("cut_off")
    with pytest.raises(requests.ConnectionError):
        world.send()
    outage(None)

    assert broken == 503
    assert world.send().status_code == 201


def test_every_request_is_written_down_without_its_credentials(world: World) -> None:
    world.post("/scripts", do="drop", provider="twilio")
    with pytest.raises(requests.ConnectionError):
        world.send()
    world.mail()

    first, second = world.get("/requests")

    assert (first["provider"], first["method"], first["path"]) == ("twilio", "POST", MESSAGES)
    assert ["To", PERSON] in first["form"]
    assert first["status"] is None
    assert (second["json"]["subject"], second["status"]) == ("Home?", 202)
    assert "authorization" not in {*first["headers"], *second["headers"]}


def test_a_callback_that_fails_is_tried_again_where_the_provider_would(world: World) -> None:
    world.hooks.answers["/sendgrid/events"] = (503, "")
    world.mail()
    until(lambda: world.get("/messages")[0]["callbacks"])  # so it was answered, with the 503
    world.hooks.answers.clear()

    again = world.hooks.wait("/sendgrid/events", 2)[1]

    assert json.loads(again.body)[0]["event"] == "processed"


def test_an_answer_to_a_repeated_reply_is_kept_with_it(world: World) -> None:
    message = {"to": [{"email": "dana@example.com"}]}
    reply_to = {"email": "r+abc@reply.example.com"}
    world.mail(personalizations=[message], reply_to=reply_to)
    world.hooks.answers["/sendgrid/inbound"] = (503, "")
    (sent,) = world.get("/messages")

    world.post(f"/messages/{sent['id']}/reply", text="Yes")
    first = world.get("/replies")[0]["answer"]
    world.hooks.answers.clear()

    assert first == 503
    until(lambda: world.get("/replies")[0]["answer"] == 200)


def test_stop_closes_a_twilio_sender_until_start(world: World) -> None:
    sid = world.send().json()["sid"]
    world.post(f"/messages/{sid}/reply", text=" Stop ")

    refused = world.send()
    elsewhere = world.send(From="+15005550099")
    world.post(f"/messages/{sid}/reply", text="START")

    assert (refused.status_code, refused.json()["code"]) == (400, 21610)
    assert elsewhere.status_code == 201
    assert world.send().status_code == 201


def test_an_unreachable_webhook_is_shown_as_such(world: World) -> None:
    world.hooks.answers["/twilio/inbound"] = (403, "")
    sid = world.send().json()["sid"]

    answer = requests.post(
        f"{world.base}/simulator/messages/{sid}/reply", json={"text": "Yes"}, timeout=PATIENCE
    )

    (said,) = world.get("/replies")
    assert answer.json()["status"] == 403
    assert (said["text"], said["answer"], said["in_reply_to"]) == ("Yes", 403, sid)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/messages/none/reply", {"text": "x"}),
        ("/messages/none/press", {"choice": "x"}),
        ("/messages/none/answer", {}),
    ],
)
def test_an_unknown_message_is_not_found(world: World, path: str, body: dict[str, str]) -> None:
    assert (
        requests.post(f"{world.base}/simulator{path}", json=body, timeout=PATIENCE).status_code
        == 404
    )


def test_changes_are_streamed(world: World) -> None:
    with requests.get(f"{world.base}/simulator/events", stream=True, timeout=PATIENCE) as stream:
        lines = stream.iter_lines(chunk_size=1, decode_unicode=True)
        assert "event: ready" in (next(lines), next(lines))
        world.send()

        event = next(line for line in lines if line == "event: message")
        data = json.loads(str(next(lines)).removeprefix("data: "))

    assert event
    assert data["to"] == PERSON


def start(**variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "simulator"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.getcwd(), **variables},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_it_says_what_is_missing() -> None:
    nothing = start()
    no_provider = start(PUBLIC_BASE_URL="http://127.0.0.1:1", TWILIO_ACCOUNT_SID="AC1")

    assert (nothing.returncode, no_provider.returncode) == (2, 2)
    assert nothing.stderr == "simulator: missing: PUBLIC_BASE_URL\n"
    assert "twilio: TWILIO_AUTH_TOKEN;" in no_provider.stderr
    assert "VONAGE_APPLICATION_ID, VONAGE_PRIVATE_KEY" in no_provider.stderr
