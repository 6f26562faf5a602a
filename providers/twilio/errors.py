"""What Twilio's refusals and silences mean for a send, decided once, here."""

import logging
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from failover.addresses import scrub
from failover.events import Failure, FailureClass
from providers.base import LookUpImpossible, ProviderUnavailable, Refused, SendUnknown
from providers.codes import AtOnce, by_status, codes
from providers.retry_after import retry_after
from providers.twilio.client import Answered, Dropped, NotReached

T = TypeVar("T")

CODES = codes("providers.twilio", "errors")
#: Of a refusal whose code is in no table.
STATUSES = codes("providers.twilio", "http")

#: A message's `status`.
_ENDED = frozenset({"failed", "undelivered", "canceled"})

_log = logging.getLogger(__name__)


def sent(request: Callable[[], T]) -> T | Refused:
    """The resource that a request created, or why Twilio will never create it.

    Raises `ProviderUnavailable` and `SendUnknown` as `providers.base.Sender` has them.
    """
    try:
        return request()
    except NotReached as error:
        raise ProviderUnavailable(_provider(f"no connection: {error.why}")) from None
    except Dropped as error:
        raise SendUnknown(f"no answer: {error.why}") from None
    except Answered as answer:
        return _refusal(answer)
    except Exception as error:
        raise SendUnknown(f"unreadable answer: {type(error).__name__}") from None


def found(request: Callable[[], T]) -> T:
    """What a look-up found. Asking again does no harm, so most failures are worth it."""
    try:
        return request()
    except Answered as answer:
        if answer.status in (401, 403, 404):
            raise LookUpImpossible(f"Twilio answers {answer.status} to look-ups") from None
        raise ProviderUnavailable(
            failure_of(answer), retry_after(answer.headers.get("Retry-After"))
        ) from None
    except Exception as error:
        raise ProviderUnavailable(_provider(f"look-up: {type(error).__name__}")) from None


def failure(code: str | None, said: str = "", otherwise: str = "") -> Failure:
    """A code from an answer or a callback; one in no table is told to the log."""
    known = CODES.get(code or "")
    told = scrub(said)[:300]
    if known:
        return known.failure(code, told)
    if code:
        _log.warning("twilio: code %s is in no table of ours", scrub(code)[:20])
    return Failure(code=code and code[:20], detail=told or otherwise or None)


def ended(message: Any) -> Refused | None:
    """Of a message that is over in the answer that takes it, as no callback tells that status."""
    status, said = message.status, message.error_message
    if not isinstance(status, str) or status not in _ENDED:
        return None
    code = str(message.error_code) if message.error_code else None
    return Refused(failure=failure(code, said if isinstance(said, str) else "", status))


def failure_of(answer: Answered) -> Failure:
    """The failure in an answer; where it has no known code, the HTTP status says whose it is."""
    code = str(answer.code) if answer.code else None
    told = failure(code, answer.message, f"HTTP {answer.status}")
    if told.kind == FailureClass.UNRECOGNIZED:
        told = by_status(told, answer.status, STATUSES)
    if told.kind != FailureClass.UNRECOGNIZED:
        return told
    if answer.status >= 500:
        return told.model_copy(update={"kind": FailureClass.PROVIDER})
    return told if code else told.model_copy(update={"kind": FailureClass.CONTENT})


def _refusal(answer: Answered) -> Refused:
    known, status = CODES.get(str(answer.code)), STATUSES.get(str(answer.status))
    # A code's own word goes before that of the status.
    at_once = (known and known.at_once) or (status and status.at_once)
    if answer.status >= 500 or answer.status < 400 or at_once == AtOnce.UNKNOWN:
        _unknown(answer)
    told = failure_of(answer)
    if at_once == AtOnce.AGAIN:
        raise ProviderUnavailable(told, retry_after(answer.headers.get("Retry-After")))
    return Refused(failure=told)


def _unknown(answer: Answered) -> NoReturn:
    raise SendUnknown(f"HTTP {answer.status} {answer.code or ''}".strip())


def _provider(detail: str) -> Failure:
    return Failure(kind=FailureClass.PROVIDER, detail=detail)
