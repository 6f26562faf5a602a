"""What Vonage's errors mean: in its answers, and in its status callbacks."""

import json
import logging
import re
from typing import Any, NoReturn

from requests import Response

from failover.addresses import scrub
from failover.events import Failure, FailureClass
from providers.base import LookUpImpossible, ProviderUnavailable, Refused, SendUnknown
from providers.codes import AtOnce, by_status, codes
from providers.retry_after import retry_after

#: By the end of a problem's `type`.
CODES = {
    **codes("providers.vonage", "messages"),
    **codes("providers.vonage", "problems"),
    **{f"sms {code}": known for code, known in codes("providers.vonage", "sms").items()},
}
#: Of a refusal whose problem has none of these.
STATUSES = codes("providers.vonage", "http")

_log = logging.getLogger(__name__)

#: As in `to` and `to[0].number`.
_TO = re.compile(r"to\b")


def failure(problem: object) -> Failure:
    """The failure in a problem of Vonage's; a code in no table is told to the log."""
    said = problem if isinstance(problem, dict) else {}
    code, detail = _code(said), scrub(_text(said.get("detail")))[:300]
    if code is None:
        return Failure(detail=detail or None)
    if known := CODES.get(code):
        return known.failure(code, detail)
    _log.warning("vonage: code %s is in no table of ours", code)
    return Failure(code=code, detail=detail or None)


def refusal(answer: Response) -> Refused:
    """What an answer that is no success means.

    Raises `ProviderUnavailable` or `SendUnknown` where it is no refusal.
    """
    told = _failure_of(answer)
    known, status = CODES.get(told.code or ""), STATUSES.get(str(answer.status_code))
    # A code's own word goes before that of the status.
    at_once = (known and known.at_once) or (status and status.at_once)
    if answer.status_code >= 500 or answer.status_code < 400 or at_once == AtOnce.UNKNOWN:
        raise SendUnknown(f"vonage answered {answer.status_code} {told.code}")
    if at_once == AtOnce.AGAIN:
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
    """By its code; without one that is known, by the HTTP status."""
    try:
        said = answer.json()
    except (ValueError, RecursionError):
        said = None
    told, status = failure(said), answer.status_code
    if told.code is not None:
        heard = told.kind != FailureClass.UNRECOGNIZED
        return told if heard else by_status(told, status, STATUSES)
    known = STATUSES.get(str(status))
    kind = known.kind if known else _at_fault(said, status)
    detail = told.detail or f"HTTP {status}"
    return told.model_copy(update={"kind": kind, "code": str(status), "detail": detail})


def _at_fault(said: object, status: int) -> FailureClass:
    """The Voice API has no codes: it names the parameters that it does not like."""
    if not 400 <= status < 500:
        return FailureClass.PROVIDER
    listed = said.get("invalid_parameters") if isinstance(said, dict) else None
    names = [_text(one.get("name")) for one in listed or [] if isinstance(one, dict)]
    return FailureClass.ADDRESS if any(map(_TO.match, names)) else FailureClass.CONTENT


def _code(problem: dict[str, Any]) -> str | None:
    """As it is called in `CODES`; None where the HTTP status has to say it.

    The `type` ends in #code; the `title` is the code in callbacks only, as text or number. The
    Voice API may have an HTTP status for a type.
    """
    page, _, said = _text(problem.get("type")).rpartition("#")
    if page.endswith("/sms") and said.isascii() and said.isdigit():
        return f"sms {said[:8]}"
    for code in (said, _text(problem.get("title"))):
        if code in CODES or (code.isascii() and code.isdigit() and 3 < len(code) <= 8):
            return code
    return None


def _text(value: object) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value)
    return "" if value is None else str(value).encode(errors="replace").decode()
