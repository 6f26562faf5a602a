"""Vonage's own SDK against canned HTTP: what each answer, or none, makes of a send."""

import json
import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from requests.exceptions import ConnectionError
from vonage_messages.models import Sms

from failover.channels import Channel
from failover.content import Choice, Content
from failover.events import FailureClass
from providers.base import (
    Accepted,
    LookUpImpossible,
    Outbound,
    ProviderUnavailable,
    Refused,
    Sender,
    SendUnknown,
)
from providers.reply_keys import pair_key, sent_key
from providers.settings import PublicSettings
from providers.vonage.client import Line
from providers.vonage.provider import senders
from tests.callbacks import BASE_URL, KEY
from tests.callbacks_vonage import UUID, vonage_settings
from tests.canned import Answer, Canned, canned_server

OURS, PERSON = "+15005550006", "+14155550100"
PUBLIC = PublicSettings.model_validate({"public_base_url": BASE_URL, "address_key": KEY})
TEXT = "Hi Dana, can you be home at 9 pm?"
YES_NO = (Choice(id="yes", label="Yes"), Choice(id="no", label="No"))
ACCEPTED = Answer(202, json.dumps({"message_uuid": UUID}))


@pytest.fixture
def vonage() -> Iterator[Canned]:
    with canned_server() as canned:
        canned.answer = ACCEPTED
        yield canned


def sender(url: str, channel: Channel = Channel.SMS, **more: Any) -> Sender:
    given = {"from": OURS, "whatsapp_from": OURS, "api_base_url": url}
    return senders(vonage_settings(**given, **more), PUBLIC)[channel]


def outbound(channel: Channel = Channel.SMS, **more: Any) -> Outbound:
    given = {
        "reference": "order-1.2",
        "channel": channel,
        "provider": "vonage",
        "to": PERSON,
        "content": Content(text=TEXT),
        "valid_for": timedelta(minutes=20),
    }
    return Outbound.model_validate({**given, **more})


