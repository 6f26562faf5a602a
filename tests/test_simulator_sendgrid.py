"""The simulated SendGrid, spoken to by its own SDK; signatures checked with `cryptography`."""

import json
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

import pytest
import requests
from python_http_client.exceptions import BadRequestsError, UnauthorizedError
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import CustomArg, Header, Mail

from simulator.testing import Hook
from tests.simulator_world import PATIENCE, World, assert_signed_by_sendgrid

PERSON = "Dana@example.com"
TOKEN = "r+abc@reply.example.com"


@pytest.fixture
def sendgrid(world: World) -> Any:
    client = SendGridAPIClient("SG.key", host=world.base)
    client.client.timeout = PATIENCE
    return client


def mail(to: str = PERSON, text: str = "Home at 9?\nYes or no") -> Any:
    letter = Mail("us@example.com", to, "Your delivery", text, f"<p>{text}</p>")
    letter.add_custom_arg(CustomArg("fo_ref", "order-1.3"))
    letter.reply_to = TOKEN
    return letter


def send(sendgrid: Any, **changes: Any) -> str:
    answer = sendgrid.send(mail(**changes))
    assert (answer.status_code, answer.body) == (202, b"")
    return str(answer.headers["X-Message-Id"])


def events(world: World, count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    calls = 0
    while len(found) < count:
        calls += 1
        found = [
            one
            for hook in world.hooks.wait("/sendgrid/events", calls)
            for one in json.loads(hook.body)
        ]
    return found


def parsed(hook: Hook) -> dict[str, str]:
    head = f"Content-Type: {hook.headers['Content-Type']}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + hook.body)
    fields = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        fields[str(name)] = content.decode()
    return fields


def test_a_mail_is_processed_and_delivered_with_its_reference(sendgrid: Any, world: World) -> None:
    message_id = send(sendgrid)

    processed, delivered = events(world, 2)

    assert (processed["event"], delivered["event"]) == ("processed", "delivered")
    assert delivered["fo_ref"] == "order-1.3"
    assert delivered["sg_message_id"].partition(".")[0] == message_id
    assert delivered["email"] == "dana@example.com"
    assert processed["sg_event_id"] != delivered["sg_event_id"]
    for hook in world.hooks.to("/sendgrid/events"):
        assert_signed_by_sendgrid(world, hook)


def test_a_reply_arrives_through_inbound_parse_with_the_original_quoted(
    sendgrid: Any, world: World
) -> None:
    message_id = send(sendgrid)

    answer = world.post(f"/messages/{message_id}/reply", text="Yes – at 9 ☂")

    (hook,) = world.hooks.to("/sendgrid/inbound")
    fields = parsed(hook)
    assert answer["status"] == 200
    assert fields["to"] == TOKEN
    assert json.loads(fields["envelope"]) == {"to": [TOKEN], "from": "dana@example.com"}
    assert fields["subject"] == "Re: Your delivery"
    assert fields["text"].startswith("Yes – at 9 ☂\n\nOn ")
    assert "wrote:\n> Home at 9?\n> Yes or no" in fields["text"]
    assert "In-Reply-To: <" in fields["headers"]
    assert_signed_by_sendgrid(world, hook)


def test_a_reply_outside_the_reply_domain_reaches_nobody(sendgrid: Any, world: World) -> None:
    letter = mail()
    letter.reply_to = "someone@elsewhere.example"
    message_id = sendgrid.send(letter).headers["X-Message-Id"]

    url = f"{world.base}/simulator/messages/{message_id}/reply"
    answer = requests.post(url, json={"text": "x"}, timeout=PATIENCE)

    assert answer.status_code == 409
    assert world.hooks.to("/sendgrid/inbound") == []


UNSUBSCRIBE = {
    "List-Unsubscribe": "<mailto:stop@example.com>, <{url}/unsubscribe/abc>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
}


def test_one_click_unsubscribes(sendgrid: Any, world: World) -> None:
    letter = mail()
    for name, value in UNSUBSCRIBE.items():
        letter.add_header(Header(name, value.format(url=world.hooks.url)))
    message_id = sendgrid.send(letter).headers["X-Message-Id"]

    assert world.post(f"/messages/{message_id}/unsubscribe") == {"status": 200}

    [hook] = world.hooks.to("/unsubscribe/abc")
    assert hook.form == {"List-Unsubscribe": "One-Click"}
    assert "Cookie" not in hook.headers
    assert "unsubscribe" in [one["status"] for one in world.message(message_id)["callbacks"]]


def test_without_the_header_for_it_there_is_no_one_click(sendgrid: Any, world: World) -> None:
    letter = mail()
    letter.add_header(Header("List-Unsubscribe", f"<{world.hooks.url}/unsubscribe/abc>"))
    message_id = sendgrid.send(letter).headers["X-Message-Id"]

    url = f"{world.base}/simulator/messages/{message_id}/unsubscribe"
    assert requests.post(url, timeout=PATIENCE).status_code == 409
    assert world.hooks.to("/unsubscribe/abc") == []


def test_an_out_of_office_note_says_that_it_is_automatic(sendgrid: Any, world: World) -> None:
    message_id = send(sendgrid)
    automatic = {"Auto-Submitted": "auto-replied", "X-Autoreply": "yes"}
    world.post(f"/messages/{message_id}/reply", text="I am away.", headers=automatic)

    [hook] = world.hooks.to("/sendgrid/inbound")
    head = parsed(hook)["headers"].splitlines()
    assert {"Auto-Submitted: auto-replied", "X-Autoreply: yes"} <= set(head)


@pytest.mark.parametrize(
    ("to", "event", "more"),
    [
        (
            "bounce@x.example",
            "bounce",
            {"type": "bounce", "bounce_classification": "Invalid Address"},
        ),
        ("blocked@x.example", "bounce", {"type": "blocked"}),
        ("drop@x.example", "dropped", {"reason": "Bounced Address"}),
    ],
)
def test_magic_local_parts(
    sendgrid: Any, world: World, to: str, event: str, more: dict[str, str]
) -> None:
    send(sendgrid, to=to)

    last = events(world, 1 if event == "dropped" else 2)[-1]

    assert last["event"] == event
    assert more.items() <= last.items()


def test_a_wrong_key_is_refused(world: World) -> None:
    with pytest.raises(UnauthorizedError):
        SendGridAPIClient("SG.other", host=world.base).send(mail())


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        ({"personalizations": []}, "personalizations"),
        ({"personalizations": [{"to": [{"email": "nobody"}]}]}, "personalizations.0.to.0.email"),
        ({"from": None}, "from"),
        ({"subject": ""}, "subject"),
        ({"content": []}, "content"),
    ],
    ids=str,
)
def test_a_bad_mail_names_the_field(sendgrid: Any, fault: dict[str, Any], field: str) -> None:
    with pytest.raises(BadRequestsError) as refused:
        sendgrid.client.mail.send.post(request_body=mail().get() | fault)

    (error,) = json.loads(refused.value.body)["errors"]
    assert error["field"] == field


