"""Push to a browser over canned HTTP: encrypted by pywebpush, opened with the browser's keys."""

import base64
import json
import logging
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import http_ece
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from failover.addresses import mask
from failover.content import Content
from failover.events import FailureClass
from failover.recipient import Recipient
from providers.base import (
    Accepted,
    LookUpImpossible,
    ProviderUnavailable,
    Refused,
    Sender,
    SendUnknown,
)
from providers.reply_keys import pair_key
from providers.webpush.provider import senders
from providers.webpush.services import Services
from providers.webpush.subscription import Subscription
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
    outbound,
    ticket_url,
    unpadded,
    webpush_settings,
)

PATH = "/wpush/v2/gAAAAABh"
ACCEPTED = Answer(201, "", {"Location": "https://push.example.com/m/gAAAA-xyz"})


@pytest.fixture
def service() -> Iterator[Canned]:
    with canned_server() as canned:
        canned.answer = ACCEPTED
        yield canned


def sender(service: Canned, **more: Any) -> Sender:
    own = service.url.removeprefix("http://")
    [made] = senders(webpush_settings(own, **more), PUBLIC).values()
    return made


def browser(service: Canned) -> Browser:
    return Browser(f"{service.url}{PATH}")


def opened(browser: Browser, body: str) -> Any:
    raw = body.encode(errors="surrogateescape")
    said = http_ece.decrypt(
        raw, private_key=browser.key, auth_secret=browser.auth, version="aes128gcm"
    )
    return json.loads(said)


def test_a_push_goes_out_once_and_only_its_browser_can_read_it(service: Canned) -> None:
    person = browser(service)
    result = sender(service).send(outbound("webpush", person.address))

    pair = pair_key(KEY, "push", person.address, "webpush")
    assert result == Accepted(provider_id="gAAAA-xyz", reply_keys=(pair,))
    [request] = service.requests
    assert (request.method, request.path) == ("POST", PATH)
    assert TEXT not in request.body
    said = opened(person, request.body)
    assert said == {
        "reference": "order-1.2",
        "title": "Your delivery",
        "text": TEXT,
        "choices": [{"id": "yes", "label": "Yes"}, {"id": "no", "label": "No"}],
        "locale": "en",
        "ack": ticket_url("webpush", person.address),
        "tag": said["tag"],
    }
    headers = {name.lower(): value for name, value in request.headers.items()}
    assert headers["content-encoding"] == "aes128gcm"
    assert (headers["ttl"], headers["urgency"], headers["topic"]) == ("1200", "high", said["tag"])


def test_the_first_picture_goes_along_and_other_files_are_links(service: Canned) -> None:
    person = browser(service)
    sender(service).send(outbound("webpush", person.address, content=WITH_FILES))

    said = opened(person, service.requests[0].body)
    text = f"{TEXT}\n\nHow to get there\n{PLAN.url}\n\nThe door we found"
    assert (said["image"], said["text"]) == (PICTURE.url, text)


def test_the_push_service_can_tell_who_sends(service: Canned) -> None:
    sender(service).send(outbound("webpush", browser(service).address))

    scheme, _, parts = service.requests[0].headers["Authorization"].partition(" ")
    given = dict(part.split("=", 1) for part in parts.split(","))
    point = base64.urlsafe_b64decode(given["k"] + "=" * (-len(given["k"]) % 4))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    claims = jwt.decode(given["t"], key, algorithms=["ES256"], audience=service.url)
    assert scheme == "vapid"
    assert key == webpush_settings().key.public_key()
    assert claims["sub"] == "mailto:ops@example.com"
    assert 0 < claims["exp"] - time.time() <= 86_400


@pytest.mark.parametrize(
    ("wait", "ttl"), [(timedelta(seconds=0.5), "1"), (timedelta(days=366), "2419200")]
)
def test_it_is_kept_no_longer_than_its_step(service: Canned, wait: timedelta, ttl: str) -> None:
    sender(service).send(outbound("webpush", browser(service).address, valid_for=wait))

    assert service.requests[0].headers["TTL"] == ttl


def test_the_endpoint_is_called_as_it_is_spelt(service: Canned) -> None:
    path = "/w/BQYA%2f%2bx%7e%3d%3D;a,b"
    sender(service).send(outbound("webpush", Browser(service.url + path).address))

    assert service.requests[0].path == path


