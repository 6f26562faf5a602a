"""SendGrid's own client, kept to one request: it would follow a redirect with a second one."""

import logging
from email.message import Message
from typing import IO, Any, NoReturn
from urllib.error import URLError
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

from python_http_client import Client
from python_http_client.client import Response
from python_http_client.exceptions import HTTPError
from sendgrid import SendGridAPIClient

from failover.events import Failure, FailureClass
from providers.base import ProviderUnavailable, SendUnknown
from providers.sendgrid.settings import SendGridSettings
from providers.within import Plain, Tls, within


class Answered(Exception):
    """An answer that is no success."""

    def __init__(self, error: HTTPError) -> None:
        super().__init__(f"HTTP {error.status_code}")
        self.status: int = error.status_code
        self.body: bytes = error.body
        self.headers: Message = error.headers


class _Stay(HTTPRedirectHandler):
    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> None:
        return None


class _OneRequest(Client):  # type: ignore[misc]
    """The SDK builds one of its own for each part of a path; this one stays itself."""

    def _build_client(self, name: str | None = None) -> "_OneRequest":
        return _OneRequest(
            host=self.host,
            version=self._version,
            request_headers=self.request_headers,
            url_path=[*self._url_path, name] if name else self._url_path,
            timeout=self.timeout,
        )

    def _make_request(
        self, opener: OpenerDirector, request: Request, timeout: float | None = None
    ) -> Any:
        return super()._make_request(build_opener(_Stay, Plain, Tls), request, timeout=timeout)


def post(settings: SendGridSettings, letter: dict[str, Any]) -> Response:
    """Send one mail.

    Raises `Answered`, `ProviderUnavailable` or `SendUnknown`.
    """
    try:
        with within(settings.timeout):
            return _client(settings).mail.send.post(request_body=letter)
    except HTTPError as error:
        raise Answered(error) from None
    except URLError as error:
        _not_sent(error)
    except Exception as error:
        # Timed out while waiting for the answer (TimeoutError), cut off (RemoteDisconnected,
        # ConnectionResetError), or an answer that cannot be read.
        raise SendUnknown(f"sendgrid: {type(error).__name__}") from None


def get_activity(settings: SendGridSettings, query: str) -> Response:
    """Email Activity.

    Raises `Answered` or `ProviderUnavailable`.
    """
    try:
        with within(settings.timeout):
            return _client(settings).messages.get(query_params={"query": query, "limit": 10})
    except HTTPError as error:
        raise Answered(error) from None
    except Exception as error:
        raise unavailable(error) from None


def unavailable(error: object) -> ProviderUnavailable:
    # Only the error's name: its text may hold what was sent.
    detail = f"sendgrid could not be reached: {type(error).__name__}"
    return ProviderUnavailable(Failure(kind=FailureClass.PROVIDER, detail=detail))


def _client(settings: SendGridSettings) -> _OneRequest:
    """A new one for each request, as it keeps the headers of the last one on itself."""
    # At DEBUG the SDK logs the Authorization header, the payload and the answer.
    logging.getLogger("python_http_client").setLevel(logging.CRITICAL)
    api = SendGridAPIClient(settings.api_key.get_secret_value(), host=settings.api_base_url)
    headers = api.client.request_headers
    return _OneRequest(host=api.host, request_headers=headers, version=3, timeout=settings.timeout)


def _not_sent(error: URLError) -> NoReturn:
    """urllib wraps what goes wrong until the whole request is handed over, and nothing later.

    So a TimeoutError in here is one of connecting, of the TLS handshake or of writing, each with
    the request incomplete; one of waiting for the answer comes bare. A connection reset under
    way is left as unknown all the same: a proxy between may have had the request.
    """
    if isinstance(error.reason, ConnectionResetError | ConnectionAbortedError | BrokenPipeError):
        raise SendUnknown(f"sendgrid: {type(error.reason).__name__}") from None
    raise unavailable(error.reason) from None
