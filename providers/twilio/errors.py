"""What Twilio's refusals and silences mean for a send, decided once, here."""

import logging
import re
from collections.abc import Callable
from typing import NoReturn, TypeVar

from failover.addresses import scrub
from failover.events import Failure, FailureClass
from providers.base import LookUpImpossible, ProviderUnavailable, Refused, SendUnknown
from providers.retry_after import retry_after
from providers.twilio.client import Answered, Dropped, NotReached
from providers.twilio.codes import CODES, DAILY, MEANINGS, NOT_TAKEN, UNDETERMINED

T = TypeVar("T")

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
    number = int(code) if code and re.fullmatch("[0-9]{1,9}", code) else 0
    kind = CODES.get(number, FailureClass.UNRECOGNIZED)
    if code and kind == FailureClass.UNRECOGNIZED:
        _log.warning("twilio: code %s is in no table of ours", scrub(code)[:20])
    detail = scrub(said)[:300] or MEANINGS.get(number) or otherwise or None
    return Failure(kind=kind, code=code and code[:20], detail=detail)


def failure_of(answer: Answered) -> Failure:
    """The failure in an answer; where it has no known code, the HTTP status says whose it is."""
    code = str(answer.code) if answer.code else None
    known = failure(code, answer.message, f"HTTP {answer.status}")
    if known.kind != FailureClass.UNRECOGNIZED:
        return known
    if answer.status in (401, 403):
        return known.model_copy(update={"kind": FailureClass.ACCOUNT})
    if answer.status == 429:
        return known.model_copy(update={"kind": FailureClass.CAP})
    if answer.status == 408 or answer.status >= 500:
        return known.model_copy(update={"kind": FailureClass.PROVIDER})
    return known if code else known.model_copy(update={"kind": FailureClass.CONTENT})


def _refusal(answer: Answered) -> Refused:
    if answer.status >= 500 or answer.status < 400 or answer.code in UNDETERMINED:
        _unknown(answer)
    told = failure_of(answer)
    again = answer.status in (408, 429) or answer.code in NOT_TAKEN
    if again and answer.code not in DAILY:
        raise ProviderUnavailable(told, retry_after(answer.headers.get("Retry-After")))
    return Refused(failure=told)


def _unknown(answer: Answered) -> NoReturn:
    raise SendUnknown(f"HTTP {answer.status} {answer.code or ''}".strip())


def _provider(detail: str) -> Failure:
    return Failure(kind=FailureClass.PROVIDER, detail=detail)
