"""FCM's HTTP v1 API, by requests, with google-auth for the token: one request that could send."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock

import requests
from google.auth.exceptions import GoogleAuthError
from google.auth.transport import Response as TokenResponse

from providers.fcm.credentials import credentials
from providers.fcm.settings import FcmSettings
from providers.request_body import RequestBody
from providers.within import Adapter, locked, within

#: Google's tokens are good for an hour; a clock of ours may be a little wrong.
_EARLY = timedelta(minutes=5)


class NotReached(Exception):
    """No connection, so nothing was sent."""


class Dropped(Exception):
    """The request went out, and no whole answer came back."""


@dataclass(eq=False)
class NoToken(Exception):
    """Google gives no token, so nothing was sent; `status` None where it gave no answer."""

    status: int | None = None
    retry_after: str | None = None


class Line:
    """For use from many threads."""

    def __init__(self, settings: FcmSettings) -> None:
        self._url = f"{settings.api_base_url}/v1/projects/{settings.project}/messages:send"
        self._timeout = settings.timeout
        self._session = _session(settings.max_concurrent)
        self._credentials = credentials(settings.account)
        self._one_at_a_time = Lock()

    def post(self, body: bytes) -> requests.Response:
        """One request, never a second. Raises `NoToken`, `NotReached` or `Dropped`."""
        with within(self._timeout):
            return self._post(body, self._token())

    def _post(self, body: bytes, token: str) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        counted = RequestBody(body)
        try:
            return self._session.post(
                self._url,
                data=counted,
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            why = type(error).__name__
            raise (Dropped(why) if counted.asked_for else NotReached(why)) from None

    def forget_token(self) -> None:
        """It was not taken: the next send asks for another one."""
        self._credentials.token = None

    def _token(self) -> str:
        """It may take half of a send's time, with the wait for another send that asks for one."""
        try:
            with within(self._timeout / 2), locked(self._one_at_a_time):
                if not self._credentials.token or self._is_old():
                    self._refresh()
                return str(self._credentials.token)
        except TimeoutError:
            raise NoToken from None

    def _is_old(self) -> bool:
        expiry = self._credentials.expiry
        # It is in UTC, and does not say so.
        return expiry is None or expiry.replace(tzinfo=UTC) - _EARLY <= datetime.now(UTC)

    def _refresh(self) -> None:
        try:
            self._credentials.refresh(self._ask)  # type: ignore[no-untyped-call]
        except (GoogleAuthError, TypeError, ValueError):
            # A 200 with something else in it. The error's text would hold what it was.
            raise NoToken from None

    def _ask(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **_: object,
    ) -> TokenResponse:
        """google-auth's transport. What google-auth would try again, up to three times, raises."""
        try:
            answer = self._session.request(
                method,
                url,
                data=body,
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
            )
        except requests.RequestException:
            raise NoToken from None
        if answer.status_code != 200:
            raise NoToken(answer.status_code, answer.headers.get("Retry-After"))
        return _Answer(answer)


class _Answer(TokenResponse):
    def __init__(self, answer: requests.Response) -> None:
        self._answer = answer

    @property
    def status(self) -> int:
        return self._answer.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        return self._answer.headers

    @property
    def data(self) -> bytes:
        return self._answer.content


def _session(connections: int) -> requests.Session:
    session = requests.Session()
    # Neither a proxy of the environment, nor a .netrc, whose login would take the token's place.
    session.trust_env = False
    # A connection kept open dies unseen, and a send on it would be of unknown outcome.
    session.headers["Connection"] = "close"
    for scheme in ("https://", "http://"):
        session.mount(scheme, Adapter(pool_maxsize=connections, max_retries=0))
    return session
