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
from providers.fcm.client import NoToken
from providers.retry_after import retry_after

_log = logging.getLogger(__name__)

CODES: dict[str, tuple[FailureClass, str]] = {
    "UNSPECIFIED_ERROR": (FailureClass.PROVIDER, "FCM says no more"),
    "INVALID_ARGUMENT": (FailureClass.CONTENT, "something in the message is wrong or too large"),
    "UNREGISTERED": (FailureClass.ADDRESS, "the app is gone, or has another token now"),
    "SENDER_ID_MISMATCH": (FailureClass.SENDER, "the token is of another Firebase project"),
    "QUOTA_EXCEEDED": (FailureClass.CAP, "faster than the project, or this device, may be sent to"),
    "UNAVAILABLE": (FailureClass.PROVIDER, "FCM is overloaded"),
    "INTERNAL": (FailureClass.PROVIDER, "an internal error at FCM"),
    # Of Apple's or the browsers' devices alone: the account is of use for all others.
    "THIRD_PARTY_AUTH_ERROR": (FailureClass.SENDER, "the project's APNs or web push key is wrong"),
    # Ours, before anything is sent.
    "NOT_A_TOKEN": (FailureClass.SENDER, "a browser's subscription is no registration token"),
    "TOO_LARGE": (FailureClass.CONTENT, "more than the 4096 bytes that a push may have"),
}
#: Certainly not taken, and worth another try.
_NOT_TAKEN = frozenset({"QUOTA_EXCEEDED"})
_BY_STATUS = {
    400: FailureClass.CONTENT,
    401: FailureClass.ACCOUNT,
    403: FailureClass.ACCOUNT,
    404: FailureClass.ACCOUNT,  # of the project; a token's 404 says UNREGISTERED
    429: FailureClass.CAP,
}


def known(code: str) -> Failure:
    kind, meaning = CODES[code]
    return Failure(kind=kind, code=code, detail=meaning)


def refusal(answer: requests.Response) -> Refused:
    """What an answer that is no success means.

    Raises `ProviderUnavailable` or `SendUnknown` where it is no refusal.
    """
    status, told = answer.status_code, _failure(answer)
    if status >= 500 or status < 400:
        raise SendUnknown(f"fcm answered {status} {told.code}")
    if status in (408, 429) or told.code in _NOT_TAKEN:
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
        return known(code)
    _log.warning("fcm: code %s is in no table of ours", code)
    return Failure(kind=FailureClass.UNRECOGNIZED, code=code, detail=said)


def _by_status(status: int, said: str | None) -> Failure:
    otherwise = FailureClass.PROVIDER if status >= 500 else FailureClass.CONTENT
    kind = _BY_STATUS.get(status, otherwise)
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
