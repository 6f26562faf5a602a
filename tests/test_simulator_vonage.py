"""The simulated Vonage Messages API, spoken to by Vonage's own SDK."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from vonage_http_client.errors import HttpRequestError
from vonage_jwt import verify_signature
from vonage_messages import RcsText, Sms, WhatsappCustom
from vonage_messages.models import RcsSuggestionReply

from simulator.testing import Hook, private_pem
from tests.simulator_world import PATIENCE, World, vonage_client

PERSON = "14155550100"
SENDER = "14155550111"


@pytest.fixture
def vonage(world: World) -> Iterator[Any]:
    client = vonage_client(world)
    yield client
    client.http_client._session.close()


def sms(**changes: Any) -> Any:
    values = {"to": PERSON, "from_": SENDER, "text": "Home at 9?", "client_ref": "order-1.2"}
    return Sms(**(values | changes))


def interactive() -> Any:
    buttons = [
        {"type": "reply", "reply": {"id": one, "title": one.title()}} for one in ("yes", "no")
    ]
    content = {"type": "button", "body": {"text": "Home?"}, "action": {"buttons": buttons}}
    custom = {"type": "interactive", "interactive": content}
    return WhatsappCustom(to=PERSON, from_=SENDER, custom=custom, client_ref="order-1.1")


def assert_signed(world: World, hook: Hook) -> None:
    token = hook.headers["Authorization"].removeprefix("Bearer ")
    assert verify_signature(token, world.settings.vonage_signature_secret)
    claims = jwt.decode(token, str(world.settings.vonage_signature_secret), algorithms=["HS256"])
    assert claims["payload_hash"] == hashlib.sha256(hook.body).hexdigest()
    assert claims["application_id"] == world.settings.vonage_application_id
    assert {"iat", "jti", "iss", "api_key"} <= claims.keys()


def test_statuses_come_signed_with_the_reference(vonage: Any, world: World) -> None:
    uuid = vonage.messages.send(sms()).message_uuid

    found = [json.loads(hook.body) for hook in world.hooks.wait("/vonage/status", 2)]

    assert [one["status"] for one in found] == ["submitted", "delivered"]
    assert {one["message_uuid"] for one in found} == {uuid}
    assert {one["client_ref"] for one in found} == {"order-1.2"}
    assert (found[0]["to"], found[0]["from"]) == (PERSON, SENDER)
    for hook in world.hooks.hooks:
        assert_signed(world, hook)


def test_a_message_may_name_its_own_webhook(vonage: Any, world: World) -> None:
    vonage.messages.send(sms(webhook_url=f"{world.hooks.url}/elsewhere", webhook_version="v1"))

    assert len(world.hooks.wait("/elsewhere", 2)) == 2


def test_a_text_reply_reaches_the_webhook(vonage: Any, world: World) -> None:
    uuid = vonage.messages.send(sms()).message_uuid

    answer = world.post(f"/messages/{uuid}/reply", text="Yes please")

    (hook,) = world.hooks.to("/vonage/inbound")
    body = json.loads(hook.body)
    assert answer["status"] == 200
    assert (body["from"], body["to"], body["text"]) == (PERSON, SENDER, "Yes please")
    assert body["sms"]["keyword"] == "YES"
    assert_signed(world, hook)


def test_a_pressed_button_is_a_reply_that_names_the_message(vonage: Any, world: World) -> None:
    uuid = vonage.messages.send(interactive()).message_uuid

    world.post(f"/messages/{uuid}/press", choice="yes")

    body = json.loads(world.hooks.to("/vonage/inbound")[0].body)
    statuses = [json.loads(hook.body)["status"] for hook in world.hooks.to("/vonage/status")]
    (kept,) = world.get("/messages")
    assert (body["message_type"], body["reply"]) == ("reply", {"id": "yes", "title": "Yes"})
    assert body["context"]["message_uuid"] == uuid
    assert "read" in statuses
    assert (kept["text"], kept["to"]) == ("Home?", "+" + PERSON)
    assert [choice["id"] for choice in kept["choices"]] == ["yes", "no"]


def test_a_row_of_a_list_is_a_reply_that_names_the_message(vonage: Any, world: World) -> None:
    rows = [{"id": f"at-{n}", "title": f"At {n}"} for n in range(9)]
    action = {"button": "Choose", "sections": [{"rows": rows}]}
    content = {"type": "list", "body": {"text": "When?"}, "action": action}
    custom = {"type": "interactive", "interactive": content}
    uuid = vonage.messages.send(
        WhatsappCustom(to=PERSON, from_=SENDER, custom=custom, client_ref="order-1.1")
    ).message_uuid

    world.post(f"/messages/{uuid}/press", choice="at-8")

    body = json.loads(world.hooks.to("/vonage/inbound")[0].body)
    (kept,) = world.get("/messages")
    assert (body["message_type"], body["reply"]) == ("reply", {"id": "at-8", "title": "At 8"})
    assert body["context"]["message_uuid"] == uuid
    assert (kept["text"], kept["opens"], len(kept["choices"])) == ("When?", "Choose", 9)


def test_an_rcs_suggestion_brings_its_postback(vonage: Any, world: World) -> None:
    suggestion = RcsSuggestionReply(text="Yes", postback_data="ack:order-1.1")
    text = RcsText(to=PERSON, from_="Agent", text="Home?", suggestions=[suggestion])
    uuid = vonage.messages.send(text).message_uuid

    world.post(f"/messages/{uuid}/press", choice="ack:order-1.1")

    body = json.loads(world.hooks.to("/vonage/inbound")[0].body)
    assert body["reply"] == {"id": "ack:order-1.1", "title": "Yes"}


def test_a_stranger_can_write(world: World) -> None:
    who = {"provider": "vonage", "channel": "whatsapp", "from": f"+{PERSON}", "to": f"+{SENDER}"}

    world.post("/inbound", **who, text="Hello?")

    body = json.loads(world.hooks.to("/vonage/inbound")[0].body)
    assert (body["channel"], body["from"], body["text"]) == ("whatsapp", PERSON, "Hello?")


def test_stop_does_not_close_a_vonage_sender(vonage: Any, world: World) -> None:
    uuid = vonage.messages.send(sms()).message_uuid

    world.post(f"/messages/{uuid}/reply", text="STOP")

    assert vonage.messages.send(sms()).message_uuid


def test_a_key_of_another_application_is_refused(world: World) -> None:
    other = private_pem(rsa.generate_private_key(65537, 2048))

    for stranger in ({"key": other}, {"application": "another"}):
        client = vonage_client(world, **stranger)
        with pytest.raises(HttpRequestError) as refused:
            client.messages.send(sms())
        client.http_client._session.close()
        assert refused.value.response.status_code == 401


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"channel": "pigeon"}, "1020"),
        ({"to": "+14155550100"}, "1020"),
        ({"text": ""}, "1020"),
        ({"client_ref": "x" * 101}, "1450"),
        ({"channel": "viber_service", "text": "x" * 1001}, "1090"),
        ({"channel": "messenger", "text": "x" * 641}, "1090"),
        ({"channel": "mms", "ttl": 60}, "1130"),
        ({"channel": "rcs", "ttl": 5}, "1130"),
        ({"channel": "viber_service", "viber_service": {"ttl": 20}}, "1130"),
        ({"channel": "viber_service", "viber_service": {"category": "spam"}}, "1020"),
        ({"channel": "messenger", "messenger": {"category": "message_tag"}}, "1021"),
        ({"to": "15005550001"}, "1170"),
        ({"to": "15005550004"}, "1240"),
    ],
    ids=str,
)
def test_a_bad_request_gets_vonages_problem(vonage: Any, change: dict[str, Any], code: str) -> None:
    body = {"channel": "sms", "message_type": "text", "to": PERSON, "from": SENDER, "text": "x"}

    with pytest.raises(HttpRequestError) as refused:
        vonage.http_client.post(vonage.http_client.api_host, "/v1/messages", body | change)

    assert refused.value.response.status_code == 422
    assert refused.value.response.json()["type"].endswith(f"#{code}")


def test_a_message_rejected_later_says_why(vonage: Any, world: World) -> None:
    vonage.messages.send(sms(to="15005550010"))

    last = json.loads(world.hooks.wait("/vonage/status", 2)[-1].body)

    assert last["status"] == "rejected"
    assert last["error"]["type"].endswith("#1260")


def test_reports_find_a_message_by_time(vonage: Any, world: World) -> None:
    uuid = vonage.messages.send(sms()).message_uuid
    now = datetime.now(UTC)

    def found(start: datetime, end: datetime) -> list[Any]:
        query = {"product": "MESSAGES", "direction": "outbound", "account_id": "a"}
        query |= {"date_start": start.isoformat(), "date_end": end.isoformat()}
        url = f"{world.base}/v2/reports/records"
        answer = requests.get(url, params=query, auth=("key", "secret"), timeout=PATIENCE)
        return list(answer.json()["records"])

    (record,) = found(now - timedelta(minutes=1), now + timedelta(minutes=1))
    assert (record["message_uuid"], record["client_ref"]) == (uuid, "order-1.2")
    assert (record["to"], record["from"]) == (PERSON, SENDER)
    assert found(now - timedelta(hours=2), now - timedelta(hours=1)) == []
