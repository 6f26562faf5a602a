"""What a push service's answer means (RFC 8030, 5 and 7.3; RFC 8292, 4.2)."""

import logging

from failover.events import Failure, FailureClass
from providers.base import ProviderUnavailable, Refused, SendUnknown
from providers.codes import AtOnce, codes
from providers.outside import Answered
from providers.retry_after import retry_after

#: 201 by the RFC, 202 for one that is taken and not stored yet; some have answered 200.
TAKEN = frozenset({200, 201, 202})
_log = logging.getLogger(__name__)

STATUSES = codes("providers.webpush", "http")
OURS = codes("providers.webpush", "ours")


def known(code: str) -> Refused:
    """Of a code of ours."""
    return Refused(failure=OURS[code].failure(code))


def refusal(answer: Answered) -> Refused:
    """Raises `ProviderUnavailable` or `SendUnknown` where it is no refusal."""
    status = answer.status
    if status >= 500 or status < 400:
        raise SendUnknown(f"the push service answered {status}")
    listed = STATUSES.get(str(status))
    if listed is None:
        _log.warning("webpush: code %s is in no table of ours", status)
        return Refused(failure=Failure(code=str(status), detail=f"HTTP {status}"))
    told = listed.failure(str(status))
    if listed.at_once == AtOnce.AGAIN:
        raise ProviderUnavailable(told, retry_after(answer.retry_after))
    return Refused(failure=told)


def unreachable(error: Exception) -> ProviderUnavailable:
    # Only the error's name: its text holds the endpoint.
    detail = f"the push service could not be reached: {type(error).__name__}"
    return ProviderUnavailable(Failure(kind=FailureClass.PROVIDER, detail=detail))
