"""FCM's HTTP v1 API over canned HTTP, with Google's own library for the token."""

import json
import logging
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

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
from providers.fcm.errors import CODES
from providers.fcm.provider import senders
from providers.push.callbacks import callbacks
from providers.reply_keys import pair_key
from tests.callbacks import KEY
from tests.canned import Answer, Canned, canned_server
from tests.push import (
    PICTURE,
    PLAN,
    PUBLIC,
    TEXT,
    TOKEN,
    WITH_FILES,
    Browser,
    fcm_settings,
    outbound,
    private_key,
    ticket_url,
    told,
)

NAME = "projects/deliveries-1/messages/0:1500415314455276%31bd1c9631bd1c96"
ACCEPTED = Answer(200, json.dumps({"name": NAME}))
SEND, MINT = "/v1/projects/deliveries-1/messages:send", "/token"


@pytest.fixture
def google() -> Iterator[Canned]:
    with canned_server() as canned:
        canned.answer = ACCEPTED
        canned.answers[MINT] = minted()
        yield canned


def minted(token: str = "ya29.one", seconds: int = 3599) -> Answer:
    said = {"access_token": token, "expires_in": seconds, "token_type": "Bearer"}
    return Answer(200, json.dumps(said))


def sender(google: Canned, **more: Any) -> Sender:
    [made] = senders(fcm_settings(google.url, **more), PUBLIC).values()
    return made


def push(**more: Any) -> Outbound:
    return outbound("fcm", TOKEN, **more)


def sent(google: Canned) -> Any:
    [request] = google.to(SEND)
    return json.loads(request.body)["message"]


def problem(number: int, code: str | None = None, **error: Any) -> Answer:
    """As Google writes it, with FCM's own code among the details."""
    kind = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
    details = [{"@type": kind, "errorCode": code}] if code else []
    return Answer(number, json.dumps({"error": {"code": number, "details": details, **error}}))


def test_a_push_goes_out_once_with_everything_that_brings_it_back(google: Canned) -> None:
    result = sender(google).send(push())

    pair = pair_key(KEY, "push", TOKEN, "fcm")
    assert result == Accepted(provider_id=NAME, reply_keys=(pair,))
    message = sent(google)
    tag = message["data"]["tag"]
    assert message["token"] == TOKEN
    assert message["data"] == {
        "reference": "order-1.2",
        "title": "Your delivery",
        "text": TEXT,
        "choices": '[{"id": "yes", "label": "Yes"}, {"id": "no", "label": "No"}]',
        "locale": "en",
        "ack": ticket_url("fcm"),
        "tag": tag,
    }
    assert message["android"] == {"priority": "HIGH", "ttl": "1200s"}
    assert message["webpush"]["headers"] == {"TTL": "1200", "Urgency": "high"}
    assert "notification" not in message
    [request] = google.to(SEND)
    assert request.headers["Authorization"] == "Bearer ya29.one"


def test_an_apple_device_shows_it_by_itself_until_its_time_is_over(google: Canned) -> None:
    before = int(datetime.now(UTC).timestamp())
    sender(google).send(push())

    apns = sent(google)["apns"]
    assert apns["payload"]["aps"] == {
        "alert": {"body": TEXT, "title": "Your delivery"},
        "sound": "default",
        "mutable-content": 1,
        "category": "message-failover",
    }
    assert apns["headers"]["apns-priority"] == "10"
    assert apns["headers"]["apns-collapse-id"] == sent(google)["data"]["tag"]
    assert int(apns["headers"]["apns-expiration"]) - before in range(1200, 1300)


def test_what_the_device_gets_is_a_url_that_our_reader_takes(google: Canned) -> None:
    sender(google).send(push())

    [event] = callbacks(PUBLIC).read(told(sent(google)["data"]["ack"], event="received"))
    assert event.reference == "order-1.2"


def test_attempts_of_one_message_take_each_other_s_place_and_others_do_not(google: Canned) -> None:
    made = sender(google)
    for reference in ("order-1.1", "order-1.2", "order-2.1"):
        made.send(push(reference=reference))

    bodies = [json.loads(request.body)["message"]["data"]["tag"] for request in google.to(SEND)]
    assert bodies[0] == bodies[1] != bodies[2]
    assert {len(tag) for tag in bodies} == {32}


