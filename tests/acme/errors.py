"""What Acme's errors mean: in its answers, and in its status callbacks."""

import json
import logging
from typing import NoReturn

import requests

from failover.addresses import scrub
from failover.events import Failure, FailureClass
from providers.base import LookUpImpossible, ProviderUnavailable, Refused, SendUnknown
from providers.codes import AtOnce, codes
from providers.retry_after import retry_after

CODES = codes("providers.acme", "errors")
#: Of a refusal whose code is in no table.
STATUSES = codes("providers.acme", "http")

_log = logging.getLogger(__name__)


def refusal(answer: requests.Response) -> Refused:
    """What an answer that is no success means.

    Raises `ProviderUnavailable` or `SendUnknown` where it is no refusal.
    """
    status, told = answer.status_code, _failure_of(answer)
    # A code's own word goes before that of the status.
    listed = CODES.get(told.code or "") or STATUSES.get(str(status))
    at_once = listed and listed.at_once
    if status >= 500 or status < 400 or at_once == AtOnce.UNKNOWN:
        raise SendUnknown(f"acme answered {status} {told.code}")
    if at_once == AtOnce.AGAIN:
        raise ProviderUnavailable(told, retry_after(answer.headers.get("Retry-After")))
    return Refused(failure=told)


def not_looked_up(answer: requests.Response) -> NoReturn:
    """What a failed look-up means: asking again is always safe."""
    if answer.status_code in (401, 403, 404):
        raise LookUpImpossible(f"acme answers look-ups with {answer.status_code}")
    wait = retry_after(answer.headers.get("Retry-After"))
    raise ProviderUnavailable(_failure_of(answer), wait)


def unreachable(error: Exception) -> ProviderUnavailable:
    detail = f"acme could not be reached: {error}"
    return ProviderUnavailable(Failure(kind=FailureClass.PROVIDER, detail=detail))


def failure(code: str, said: str | None = None) -> Failure:
    """By its code; one in no table is told to the log."""
    if known := CODES.get(code):
        return known.failure(code, said)
    _log.warning("acme: code %s is in no table of ours", ascii(scrub(code)[:60]))
    return Failure(code=code[:60], detail=said)


def _failure_of(answer: requests.Response) -> Failure:
    """By its code; without one, by the HTTP status."""
    code, said = _said(answer)
    if code:
        return failure(code, said)
    status = answer.status_code
    otherwise = FailureClass.CONTENT if 400 <= status < 500 else FailureClass.PROVIDER
    known = STATUSES.get(str(status))
    kind = known.kind if known else otherwise
    return Failure(kind=kind, code=str(status), detail=said or f"HTTP {status}")


def _said(answer: requests.Response) -> tuple[str | None, str | None]:
    """Code and words; a proxy before Acme answers with neither."""
    try:
        said = json.loads(answer.content)
    except (ValueError, RecursionError):
        return None, None
    if not isinstance(said, dict):
        return None, None
    code, words = said.get("code"), said.get("message")
    return (
        code if isinstance(code, str) else None,
        scrub(words)[:300] if isinstance(words, str) else None,
    )
