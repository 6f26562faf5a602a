"""Twilio's own client over an HTTP edge that sends at most once and forgets nothing it was told."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import requests
from twilio.http.response import Response
from twilio.rest import Client

from providers.request_body import RequestBody
from providers.twilio.settings import TwilioSettings
from providers.within import Adapter


@dataclass(eq=False)
class NotReached(Exception):
    """No connection, so nothing was sent: refused, DNS, TLS, a proxy, a timeout in connecting."""

    why: str


@dataclass(eq=False)
class Dropped(Exception):
    """The request went out, and no whole answer came back."""

    why: str


@dataclass(eq=False)
class Answered(Exception):
    """An answer that is not a success. The SDK's own exception would lose the headers."""

    status: int
    headers: Mapping[str, str]
    code: int | None = None
    message: str = ""


class Edge:
    """What the SDK takes as its `http_client`.

    The SDK's own client logs headers, parameters and bodies at DEBUG; this one logs nothing.
    """

    is_async = False

    def __init__(self, *, timeout: float, connections: int) -> None:
        self._timeout = timeout
        self._session = requests.Session()
        adapter = Adapter(pool_maxsize=connections, max_retries=0)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def request(
        self,
        method: str,
        url: str,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        **_: object,
    ) -> Response:
        """One request, never a second. Raises `NotReached`, `Dropped` or `Answered`."""
        body = RequestBody(_written(data or {}, headers or {}))
        try:
            answer = self._session.request(
                method,
                url,
                params=params,
                data=body if method == "POST" else None,
                headers=headers,
                auth=auth,
                timeout=self._timeout,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            why = type(error).__name__
            raise (Dropped(why) if body.asked_for else NotReached(why)) from None
        if not 200 <= answer.status_code < 300:
            raise _answered(answer)
        return Response(answer.status_code, answer.text, answer.headers)


def _written(data: Mapping[str, Any], headers: Mapping[str, str]) -> bytes:
    """A form, and JSON for the Content API."""
    if headers.get("Content-Type") == "application/json":
        return json.dumps(data).encode()
    return urlencode(data, doseq=True).encode()


def _answered(answer: requests.Response) -> Answered:
    refusal = Answered(answer.status_code, answer.headers)
    try:
        said = json.loads(answer.text)
    except ValueError:
        return refusal
    if isinstance(said, dict):
        code = said.get("code")
        refusal.code = code if isinstance(code, int) else None
        refusal.message = str(said.get("message") or "")
    return refusal


def client(settings: TwilioSettings, timeout: float | None = None) -> Client:
    """The real SDK client, for use from many threads."""
    # urllib3 logs the query at DEBUG, which for a look-up holds the person's number.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
    key, secret = settings.api_key_sid, settings.api_key_secret
    user, password = (
        (key, secret) if key and secret else (settings.account_sid, settings.auth_token)
    )
    edge = Edge(timeout=timeout or settings.timeout, connections=settings.max_concurrent)
    made = Client(user, password.get_secret_value(), settings.account_sid, http_client=edge)
    if settings.api_base_url:
        made.api.base_url = made.content.base_url = settings.api_base_url
        made.region = made.edge = None  # they would rewrite the host to one of twilio.com
    return made