def test_the_system_may_show_it_on_android(google: Canned) -> None:
    sender(google, display="system").send(push())

    message = sent(google)
    assert message["android"]["notification"] == {
        "title": "Your delivery",
        "body": TEXT,
        "tag": message["data"]["tag"],
    }


def test_the_first_picture_is_shown_by_each_system_and_other_files_are_links(
    google: Canned,
) -> None:
    sender(google, display="system").send(push(content=WITH_FILES))

    message = sent(google)
    text = f"{TEXT}\n\nHow to get there\n{PLAN.url}\n\nThe door we found"
    assert (message["data"]["image"], message["data"]["text"]) == (PICTURE.url, text)
    shown = message["android"]["notification"]
    assert (shown["image"], shown["body"]) == (PICTURE.url, text)
    assert message["apns"]["fcm_options"] == {"image": PICTURE.url}
    # Without code of the app's own iOS shows no picture.
    assert message["apns"]["payload"]["aps"]["alert"]["body"] == f"{text}\n{PICTURE.url}"


@pytest.mark.parametrize(
    ("wait", "ttl"), [(timedelta(seconds=0.5), "1s"), (timedelta(days=366), "2419200s")]
)
def test_it_is_kept_no_longer_than_its_step(google: Canned, wait: timedelta, ttl: str) -> None:
    sender(google).send(push(valid_for=wait))

    assert sent(google)["android"]["ttl"] == ttl


def test_google_is_asked_for_a_token_once_and_told_who_asks(google: Canned) -> None:
    made = sender(google)
    for _ in range(3):
        made.send(push())

    assert [request.path for request in google.requests] == [MINT, SEND, SEND, SEND]
    form = parse_qs(google.requests[0].body)
    assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    public: Any = load_pem_private_key(private_key().encode(), None).public_key()
    # The library names Google's own address, wherever the account sends it.
    google_s = "https://oauth2.googleapis.com/token"
    claims = jwt.decode(form["assertion"][0], public, algorithms=["RS256"], audience=google_s)
    assert claims["iss"] == "push@deliveries-1.iam.gserviceaccount.com"
    assert claims["scope"] == "https://www.googleapis.com/auth/firebase.messaging"


def test_a_token_that_is_about_to_end_is_replaced(google: Canned) -> None:
    made = sender(google)
    google.answers[MINT] = minted("ya29.old", seconds=200)
    made.send(push())
    google.answers[MINT] = minted("ya29.new")
    made.send(push())

    used = [request.headers["Authorization"] for request in google.to(SEND)]
    assert used == ["Bearer ya29.old", "Bearer ya29.new"]


def test_a_token_that_was_not_taken_is_not_used_again(google: Canned) -> None:
    made = sender(google)
    google.answer = problem(401, status="UNAUTHENTICATED")
    result = made.send(push())
    google.answer = ACCEPTED
    made.send(push())

    assert isinstance(result, Refused)
    assert result.failure.kind == FailureClass.ACCOUNT
    assert len(google.to(MINT)) == 2


