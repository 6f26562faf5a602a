"""Acme's HTTP API, by requests: one request that could send."""

from collections.abc import Mapping

import requests

from providers.acme.settings import AcmeSettings
from providers.request_body import RequestBody
from providers.within import Adapter


class NotReached(Exception):
    """No connection, so nothing was sent."""


class Dropped(Exception):
    """The request went out, and no whole answer came back."""


class Line:
    """For use from many threads."""

    def __init__(self, settings: AcmeSettings) -> None:
        self._url = f"{settings.api_base_url}/v1/messages"
        self._timeout = settings.timeout
        self._session = _session(settings)

    def post(self, body: bytes) -> requests.Response:
        """One request, never a second. Raises `NotReached` or `Dropped`."""
        counted = RequestBody(body)
        try:
            return self._session.post(
                self._url,
                data=counted,
                headers={"Content-Type": "application/json"},
                timeout=self._timeout,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            # Only the error's name: its text may hold what was sent.
            why = type(error).__name__
            raise (Dropped(why) if counted.asked_for else NotReached(why)) from None

    def get(self, query: Mapping[str, str]) -> requests.Response:
        """Raises `NotReached`: whether it went out makes no difference."""
        try:
            return self._session.get(
                self._url, params=query, timeout=self._timeout, allow_redirects=False
            )
        except requests.RequestException as error:
            raise NotReached(type(error).__name__) from None


def _session(settings: AcmeSettings) -> requests.Session:
    session = requests.Session()
    # Neither a proxy of the environment, nor a .netrc, whose login would take the key's place.
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {settings.api_key.get_secret_value()}"
    # A connection kept open dies unseen, and a send on it would be of unknown outcome.
    session.headers["Connection"] = "close"
    for scheme in ("https://", "http://"):
        session.mount(scheme, Adapter(pool_maxsize=settings.max_concurrent, max_retries=0))
    return session
