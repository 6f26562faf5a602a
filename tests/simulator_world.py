"""A running simulator and a webhook that writes down, for the tests that speak to them."""

import base64
from collections.abc import Iterator
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


class World:
    def __init__(self, base: str, hooks: Webhook, chosen: Settings) -> None:
        self.base, self.hooks, self.settings = base, hooks, chosen

    def forget(self) -> None:
        requests.delete(f"{self.base}/simulator/state", timeout=5).raise_for_status()
        self.hooks.hooks.clear()
        self.hooks.answers.clear()

    def get(self, path: str, **query: str) -> Any:
        return requests.get(f"{self.base}/simulator{path}", params=query, timeout=5).json()

    def post(self, path: str, **body: Any) -> Any:
        response = requests.post(f"{self.base}/simulator{path}", json=body, timeout=5)
        assert response.status_code < 300, response.text
        return response.json()

    def message(self, message_id: str) -> Any:
        return next(one for one in self.get("/messages") if one["id"] == message_id)

    def send(self, *, wait: float = 5, **form: Any) -> requests.Response:
        """An SMS through Twilio's API, without its SDK."""
        status = f"{self.hooks.url}/twilio/status?m=order-1.2"
        body = {"To": PERSON, "From": SENDER, "Body": "Home?", "StatusCallback": status, **form}
        login = (ACCOUNT, "token")
        return requests.post(self.base + MESSAGES, data=body, auth=login, timeout=wait)

    def call(self, **form: Any) -> Any:
        """A call through Twilio's API; returns its sid."""
        body = {"To": PERSON, "From": SENDER, **form}
        answer = requests.post(self.base + CALLS, data=body, auth=(ACCOUNT, "token"), timeout=5)
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
        return requests.post(url, json=body, headers=login, timeout=5)


def twilio_client(world: World, user: str = ACCOUNT, password: str = "token") -> Any:
    http = TwilioHttpClient(timeout=5, pool_connections=False)
    client = Client(user, password, ACCOUNT, http_client=http)
    client.api.base_url = world.base
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
    options = HttpClientOptions(api_host=host, timeout=5, max_retries=0, pool_maxsize=1)
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
