"""What Vonage's errors mean: in its answers, and in its status callbacks."""

import json
import logging
from typing import Any, NoReturn

from requests import Response

from failover.addresses import scrub
from failover.events import Failure, FailureClass
from providers.base import LookUpImpossible, ProviderUnavailable, Refused, SendUnknown
from providers.retry_after import retry_after
from providers.vonage.codes import CODES, NOT_TAKEN, UNDETERMINED

_log = logging.getLogger(__name__)

_BY_STATUS = {
    401: FailureClass.ACCOUNT,
    402: FailureClass.ACCOUNT,
    403: FailureClass.ACCOUNT,
    429: FailureClass.CAP,
}


def failure(problem: object) -> Failure:
    """The failure in a problem of Vonage's; a code in no table is told to the log."""
    said = problem if isinstance(problem, dict) else {}
    code, detail = _code(said), scrub(_text(said.get("detail")))[:300]
    if code is None:
        return Failure(detail=detail or None)
    kind, meaning = CODES.get(code, (FailureClass.UNRECOGNIZED, None))
    if kind == FailureClass.UNRECOGNIZED:
        _log.warning("vonage: code %s is in no table of ours", code)
    return Failure(kind=kind, code=code, detail=detail or meaning)


def refusal(answer: Response) -> Refused:
    """What an answer that is no success means.

    Raises `ProviderUnavailable` or `SendUnknown` where it is no refusal.
    """
    told = _failure_of(answer)
    if answer.status_code >= 500 or answer.status_code < 400 or told.code in UNDETERMINED:
        raise SendUnknown(f"vonage answered {answer.status_code} {told.code}")
    if answer.status_code in (408, 429) or told.code in NOT_TAKEN:
        raise ProviderUnavailable(told, retry_after(answer.headers.get("Retry-After")))
    return Refused(failure=told)


def not_looked_up(answer: Response) -> NoReturn:
    """What a failed look-up means: asking again is always safe."""
    if answer.status_code < 500 and answer.status_code not in (408, 429):
        raise LookUpImpossible(f"vonage answers look-ups with {answer.status_code}")
    wait = retry_after(answer.headers.get("Retry-After"))
    raise ProviderUnavailable(_failure_of(answer), wait)


def unreachable(error: Exception) -> ProviderUnavailable:
    # Only the error's name: its text may hold what was sent.
    detail = f"vonage could not be reached: {type(error).__name__}"
    return ProviderUnavailable(Failure(kind=FailureClass.PROVIDER, detail=detail))


def _failure_of(answer: Response) -> Failure:
    """By its code; without one, by the HTTP status."""
    try:
        told = failure(answer.json())
    except (ValueError, RecursionError):
        told = Failure()
    if told.code is not None:
        return told
    status = answer.status_code
    otherwise = FailureClass.CONTENT if 400 <= status < 500 else FailureClass.PROVIDER
    kind = _BY_STATUS.get(status, otherwise)
    detail = told.detail or f"HTTP {status}"
    return told.model_copy(update={"kind": kind, "code": str(status), "detail": detail})


def _code(problem: dict[str, Any]) -> str | None:
    """The `type` ends in #code; the `title` is the code in callbacks only, as text or number."""
    for said in (_text(problem.get("type")).rpartition("#")[2], _text(problem.get("title"))):
        if said.isascii() and said.isdigit() and len(said) <= 8:
            return said
    return None


def _text(value: object) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value)
    return "" if value is None else str(value).encode(errors="replace").decode()