def test_email_activity_finds_a_mail_by_recipient_and_argument(sendgrid: Any, world: World) -> None:
    message_id = send(sendgrid)
    send(sendgrid, to="other@example.com")
    events(world, 4)

    def found(query: str) -> list[str]:
        answer = sendgrid.client.messages.get(query_params={"query": query, "limit": 10})
        return [one["msg_id"].partition(".")[0] for one in json.loads(answer.body)["messages"]]

    assert found('to_email="dana@example.com"') == [message_id]
    assert found("""to_email="dana@example.com" AND (unique_args['fo_ref']="order-1.3")""") == [
        message_id
    ]
    assert len(found('unique_args="order-1.3"')) == 2
    assert found("""unique_args['fo_ref']="order-9.9\"""") == []


def test_every_recipient_of_one_request_gets_a_message(sendgrid: Any, world: World) -> None:
    body = mail().get()
    body["personalizations"] = [{"to": [{"email": "a@x.example"}, {"email": "b@x.example"}]}]
    answer = sendgrid.client.mail.send.post(request_body=body)

    both = events(world, 4)

    assert {one["email"] for one in both} == {"a@x.example", "b@x.example"}
    assert {one["sg_message_id"].partition(".")[0] for one in both} == {
        answer.headers["X-Message-Id"]
    }
