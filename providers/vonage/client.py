"""Vonage's own client over an HTTP edge that sends at most once and knows whether it did."""

import logging
import math
import threading
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest, Response
from vonage import HttpClientOptions, Vonage

from providers.request_body import RequestBody
from providers.vonage.keys import KeyedAuth
from providers.vonage.settings import VonageSettings
from providers.within import Adapter


class Edge(Adapter):
    """Where the SDK's requests leave: the SDK knows `https://` and whole seconds only."""

    def __init__(self, *, base_url: str, timeout: float) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)
        self._scheme = urlsplit(base_url).scheme
        self._timeout = timeout
        self._body = RequestBody()

    @property
    def went_out(self) -> bool:
        """Whether the last request may have reached Vonage."""
        return self._body.asked_for

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        self._body = RequestBody(request.body if isinstance(request.body, bytes) else b"")
        if request.body:
            request.body = self._body
        request.url = f"{self._scheme}:{(request.url or '').partition(':')[2]}"
        options["timeout"] = self._timeout
        return super().send(request, *args, **options)


class Line(threading.local):
    """The SDK's client, one a thread: it keeps the headers of the request under way on itself."""

    def __init__(self, settings: VonageSettings) -> None:
        url = urlsplit(settings.api_base_url)
        self.host = f"{url.netloc}{url.path}"
        self.edge = Edge(base_url=settings.api_base_url, timeout=settings.timeout)
        self.vonage = _client(settings, self.host)
        session = self.vonage.http_client._session
        session.mount(f"https://{url.netloc}", self.edge)
        session.max_redirects = 0  # requests would follow a 307 with a second POST
        # A connection kept open dies unseen, and a send on it would be of unknown outcome.
        session.headers["Connection"] = "close"


def _client(settings: VonageSettings, host: str) -> Vonage:
    # The SDK logs its headers, with the token, at DEBUG and the answer to a refusal at WARNING.
    logging.getLogger("vonage").setLevel(logging.CRITICAL)
    secret = settings.api_secret
    auth = KeyedAuth(
        application_id=settings.application_id,
        private_key=settings.private_key.get_secret_value(),
        api_key=settings.api_key,
        api_secret=secret and secret.get_secret_value(),
    )
    # After a dropped connection the SDK sends again, `pool_maxsize` times in all.
    options = HttpClientOptions(
        api_host=host, timeout=math.ceil(settings.timeout), max_retries=0, pool_maxsize=1
    )
    return Vonage(auth, options)