def test_the_key_is_read_once_and_not_for_every_send(
    vonage: Canned, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = sender(vonage.url)
    ready.send(outbound())
    read: list[str] = []
    for module in ("jwt.algorithms", "providers.vonage.keys"):
        monkeypatch.setattr(f"{module}.load_pem_private_key", lambda *_, **__: read.append("PEM"))

    assert isinstance(ready.send(outbound()), Accepted)

    assert read == []


def sent(vonage: Canned) -> Any:
    assert len(vonage.requests) == 1
    return json.loads(vonage.requests[0].body)


def problem(status: int, **said: Any) -> Answer:
    return Answer(status, json.dumps(said))


def test_an_sms_goes_out_once_with_everything_that_brings_it_back(vonage: Canned) -> None:
    said = Content(text=TEXT, choices=YES_NO)
    result = sender(vonage.url).send(outbound(content=said, reference="a&b/c.2"))

    pair = pair_key(KEY, "sms", PERSON, OURS)
    assert result == Accepted(provider_id=UUID, reply_keys=(pair, sent_key(KEY, "vonage", UUID)))
    assert sent(vonage) == {
        "to": "14155550100",
        "from": "15005550006",
        "channel": "sms",
        "message_type": "text",
        "text": f"{TEXT}\n\n1 = Yes\n2 = No",
        "ttl": 1200,
        "client_ref": "a&b/c.2",
        "webhook_url": f"{BASE_URL}/vonage/status",
        "webhook_version": "v1",
    }
    assert vonage.requests[0].path == "/v1/messages"
    assert str(vonage.requests[0].headers["Authorization"]).startswith("Bearer ")


@pytest.mark.parametrize(
    ("wait", "ttl"),
    [
        pytest.param(timedelta(seconds=1), 20, id="the shortest"),
        pytest.param(timedelta(seconds=90.9), 90, id="whole seconds"),
        pytest.param(timedelta(days=366), 604_800, id="the longest"),
    ],
)
def test_an_sms_is_valid_no_longer_than_its_step(vonage: Canned, wait: timedelta, ttl: int) -> None:
    sender(vonage.url).send(outbound(valid_for=wait))

    assert sent(vonage)["ttl"] == ttl


def test_few_short_choices_are_buttons_on_whatsapp(vonage: Canned) -> None:
    content = Content(text=TEXT, choices=YES_NO)
    sender(vonage.url, Channel.WHATSAPP).send(outbound(Channel.WHATSAPP, content=content))

    body = sent(vonage)
    interactive = body["custom"]["interactive"]
    assert (body["message_type"], body["custom"]["type"]) == ("custom", "interactive")
    assert (interactive["type"], interactive["body"]) == ("button", {"text": TEXT})
    assert [button["reply"] for button in interactive["action"]["buttons"]] == [
        {"id": "yes", "title": "Yes"},
        {"id": "no", "title": "No"},
    ]
    assert "ttl" not in body


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        pytest.param(["Yes", "No", "Later"], "button", id="three"),
        pytest.param(["Yes", "No", "Later", "Never"], "list", id="four"),
        pytest.param([f"At {n}" for n in range(9)], "list", id="nine"),
        pytest.param(["a" * 20], "button", id="a label of 20"),
        pytest.param(["a" * 21], "list", id="a label of 21"),
        pytest.param(["a" * 24], "list", id="a label of 24"),
    ],
)
def test_more_choices_or_longer_labels_are_a_list_on_whatsapp(
    vonage: Canned, labels: list[str], kind: str
) -> None:
    choices = [Choice(id=f"c{n}", label=label) for n, label in enumerate(labels)]
    content = Content(text=TEXT, choices=choices)
    sender(vonage.url, Channel.WHATSAPP).send(outbound(Channel.WHATSAPP, content=content))

    interactive = sent(vonage)["custom"]["interactive"]
    assert (interactive["type"], interactive["body"]) == (kind, {"text": TEXT})
    if kind == "list":
        assert interactive["action"] == {
            "button": "Choose",
            "sections": [{"rows": [{"id": c.id, "title": c.label} for c in choices]}],
        }


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(Content(text=TEXT), id="no choices"),
        pytest.param(
            Content(text=TEXT, choices=[Choice(id="y", label="Yes, I will be at home, 9")]),
            id="a label of 25",
        ),
        pytest.param(Content(text="a" * 1025, choices=YES_NO), id="a long text"),
    ],
)
def test_what_fits_no_buttons_and_no_list_is_text_on_whatsapp(
    vonage: Canned, content: Content
) -> None:
    sender(vonage.url, Channel.WHATSAPP).send(outbound(Channel.WHATSAPP, content=content))

    body = sent(vonage)
    assert body["message_type"] == "text"
    assert body["text"].startswith(content.text)
    assert all(f"= {choice.label}" in body["text"] for choice in content.choices)


def test_a_whatsapp_user_id_is_an_address(vonage: Canned) -> None:
    to = "US.13491208655302741918"
    sender(vonage.url, Channel.WHATSAPP).send(outbound(Channel.WHATSAPP, to=to))

    assert sent(vonage)["to"] == to


def test_a_channel_without_a_sender_is_not_offered() -> None:
    assert senders(vonage_settings(whatsapp_from=OURS), PUBLIC).keys() == {Channel.WHATSAPP}
    assert senders(vonage_settings(**{"from": "Acme"}), PUBLIC).keys() == {Channel.SMS}


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        pytest.param(
            problem(422, type="https://x/messages#1150", title="Invalid params"),
            FailureClass.CONTENT,
            "1150",
            id="the code is in the type",
        ),
        pytest.param(
            problem(422, type="https://x/messages#1170", title=1150),
            FailureClass.ADDRESS,
            "1170",
            id="the type before the title",
        ),
        pytest.param(
            problem(402, type="https://x/#low-balance", title="Low balance"),
            FailureClass.ACCOUNT,
            "low-balance",
            id="low balance",
        ),
        pytest.param(
            problem(401, type="https://x#unauthorized"),
            FailureClass.ACCOUNT,
            "unauthorized",
            id="401",
        ),
        pytest.param(Answer(403, "<html>"), FailureClass.ACCOUNT, "403", id="403 in HTML"),
        pytest.param(problem(422, type="#1240"), FailureClass.OPT_OUT, "1240", id="said stop"),
        pytest.param(Answer(413, ""), FailureClass.CONTENT, "413", id="413"),
    ],
)
def test_a_refusal_says_whose_fault_it_is(
    vonage: Canned, answer: Answer, kind: FailureClass, code: str
) -> None:
    vonage.answer = answer
    result = sender(vonage.url).send(outbound())

    assert isinstance(result, Refused)
    assert (result.failure.kind, result.failure.code) == (kind, code)
    assert len(vonage.requests) == 1