@pytest.mark.parametrize(
    ("answer", "provider_id"),
    [
        (Answer(201, ""), None),
        (Answer(202, ""), None),
        (Answer(200, "ok"), None),
        (Answer(201, "", {"Location": "/m/7/"}), "7"),
        (Answer(201, "", {"Location": f"/m/{'a' * 600}"}), "a" * 500),
    ],
)
def test_a_success_is_accepted_with_or_without_a_name(
    service: Canned, answer: Answer, provider_id: str | None
) -> None:
    service.answer = answer
    result = sender(service).send(outbound("webpush", browser(service).address))

    assert isinstance(result, Accepted)
    assert result.provider_id == provider_id


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, FailureClass.CONTENT),
        (401, FailureClass.SENDER),
        (403, FailureClass.SENDER),
        (404, FailureClass.ADDRESS),
        (410, FailureClass.ADDRESS),
        (413, FailureClass.CONTENT),
        (418, FailureClass.UNRECOGNIZED),
    ],
)
def test_a_refusal_says_whose_fault_it_is(service: Canned, status: int, kind: FailureClass) -> None:
    service.answer = Answer(status, '{"code": 1, "errno": 2}')
    result = sender(service).send(outbound("webpush", browser(service).address))

    assert isinstance(result, Refused)
    assert (result.failure.kind, result.failure.code) == (kind, str(status))
    assert len(service.requests) == 1


@pytest.mark.parametrize("status", [406, 429])
def test_a_rate_limit_names_the_wait(service: Canned, status: int) -> None:
    service.answer = Answer(status, "", {"Retry-After": "7"})

    with pytest.raises(ProviderUnavailable) as raised:
        sender(service).send(outbound("webpush", browser(service).address))
    assert raised.value.failure.kind == FailureClass.CAP
    assert raised.value.retry_after == timedelta(seconds=7)


@pytest.mark.parametrize(
    "answer",
    [
        *(Answer(status, "") for status in (204, 500, 502, 503)),
        *(Answer(status, "", {"Location": "/elsewhere"}) for status in (301, 302, 303, 307, 308)),
        Answer(drop=True),
    ],
)
def test_what_nobody_can_know_is_unknown_and_not_sent_again(
    service: Canned, answer: Answer
) -> None:
    service.answer = answer

    with pytest.raises(SendUnknown):
        sender(service).send(outbound("webpush", browser(service).address))
    assert len(service.requests) == 1


def test_a_service_that_hangs_is_given_up(service: Canned) -> None:
    service.answer = Answer(201, "", hang=30)

    with pytest.raises(SendUnknown):
        sender(service, timeout=2).send(outbound("webpush", browser(service).address))
    assert len(service.all_requests()) == 1


def test_a_service_that_is_not_there_was_sent_nothing(service: Canned) -> None:
    with socket.socket() as taken:  # and it does not listen
        taken.bind(("127.0.0.1", 0))
        own = f"127.0.0.1:{taken.getsockname()[1]}"
        [made] = senders(webpush_settings(own), PUBLIC).values()
        with pytest.raises(ProviderUnavailable) as raised:
            made.send(outbound("webpush", Browser(f"http://{own}{PATH}").address))

    assert own not in str(raised.value)


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://attacker.example.com/x",
        "http://127.0.0.1:1/latest/meta-data",
        "http://169.254.169.254/latest/meta-data",
        "https://fcm.googleapis.com.example.com/fcm/send/x",
        "https://fcm.googleapis.com:8443/fcm/send/x",
        "http://fcm.googleapis.com/fcm/send/x",
        "https://notify.windows.com/w/",
        "https://evilpush.apple.com/x",
        "https://0x7f000001/x",
    ],
)
def test_an_endpoint_leads_to_push_services_alone(service: Canned, endpoint: str) -> None:
    result = sender(service).send(outbound("webpush", Browser(endpoint).address))

    assert isinstance(result, Refused)
    assert (result.failure.kind, result.failure.code) == (FailureClass.ADDRESS, "unknown_service")
    assert service.requests == []


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/x",
        "https://FCM.googleapis.com:443/fcm/send/x",
        "https://updates.push.services.mozilla.com/wpush/v2/x",
        "https://wns2-par02p.notify.windows.com/w/?token=x",
        "https://web.push.apple.com/x",
    ],
)
def test_the_browsers_own_services_are_known(endpoint: str) -> None:
    to = Subscription.read(Browser(endpoint).address)

    assert to is not None
    assert Services().allow(to.host, https=to.is_https)


