"""SendGrid's own SDK against canned HTTP: what each answer, or none, makes of a send."""

import json
import logging
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.error import URLError

import pytest

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
from providers.reply_keys import reply_token, sent_key, token_key
from providers.sendgrid import client
from providers.sendgrid.provider import senders
from providers.settings import PublicSettings
from tests.callbacks import BASE_URL, KEY
from tests.callbacks_sendgrid import REPLY_DOMAIN, sendgrid_settings
from tests.canned import Answer, Canned, canned_server

PUBLIC = PublicSettings.model_validate({"public_base_url": BASE_URL, "address_key": KEY})
PERSON = "dana@example.com"
TEXT = "Hi Dana, can you be home at 9 pm?"
YES_NO = (Choice(id="yes", label="Yes"), Choice(id="no", label="No & never <ever>"))
ID = "14c5d75ce93-dfd-64b469"
ACCEPTED = Answer(202, "", {"X-Message-Id": ID})


@pytest.fixture
def sendgrid() -> Iterator[Canned]:
    with canned_server() as canned:
        canned.answer = ACCEPTED
        yield canned


def sender(url: str, **more: Any) -> Sender:
    return senders(sendgrid_settings(api_base_url=url, **more), PUBLIC)[Channel.EMAIL]


def outbound(**more: Any) -> Outbound:
    given = {
        "reference": "order-1.2",
        "channel": "email",
        "provider": "sendgrid",
        "to": PERSON,
        "content": Content(text=TEXT),
        "valid_for": timedelta(minutes=20),
    }
    return Outbound.model_validate({**given, **more})


def said(sendgrid: Canned) -> Any:
    assert len(sendgrid.requests) == 1
    return json.loads(sendgrid.requests[0].body)


def test_a_mail_goes_out_once_with_everything_that_brings_it_back(sendgrid: Canned) -> None:
    content = Content(text=TEXT, subject="Your delivery", choices=YES_NO)
    result = sender(sendgrid.url).send(outbound(content=content, name="Dana, of course"))

    token = reply_token(KEY, "order-1.2")
    keys = (token_key(KEY, token), sent_key(KEY, "sendgrid", ID))
    assert result == Accepted(provider_id=ID, reply_keys=keys)
    mail = said(sendgrid)
    plain, page = mail.pop("content")
    assert mail == {
        "personalizations": [{"to": [{"email": PERSON, "name": "Dana, of course"}]}],
        "from": {"email": "hello@example.org", "name": "Dana's Deliveries"},
        "reply_to": {"email": f"r+{token}@{REPLY_DOMAIN}"},
        "subject": "Your delivery",
        "custom_args": {"fo_ref": "order-1.2"},
    }
    assert plain == {
        "type": "text/plain",
        "value": f"{TEXT}\n\n1 = Yes\n2 = No & never <ever>",
    }
    assert page["type"] == "text/html"
    assert "<li>No &amp; never &lt;ever&gt;</li>" in page["value"]
    assert sendgrid.requests[0].path == "/v3/mail/send"


def test_the_page_shows_a_text_as_it_was_written(sendgrid: Canned) -> None:
    text = "Hi <b>Dana</b>,\n\nline one\nline two\n\n'quoted' & \"more\""
    sender(sendgrid.url).send(outbound(content=Content(text=text), locale="pt_BR"))

    page = said(sendgrid)["content"][1]["value"]
    assert "<p>Hi &lt;b&gt;Dana&lt;/b&gt;,</p>" in page
    assert "<p>line one<br>line two</p>" in page
    assert '<html lang="pt-BR">' in page
    assert 'name="viewport"' in page


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        pytest.param("Hello\nthere", "Hello", id="first line"),
        pytest.param("\n  \n Hello ", "Hello", id="first line with a word"),
        pytest.param("word " * 40, "word " * 15 + "…", id="shortened"),
        pytest.param("a\x00b\tc", "a b c", id="control characters"),
        pytest.param(" \n ", "Message", id="nothing"),
    ],
)
def test_a_mail_without_a_subject_takes_it_from_the_text(
    sendgrid: Canned, text: str, subject: str
) -> None:
    sender(sendgrid.url).send(outbound(content=Content(text=text)))

    assert said(sendgrid)["subject"] == subject


def test_without_a_reply_domain_replies_go_to_the_sender(sendgrid: Canned) -> None:
    sender(sendgrid.url, reply_domain=None).send(outbound())

    assert "reply_to" not in said(sendgrid)


def test_an_answer_without_an_id_is_accepted_all_the_same(sendgrid: Canned) -> None:
    sendgrid.answer = Answer(202, "")
    result = sender(sendgrid.url).send(outbound())

    keys = (token_key(KEY, reply_token(KEY, "order-1.2")),)
    assert result == Accepted(provider_id=None, reply_keys=keys)