def test_many_threads_ask_for_one_token(google: Canned) -> None:
    made = sender(google)
    threads = [threading.Thread(target=made.send, args=(push(),)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(google.to(MINT)), len(google.to(SEND))) == (1, 5)


@pytest.mark.parametrize("status", [400, 401, 403])
def test_an_account_that_gets_no_token_is_of_no_use(google: Canned, status: int) -> None:
    google.answers[MINT] = Answer(status, '{"error": "invalid_grant"}')
    result = sender(google).send(push())

    assert isinstance(result, Refused)
    assert (result.failure.kind, result.failure.code) == (FailureClass.ACCOUNT, f"token {status}")
    assert (len(google.to(MINT)), google.to(SEND)) == (1, [])


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        pytest.param(Answer(500, "{}"), FailureClass.PROVIDER, id="500"),
        pytest.param(Answer(503, "{}"), FailureClass.PROVIDER, id="503"),
        pytest.param(Answer(429, "{}", {"Retry-After": "7"}), FailureClass.CAP, id="429"),
        pytest.param(Answer(drop=True), FailureClass.PROVIDER, id="dropped"),
        pytest.param(Answer(200, "{}"), FailureClass.PROVIDER, id="200 without a token"),
        pytest.param(Answer(200, "<html>"), FailureClass.PROVIDER, id="200 in HTML"),
        pytest.param(Answer(hang=30), FailureClass.PROVIDER, id="hangs"),
        pytest.param(Answer(307, "", {"Location": "/x"}), FailureClass.PROVIDER, id="redirected"),
    ],
)
def test_without_a_token_nothing_was_sent_and_it_is_asked_for_once(
    google: Canned, answer: Answer, kind: FailureClass
) -> None:
    google.answers[MINT] = answer

    with pytest.raises(ProviderUnavailable) as raised:
        sender(google, timeout=2 if answer.hang else 10).send(push())
    assert raised.value.failure.kind == kind
    assert raised.value.retry_after == (timedelta(seconds=7) if answer.status == 429 else None)
    assert [request.path for request in google.all_requests()] == [MINT]


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        pytest.param(
            problem(404, "UNREGISTERED", status="NOT_FOUND"),
            FailureClass.ADDRESS,
            "UNREGISTERED",
            id="the app is gone",
        ),
        pytest.param(
            problem(403, "SENDER_ID_MISMATCH", status="PERMISSION_DENIED"),
            FailureClass.SENDER,
            "SENDER_ID_MISMATCH",
            id="a token of another project",
        ),
        pytest.param(
            problem(401, "THIRD_PARTY_AUTH_ERROR", status="UNAUTHENTICATED"),
            FailureClass.SENDER,
            "THIRD_PARTY_AUTH_ERROR",
            id="a wrong APNs key",
        ),
        pytest.param(
            problem(
                400,
                "INVALID_ARGUMENT",
                message="The registration token is not a valid FCM registration token",
            ),
            FailureClass.ADDRESS,
            "INVALID_ARGUMENT",
            id="no token, in words",
        ),
        pytest.param(
            problem(
                400,
                status="INVALID_ARGUMENT",
                details=[{"fieldViolations": [{"field": "message.token"}]}],
            ),
            FailureClass.ADDRESS,
            "INVALID_ARGUMENT",
            id="no token, by its field",
        ),
        pytest.param(
            problem(
                400,
                status="INVALID_ARGUMENT",
                message="registration token or data",
                details=[{"fieldViolations": [{"field": "message.data[0].value"}]}],
            ),
            FailureClass.CONTENT,
            "INVALID_ARGUMENT",
            id="another field",
        ),
        pytest.param(
            problem(403, status="PERMISSION_DENIED"), FailureClass.ACCOUNT, "403", id="no right"
        ),
        pytest.param(
            problem(404, status="NOT_FOUND"), FailureClass.ACCOUNT, "404", id="no such project"
        ),
        pytest.param(Answer(413, ""), FailureClass.CONTENT, "413", id="413"),
    ],
)
def test_a_refusal_says_whose_fault_it_is(
    google: Canned, answer: Answer, kind: FailureClass, code: str
) -> None:
    google.answer = answer
    result = sender(google).send(push())

    assert isinstance(result, Refused)
    assert (result.failure.kind, result.failure.code) == (kind, code)
    assert len(google.to(SEND)) == 1


def test_an_unknown_code_is_unrecognized_and_logged(
    google: Canned, caplog: pytest.LogCaptureFixture
) -> None:
    google.answer = problem(400, "OUT_OF_LUCK", message="no dana@example.com")
    result = sender(google).send(push())

    assert isinstance(result, Refused)
    assert result.failure.kind == FailureClass.UNRECOGNIZED
    assert result.failure.detail == "no d•••@example.com"
    assert "fcm: code OUT_OF_LUCK" in caplog.text


def test_a_quota_names_the_wait(google: Canned) -> None:
    said = problem(429, "QUOTA_EXCEEDED", status="RESOURCE_EXHAUSTED")
    google.answer = Answer(429, said.body, {"Retry-After": "60"})

    with pytest.raises(ProviderUnavailable) as raised:
        sender(google).send(push())
    assert raised.value.retry_after == timedelta(seconds=60)
    assert raised.value.failure.kind == FailureClass.CAP