def test_a_known_name_that_leads_to_a_private_address_is_not_called(
    service: Canned, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(service.url.rpartition(":")[2])
    here = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: here)

    with pytest.raises(ProviderUnavailable) as raised:
        sender(service).send(
            outbound("webpush", Browser("https://fcm.googleapis.com/fcm/send/x").address)
        )
    assert "NotAllowed" in str(raised.value)
    assert service.requests == []


def test_a_registration_token_is_left_to_another_provider(service: Canned) -> None:
    result = sender(service).send(outbound("webpush", TOKEN))

    assert isinstance(result, Refused)
    assert (result.failure.kind, result.failure.code) == (FailureClass.SENDER, "not_a_subscription")


@pytest.mark.parametrize(
    "changed",
    [
        {"endpoint": None},
        {"endpoint": "push.example.com/x"},
        {"endpoint": "ftp://push.example.com/x"},
        {"endpoint": "https://user@push.example.com/x"},
        {"endpoint": "https://push.example.com:99999/x"},
        {"endpoint": "https://push.example.com/ö"},
        {"keys": None},
        {"keys": {"auth": unpadded(b"a" * 16)}},
        {"keys": {"p256dh": unpadded(b"\x04" + b"a" * 64), "auth": unpadded(b"a" * 16)}},
        {"keys": {"p256dh": "ü", "auth": unpadded(b"a" * 16)}},
    ],
)
def test_a_subscription_that_cannot_be_used_is_refused(
    service: Canned, changed: dict[str, Any]
) -> None:
    address = json.dumps({**json.loads(browser(service).address), **changed})
    result = sender(service).send(outbound("webpush", address))

    assert isinstance(result, Refused)
    assert (result.failure.kind, result.failure.code) == (FailureClass.ADDRESS, "bad_subscription")
    assert service.requests == []


def test_a_secret_of_another_length_is_no_subscription(service: Canned) -> None:
    person = browser(service)
    person.auth = b"a" * 15

    assert Subscription.read(person.address) is None


def test_what_json_stringify_gives_is_an_address_as_it_is() -> None:
    long = "https://wns2-par02p.notify.windows.com/w/?token=" + "B" * 1000
    address = Browser(long).address

    assert Recipient(addresses={"push": address}).addresses["push"] == address


@pytest.mark.parametrize(("letters", "fits"), [(3993, True), (3994, False)])
def test_as_much_is_sent_as_a_push_service_has_to_take(
    service: Canned, letters: int, fits: bool
) -> None:
    person, made = browser(service), sender(service)
    made.send(outbound("webpush", person.address, content=Content(text="a")))
    around = len(json.dumps(opened(person, service.requests[0].body), separators=(",", ":"))) - 1
    content = Content(text="a" * (letters - around))
    result = made.send(outbound("webpush", person.address, content=content))

    assert isinstance(result, Accepted) is fits
    if fits:
        assert len(service.requests[1].body.encode(errors="surrogateescape")) == 4096
    else:
        assert isinstance(result, Refused)
        assert result.failure.code == "too_large"
        assert len(service.requests) == 1


def test_nobody_can_be_asked_what_became_of_it(service: Canned) -> None:
    with pytest.raises(LookUpImpossible):
        sender(service).look_up(outbound("webpush", "{}"), datetime.now(UTC))


def test_neither_a_proxy_nor_a_netrc_of_the_environment_is_used(
    service: Canned, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    result = sender(service).send(outbound("webpush", browser(service).address))

    assert isinstance(result, Accepted)


def test_nothing_of_a_send_is_logged(service: Canned, caplog: pytest.LogCaptureFixture) -> None:
    person = browser(service)
    with caplog.at_level(logging.DEBUG):
        sender(service).send(outbound("webpush", person.address))

    assert not any(secret in caplog.text for secret in (PATH, TEXT, unpadded(person.auth)))


def test_a_subscription_is_masked_like_any_address() -> None:
    address = Browser("https://push.example.com/u/dana@example.com/x").address

    assert mask(address) == f'{{"end•••{address[-4:]}'