def test_a_202_of_somebody_else_on_the_way_is_unknown(sendgrid: Canned) -> None:
    sendgrid.answer = Answer(202, "<html>Bad gateway</html>")

    with pytest.raises(SendUnknown, match="202"):
        sender(sendgrid.url).send(outbound())


def errors(message: str, field: str | None = None) -> str:
    return json.dumps({"errors": [{"message": message, "field": field, "help": None}]})


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        pytest.param(
            Answer(400, errors("Does not contain a valid address.", "personalizations.0.to.0")),
            FailureClass.ADDRESS,
            id="recipient",
        ),
        pytest.param(
            Answer(400, errors("The subject is required.", "subject")),
            FailureClass.CONTENT,
            id="subject",
        ),
        pytest.param(Answer(400, "<html>"), FailureClass.CONTENT, id="400 in HTML"),
        pytest.param(Answer(400, "[" * 100_000), FailureClass.CONTENT, id="400 too deep"),
        pytest.param(Answer(400, '{"errors": 5}'), FailureClass.CONTENT, id="400 with a number"),
        pytest.param(
            Answer(401, errors("Maximum credits exceeded")), FailureClass.ACCOUNT, id="401"
        ),
        pytest.param(Answer(403, errors("access forbidden")), FailureClass.ACCOUNT, id="scope"),
        pytest.param(
            Answer(403, errors("The from address does not match a verified Sender", "from")),
            FailureClass.SENDER,
            id="sender not verified",
        ),
        pytest.param(
            Answer(413, "<html>413 Request Entity Too Large"), FailureClass.CONTENT, id="too large"
        ),
        pytest.param(Answer(404, "{}"), FailureClass.CONTENT, id="404"),
        pytest.param(Answer(418, "{}"), FailureClass.UNRECOGNIZED, id="unheard of"),
    ],
)
def test_a_refusal_says_whose_fault_it_is(
    sendgrid: Canned, answer: Answer, kind: FailureClass
) -> None:
    sendgrid.answer = answer
    result = sender(sendgrid.url).send(outbound())

    assert isinstance(result, Refused)
    assert (result.failure.kind, result.failure.code) == (kind, str(answer.status))
    assert len(sendgrid.requests) == 1


def test_a_status_in_no_table_is_logged(sendgrid: Canned, caplog: pytest.LogCaptureFixture) -> None:
    sendgrid.answer = Answer(418)
    sender(sendgrid.url).send(outbound())

    assert "sendgrid: code '418'" in caplog.text


def test_a_refusal_keeps_addresses_to_itself(sendgrid: Canned) -> None:
    sendgrid.answer = Answer(400, errors(f"{PERSON} is no address"))
    result = sender(sendgrid.url).send(outbound())

    assert isinstance(result, Refused)
    assert result.failure.detail == "d•••@example.com is no address"


def in_seconds(seconds: int) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("headers", "low", "high"),
    [
        pytest.param(lambda: {"Retry-After": "7"}, 7, 7, id="seconds"),
        pytest.param(lambda: {"Retry-After": in_seconds(100)}, 60, 100, id="a date"),
        pytest.param(
            lambda: {"X-RateLimit-Reset": str(int(time.time()) + 100)}, 60, 100, id="reset"
        ),
        pytest.param(lambda: {"X-RateLimit-Reset": "1"}, 0, 0, id="a reset long past"),
        pytest.param(lambda: {"Retry-After": "9" * 30}, 3600, 3600, id="for ever"),
    ],
)
def test_a_rate_limit_names_the_wait(
    sendgrid: Canned, headers: Callable[[], dict[str, str]], low: int, high: int
) -> None:
    sendgrid.answer = Answer(429, "{}", headers())

    with pytest.raises(ProviderUnavailable) as raised:
        sender(sendgrid.url).send(outbound())
    assert raised.value.retry_after is not None
    assert low <= raised.value.retry_after.total_seconds() <= high
    assert len(sendgrid.requests) == 1


@pytest.mark.parametrize("given", [{}, {"Retry-After": "soon"}, {"X-RateLimit-Reset": "later"}])
def test_a_rate_limit_may_name_none(sendgrid: Canned, given: dict[str, str]) -> None:
    sendgrid.answer = Answer(429, "{}", given)

    with pytest.raises(ProviderUnavailable) as raised:
        sender(sendgrid.url).send(outbound())
    assert raised.value.retry_after is None


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(sendgrid: Canned, status: int) -> None:
    sendgrid.answer = Answer(status, "", {"Location": f"{sendgrid.url}/elsewhere"})

    with pytest.raises(SendUnknown):
        sender(sendgrid.url).send(outbound())
    assert len(sendgrid.requests) == 1


