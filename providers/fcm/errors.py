"""What FCM's errors mean.

The codes are those of its page "ErrorCode" (REST v1) and, where an answer has none of them, the
status words and numbers of Google's APIs.
"""

import json
import logging
from typing import Any

import requests

from failover.addresses import scrub
from failover.events import Failure, FailureClass
from providers.base import ProviderUnavailable, Refused, SendUnknown
from providers.codes import AtOnce, by_status, codes
from providers.fcm.client import NoToken
from providers.retry_after import retry_after

_log = logging.getLogger(__name__)

CODES = codes("providers.fcm", "errors")
OURS = codes("providers.fcm", "ours")
STATUSES = codes("providers.fcm", "http")


def known(code: str) -> Failure:
    """Of a code of ours."""
    return OURS[code].failure(code)


def refusal(answer: requests.Response) -> Refused:
    """What an answer that is no success means.

    Raises `ProviderUnavailable` or `SendUnknown` where it is no refusal.
    """
    status, told = answer.status_code, _failure(answer)
    if status >= 500 or status < 400:
        raise SendUnknown(f"fcm answered {status} {told.code}")
    listed = [CODES.get(told.code or ""), STATUSES.get(str(status))]
    if any(code and code.at_once == AtOnce.AGAIN for code in listed):
        raise ProviderUnavailable(told, retry_after(answer.headers.get("Retry-After")))
    return Refused(failure=told)


def without_a_token(error: NoToken) -> Refused:
    """Nothing was sent. Raises `ProviderUnavailable` where that may change by itself."""
    status, detail = error.status, "Google gives no token for FCM_SERVICE_ACCOUNT"
    if status is not None and 400 <= status < 500 and status not in (408, 429):
        code = f"token {status}"
        return Refused(failure=Failure(kind=FailureClass.ACCOUNT, code=code, detail=detail))
    kind = FailureClass.CAP if status == 429 else FailureClass.PROVIDER
    named = f"token {status}" if status else None
    wait = retry_after(error.retry_after)
    raise ProviderUnavailable(Failure(kind=kind, code=named, detail=detail), wait)


def unreachable(error: Exception) -> ProviderUnavailable:
    detail = f"fcm could not be reached: {error}"
    return ProviderUnavailable(Failure(kind=FailureClass.PROVIDER, detail=detail))


def _failure(answer: requests.Response) -> Failure:
    error = _error(answer)
    code, said = _code(error), scrub(str(error.get("message") or ""))[:300] or None
    if code is None:
        return _by_status(answer.status_code, said)
    if code == "INVALID_ARGUMENT" and _is_about_the_token(error):
        detail = "it is no registration token"
        return Failure(kind=FailureClass.ADDRESS, code=code, detail=detail)
    if code in CODES:
        return CODES[code].failure(code)
    _log.warning("fcm: code %s is in no table of ours", code)
    return by_status(Failure(code=code, detail=said), answer.status_code, STATUSES)


def _by_status(status: int, said: str | None) -> Failure:
    otherwise = FailureClass.PROVIDER if status >= 500 else FailureClass.CONTENT
    listed = STATUSES.get(str(status))
    kind = listed.kind if listed else otherwise
    return Failure(kind=kind, code=str(status), detail=said or f"HTTP {status}")


def _error(answer: requests.Response) -> dict[str, Any]:
    try:
        said = json.loads(answer.content)
    except (ValueError, RecursionError):
        return {}
    error = said.get("error") if isinstance(said, dict) else None
    return error if isinstance(error, dict) else {}


def _code(error: dict[str, Any]) -> str | None:
    """FCM's own among the details; `status` is Google's, of which a wrong message has one."""
    for detail in _details(error):
        if isinstance(code := detail.get("errorCode"), str):
            return code[:100]
    status = error.get("status")
    return status if status == "INVALID_ARGUMENT" else None


def _is_about_the_token(error: dict[str, Any]) -> bool:
    """A field at fault where one is named, else in words: FCM has no code of its own for it."""
    for detail in _details(error):
        violations = detail.get("fieldViolations")
        if isinstance(violations, list) and violations:
            named = [one.get("field") for one in violations if isinstance(one, dict)]
            return "message.token" in named
    return "registration token" in str(error.get("message")).lower()


def _details(error: dict[str, Any]) -> list[dict[str, Any]]:
    details = error.get("details")
    listed = details if isinstance(details, list) else []
    return [detail for detail in listed if isinstance(detail, dict)]