def test_an_unknown_code_is_unrecognized_and_logged(
    vonage: Canned, caplog: pytest.LogCaptureFixture
) -> None:
    vonage.answer = problem(422, type="#1999", detail=f"no {PERSON}")
    result = sender(vonage.url).send(outbound())

    assert isinstance(result, Refused)
    assert result.failure.kind == FailureClass.UNRECOGNIZED
    assert result.failure.detail == "no +1415•••0100"
    assert "vonage: code 1999" in caplog.text


@pytest.mark.parametrize("code", ["1000", "1100", "1230", "1331"])
def test_a_code_of_what_was_not_taken_is_tried_again(vonage: Canned, code: str) -> None:
    vonage.answer = problem(422, type=f"#{code}")

    with pytest.raises(ProviderUnavailable):
        sender(vonage.url).send(outbound())
    assert len(vonage.requests) == 1


@pytest.mark.parametrize("code", ["1030", "1320", "1490"])
def test_a_code_that_leaves_it_open_is_unknown(vonage: Canned, code: str) -> None:
    vonage.answer = problem(422, type=f"#{code}")

    with pytest.raises(SendUnknown):
        sender(vonage.url).send(outbound())


def test_a_rate_limit_names_the_wait(vonage: Canned) -> None:
    vonage.answer = Answer(429, "{}", {"Retry-After": "7"})

    with pytest.raises(ProviderUnavailable) as raised:
        sender(vonage.url).send(outbound())
    assert raised.value.retry_after == timedelta(seconds=7)
    assert raised.value.failure.kind == FailureClass.CAP


def test_the_sdk_itself_sends_once_with_a_pool_of_one(vonage: Canned) -> None:
    line = Line(vonage_settings(api_base_url=vonage.url))
    assert line.vonage.http_client.http_client_options.pool_maxsize == 1
    vonage.answer = Answer(drop=True)

    with pytest.raises(ConnectionError):
        line.vonage.messages.send(Sms(to="14155550100", from_="Acme", text="hi"))
    assert len(vonage.requests) == 1


def test_the_sdk_would_send_again_with_a_larger_pool(vonage: Canned) -> None:
    line = Line(vonage_settings(api_base_url=vonage.url))
    line.vonage.http_client.http_client_options.pool_maxsize = 3
    vonage.answer = Answer(drop=True)

    with pytest.raises(ConnectionError):
        line.vonage.messages.send(Sms(to="14155550100", from_="Acme", text="hi"))
    assert len(vonage.requests) == 3


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(vonage: Canned, status: int) -> None:
    vonage.answer = Answer(status, "", {"Location": f"{vonage.url}/elsewhere"})

    with pytest.raises(SendUnknown):
        sender(vonage.url).send(outbound())
    assert len(vonage.requests) == 1


def test_each_thread_has_a_client_of_its_own(vonage: Canned) -> None:
    line = Line(vonage_settings(api_base_url=vonage.url))
    seen = [line.vonage]
    other = threading.Thread(target=lambda: seen.append(line.vonage))
    other.start()
    other.join()

    assert seen[0] is line.vonage
    assert seen[0] is not seen[1]


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        pytest.param({"to": "+0"}, FailureClass.ADDRESS, id="address"),
        pytest.param({"content": Content(text="a" * 3201)}, FailureClass.CONTENT, id="text"),
    ],
)
def test_what_the_sdk_would_not_send_is_refused_without_a_request(
    vonage: Canned, more: dict[str, Any], kind: FailureClass
) -> None:
    result = sender(vonage.url).send(outbound(**more))

    assert isinstance(result, Refused)
    assert result.failure.kind == kind
    assert "aaaa" not in (result.failure.detail or "")
    assert not vonage.requests