def test_a_name_that_is_none_is_unavailable() -> None:
    with pytest.raises(ProviderUnavailable, match="gaierror"):
        sender("http://sendgrid.invalid").send(outbound())


def test_a_failed_tls_handshake_is_unavailable(sendgrid: Canned) -> None:
    with pytest.raises(ProviderUnavailable, match="SSL"):
        sender(sendgrid.url.replace("http://", "https://")).send(outbound())
    assert not sendgrid.requests


def test_a_timeout_in_connecting_is_unavailable() -> None:
    """A listener whose queue is full answers no more connections, on Linux."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        url = f"http://127.0.0.1:{full.getsockname()[1]}"

        with pytest.raises(ProviderUnavailable, match="TimeoutError"):
            sender(url, timeout=0.3).send(outbound())
        for one in waiting:
            one.close()


@pytest.mark.parametrize(
    ("reason", "raised"),
    [
        (ConnectionRefusedError(), ProviderUnavailable),
        (ssl.SSLCertVerificationError(), ProviderUnavailable),
        (TimeoutError(), ProviderUnavailable),
        (ConnectionResetError(), SendUnknown),
        (BrokenPipeError(), SendUnknown),
    ],
    ids=lambda given: given.__name__ if isinstance(given, type) else type(given).__name__,
)
def test_what_urllib_wraps_was_not_sent_unless_it_was_cut_off(
    reason: Exception, raised: type[Exception]
) -> None:
    with pytest.raises(raised):
        client._not_sent(URLError(reason))


@pytest.mark.parametrize(
    "answer",
    [
        ACCEPTED,
        Answer(400, errors(f"{PERSON} {TEXT}")),
        Answer(500, f"{PERSON} {TEXT}"),
        Answer(200, f"{PERSON} {TEXT}"),
        Answer(drop=True),
    ],
    ids=["accepted", "refused", "broken", "bad body", "dropped"],
)
def test_nothing_of_a_send_is_logged(
    sendgrid: Canned, caplog: pytest.LogCaptureFixture, answer: Answer
) -> None:
    caplog.set_level(logging.DEBUG)
    sendgrid.answer = answer
    raised = ""
    try:
        sender(sendgrid.url).send(outbound())
    except SendUnknown as error:
        raised = f"{error!r} {error.__cause__!r}"

    assert "the-secret-api-key" in str(sendgrid.requests[0].headers["Authorization"])
    for secret in ("the-secret-api-key", TEXT, PERSON):
        assert secret not in caplog.text + raised


def test_a_look_up_finds_our_reference(sendgrid: Canned) -> None:
    found = {"msg_id": f"{ID}.filterdrecv-6c-1.0", "status": "delivered", "to_email": PERSON}
    sendgrid.answer = Answer(200, json.dumps({"messages": [found]}))
    result = sender(sendgrid.url).look_up(outbound(), datetime.now(UTC))

    [asked] = sendgrid.requests
    assert (asked.method, asked.path) == ("GET", "/v3/messages")
    assert asked.field("query") == "(unique_args['fo_ref']=\"order-1.2\")"
    keys = (token_key(KEY, reply_token(KEY, "order-1.2")), sent_key(KEY, "sendgrid", ID))
    assert result == Accepted(provider_id=ID, reply_keys=keys)


def test_a_look_up_that_finds_nothing_says_so(sendgrid: Canned) -> None:
    sendgrid.answer = Answer(200, json.dumps({"messages": []}))

    assert sender(sendgrid.url).look_up(outbound(), datetime.now(UTC)) is None


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_an_account_without_email_activity_cannot_look_up(sendgrid: Canned, status: int) -> None:
    sendgrid.answer = Answer(status)

    with pytest.raises(LookUpImpossible):
        sender(sendgrid.url).look_up(outbound(), datetime.now(UTC))


def test_a_reference_that_would_change_the_query_is_not_asked_for(sendgrid: Canned) -> None:
    with pytest.raises(LookUpImpossible):
        sender(sendgrid.url).look_up(outbound(reference='a"b.1'), datetime.now(UTC))
    assert not sendgrid.requests


@pytest.mark.parametrize(
    "answer",
    [
        Answer(429, "{}", {"Retry-After": "3"}),
        Answer(500),
        Answer(200, "<"),
        Answer(200, "[]"),
        Answer(drop=True),
    ],
    ids=["429", "500", "bad body", "another body", "dropped"],
)
def test_a_look_up_can_be_asked_again(sendgrid: Canned, answer: Answer) -> None:
    sendgrid.answer = answer

    with pytest.raises(ProviderUnavailable):
        sender(sendgrid.url).look_up(outbound(), datetime.now(UTC))
