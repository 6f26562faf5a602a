"""A running simulator and a webhook that writes down, for the tests that speak to them."""

import base64
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from requests.adapters import HTTPAdapter
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from vonage import Auth, HttpClientOptions, Vonage

from simulator.settings import Settings
from simulator.testing import Hook, Webhook, running, settings, webhook

ACCOUNT = "AC" + "0" * 32
MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
CALLS = f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
PERSON = "+14155550100"
SENDER = "+15005550006"
#: Seconds for an answer of the simulator.
PATIENCE = 30


class _Hooks(list[Hook]):
    """Those of messages that are not past: every callback names the message it is about."""

    def __init__(self, past: Iterable[str]) -> None:
        super().__init__()
        self._past = [message_id.encode() for message_id in past]

    def append(self, hook: Hook) -> None:
        if not any(message_id in hook.body for message_id in self._past):
            super().append(hook)


class World:
    def __init__(self, base: str, hooks: Webhook, chosen: Settings) -> None:
        self.base, self.hooks, self.settings = base, hooks, chosen
        self._past: set[str] = set()

    def forget(self) -> None:
        """As if nothing had been sent; a callback of before that comes late is left out."""
        self._past.update(one["id"] for one in self.get("/messages"))
        requests.delete(f"{self.base}/simulator/state", timeout=PATIENCE).raise_for_status()
        self.hooks.hooks = _Hooks(self._past)
        self.hooks.answers.clear()

    def get(self, path: str, **query: str) -> Any:
        return requests.get(f"{self.base}/simulator{path}", params=query, timeout=PATIENCE).json()

    def post(self, path: str, **body: Any) -> Any:
        response = requests.post(f"{self.base}/simulator{path}", json=body, timeout=PATIENCE)
        assert response.status_code < 300, response.text
        return response.json()

    def message(self, message_id: str) -> Any:
        return next(one for one in self.get("/messages") if one["id"] == message_id)

    def send(self, **form: Any) -> requests.Response:
        """An SMS through Twilio's API, without its SDK."""
        status = f"{self.hooks.url}/twilio/status?m=order-1.2"
        body = {"To": PERSON, "From": SENDER, "Body": "Home?", "StatusCallback": status, **form}
        login = (ACCOUNT, "token")
        return requests.post(self.base + MESSAGES, data=body, auth=login, timeout=PATIENCE)

    def call(self, **form: Any) -> Any:
        """A call through Twilio's API; returns its sid."""
        body = {"To": PERSON, "From": SENDER, **form}
        answer = requests.post(
            self.base + CALLS, data=body, auth=(ACCOUNT, "token"), timeout=PATIENCE
        )
        assert answer.status_code == 201, answer.text
        return answer.json()["sid"]

    def mail(self, **changes: Any) -> requests.Response:
        """A mail through SendGrid's API, without its SDK."""
        body: dict[str, Any] = {
            "personalizations": [{"to": [{"email": "dana@example.com"}]}],
            "from": {"email": "us@example.com"},
            "subject": "Home?",
            "content": [{"type": "text/plain", "value": "Home?"}],
            **changes,
        }
        login = {"Authorization": "Bearer SG.key"}
        url = f"{self.base}/v3/mail/send"
        return requests.post(url, json=body, headers=login, timeout=PATIENCE)


def twilio_client(world: World, user: str = ACCOUNT, password: str = "token") -> Any:
    http = TwilioHttpClient(timeout=PATIENCE, pool_connections=False)
    client = Client(user, password, ACCOUNT, http_client=http)
    client.api.base_url = client.content.base_url = world.base
    return client


def assert_signed_by_twilio(world: World, hook: Hook) -> None:
    signature = hook.headers["X-Twilio-Signature"]
    url = world.hooks.url + hook.path
    assert RequestValidator("token").validate(url, hook.form, signature)


class PlainHttp(HTTPAdapter):
    """The SDK always says https; the simulator listens on plain HTTP."""

    def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        request.url = request.url.replace("https://", "http://", 1)
        return super().send(request, *args, **kwargs)


def vonage_client(world: World, application: str = "", key: str = "") -> Any:
    application = application or str(world.settings.vonage_application_id)
    key = key or str(world.settings.vonage_private_key)
    host = world.base.removeprefix("http://")
    options = HttpClientOptions(api_host=host, timeout=PATIENCE, max_retries=0, pool_maxsize=1)
    client = Vonage(Auth(application_id=application, private_key=key), options)
    client.http_client._session.mount(f"https://{host}", PlainHttp())
    return client


def assert_signed_by_sendgrid(world: World, hook: Hook) -> None:
    key = load_pem_private_key(str(world.settings.simulator_sendgrid_private_key).encode(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    signature = base64.b64decode(hook.headers["X-Twilio-Email-Event-Webhook-Signature"])
    timestamp = hook.headers["X-Twilio-Email-Event-Webhook-Timestamp"].encode()
    key.public_key().verify(signature, timestamp + hook.body, ec.ECDSA(hashes.SHA256()))


@contextmanager
def simulated(**changes: Any) -> Iterator[World]:
    with webhook() as hooks:
        chosen = settings(hooks.url, **changes)
        with running(chosen) as base:
            yield World(base, hooks, chosen)