@pytest.mark.parametrize(
    "answer",
    [
        ACCEPTED,
        problem(422, type="#1170", detail=f"cannot reach {PERSON}", about=TEXT),
        problem(500, type="#1030", detail=f"{PERSON} {TEXT}"),
        Answer(202, f"{TEXT} {PERSON}"),
        Answer(drop=True),
    ],
    ids=["accepted", "refused", "broken", "bad body", "dropped"],
)
def test_nothing_of_a_send_is_logged(
    vonage: Canned, caplog: pytest.LogCaptureFixture, answer: Answer
) -> None:
    caplog.set_level(logging.DEBUG)
    vonage.answer = answer
    sending = sender(vonage.url)
    raised = ""
    for _ in range(2):  # the SDK logs a token from the second request on
        try:
            sending.send(outbound())
        except (SendUnknown, ProviderUnavailable) as error:
            raised += f"{error!r} {error.__cause__!r}"

    tokens = [str(request.headers["Authorization"]).split()[1] for request in vonage.requests]
    logged = caplog.text + raised
    assert len(tokens) == 2
    for secret in (*tokens, TEXT, PERSON, PERSON[1:]):
        assert secret not in logged


def test_a_look_up_finds_our_reference(vonage: Canned) -> None:
    records = [{"client_ref": "order-1.1", "message_id": "other"}]
    records.append({"client_ref": "order-1.2", "message_id": UUID})
    vonage.answer = Answer(200, json.dumps({"records": records}))
    since = datetime.now(UTC) - timedelta(minutes=1)
    found = sender(vonage.url, api_key="abcd1234", api_secret="s").look_up(outbound(), since)

    [asked] = vonage.requests
    assert (asked.method, asked.path) == ("GET", "/v2/reports/records")
    assert asked.field("product") == "MESSAGES"
    assert asked.field("direction") == "outbound"
    assert asked.field("account_id") == "abcd1234"
    start = datetime.fromisoformat(asked.field("date_start") or "")
    end = datetime.fromisoformat(asked.field("date_end") or "")
    assert start < since < end <= start + timedelta(hours=24)
    assert str(asked.headers["Authorization"]).startswith("Basic ")
    pair = pair_key(KEY, "sms", PERSON, OURS)
    assert found == Accepted(provider_id=UUID, reply_keys=(pair, sent_key(KEY, "vonage", UUID)))


def test_a_look_up_that_finds_nothing_says_so(vonage: Canned) -> None:
    vonage.answer = Answer(200, json.dumps({"records": []}))

    assert sender(vonage.url).look_up(outbound(), datetime.now(UTC)) is None


def test_not_among_the_first_of_many_records_is_no_denial(vonage: Canned) -> None:
    more = {"next": {"href": "https://api.nexmo.com/v2/reports/records?cursor=1"}}
    vonage.answer = Answer(200, json.dumps({"records": [], "_links": more}))

    with pytest.raises(LookUpImpossible):
        sender(vonage.url).look_up(outbound(), datetime.now(UTC))


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 422])
def test_an_account_without_reports_cannot_look_up(vonage: Canned, status: int) -> None:
    vonage.answer = Answer(status)

    with pytest.raises(LookUpImpossible):
        sender(vonage.url).look_up(outbound(), datetime.now(UTC))


@pytest.mark.parametrize(
    "answer",
    [Answer(429, "{}", {"Retry-After": "3"}), Answer(500), Answer(200, "<"), Answer(drop=True)],
    ids=["429", "500", "bad body", "dropped"],
)
def test_a_look_up_can_be_asked_again(vonage: Canned, answer: Answer) -> None:
    vonage.answer = answer

    with pytest.raises(ProviderUnavailable):
        sender(vonage.url).look_up(outbound(), datetime.now(UTC))