@pytest.mark.parametrize(
    "answer",
    [
        problem(500, "INTERNAL"),
        problem(503, "UNAVAILABLE"),
        Answer(drop=True),
        Answer(200, "{}"),
        Answer(200, "[]"),
        Answer(200, '{"name": ""}'),
        *(Answer(status, "", {"Location": "/elsewhere"}) for status in (301, 302, 303, 307, 308)),
    ],
)
def test_what_nobody_can_know_is_unknown_and_not_sent_again(google: Canned, answer: Answer) -> None:
    google.answer = answer

    with pytest.raises(SendUnknown):
        sender(google).send(push())
    assert len(google.requests) == 2


def test_an_api_that_is_not_there_was_sent_nothing(google: Canned) -> None:
    with socket.socket() as taken:  # and it does not listen
        taken.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{taken.getsockname()[1]}"
        settings = fcm_settings(nowhere, f"{google.url}{MINT}")
        [made] = senders(settings, PUBLIC).values()
        with pytest.raises(ProviderUnavailable):
            made.send(push())

    assert [request.path for request in google.requests] == [MINT]


def test_neither_a_proxy_nor_a_netrc_of_the_environment_is_used(
    google: Canned, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login thief password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    assert isinstance(sender(google).send(push()), Accepted)
    assert google.to(SEND)[0].headers["Authorization"] == "Bearer ya29.one"


def test_a_browser_s_subscription_is_left_to_the_next_provider(google: Canned) -> None:
    address = Browser("https://fcm.googleapis.com/fcm/send/abc").address
    result = sender(google).send(outbound("fcm", address))

    assert isinstance(result, Refused)
    assert (result.failure.kind, result.failure.code) == (FailureClass.SENDER, "NOT_A_TOKEN")
    assert google.requests == []


def test_what_is_too_large_is_refused_before_it_is_sent(google: Canned) -> None:
    result = sender(google).send(push(content=Content(text="ü" * 2000)))

    assert isinstance(result, Refused)
    assert (result.failure.kind, result.failure.code) == (FailureClass.CONTENT, "TOO_LARGE")
    assert google.requests == []


@pytest.mark.parametrize("text", ["a" * 3000, "ü" * 1500, 'a"\n' * 600, "🎉" * 700])
def test_what_the_systems_show_of_a_long_text_leaves_room_for_all_of_it(
    google: Canned, text: str
) -> None:
    choices = (Choice(id="yes", label="Yes"), Choice(id="no", label="No"))
    content = Content(text=text, subject="Delivery", choices=choices, media=(PICTURE,))
    sender(google, display="system").send(push(content=content))

    message = sent(google)
    data, apple = message["data"], message["apns"]["payload"]
    apple["fcm_options"] = message["apns"]["fcm_options"]
    android = message["android"]["notification"]
    shown, _, link = apple["aps"]["alert"]["body"].rpartition("\n")
    assert data["text"].startswith(text)
    assert link == PICTURE.url
    for body, whole in ((shown, {**data, **apple}), (android["body"], {**data, **android})):
        assert body.endswith("…")
        assert data["text"].startswith(body.removesuffix("…").rstrip())
        assert 3800 < len(json.dumps(whole, ensure_ascii=False).encode()) <= 4096


def test_where_data_takes_all_the_room_a_line_is_shown(google: Canned) -> None:
    sender(google).send(push(content=Content(text="a" * 3700)))

    body = sent(google)["apns"]["payload"]["aps"]["alert"]["body"]
    assert body == "a" * (200 - len('""…'.encode())) + "…"


def test_nobody_can_be_asked_what_became_of_it(google: Canned) -> None:
    with pytest.raises(LookUpImpossible):
        sender(google).look_up(push(), datetime.now(UTC))


def test_nothing_of_a_send_is_logged(google: Canned, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        sender(google).send(push())

    assert not any(secret in caplog.text for secret in (TOKEN, TEXT, "ya29.one", "assertion"))


def test_every_code_of_the_api_is_known() -> None:
    """Those of the page "ErrorCode"."""
    documented = {
        *("UNSPECIFIED_ERROR", "INVALID_ARGUMENT", "UNREGISTERED", "SENDER_ID_MISMATCH"),
        *("QUOTA_EXCEEDED", "UNAVAILABLE", "INTERNAL", "THIRD_PARTY_AUTH_ERROR"),
    }

    assert documented == CODES.keys()
