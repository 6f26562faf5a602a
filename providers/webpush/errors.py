"""What a push service's answer means (RFC 8030, 5 and 7.3; RFC 8292, 4.2)."""

from failover.events import Failure, FailureClass
from providers.base import ProviderUnavailable, Refused, SendUnknown
from providers.outside import Answered
from providers.retry_after import retry_after

#: 201 by the RFC, 202 for one that is taken and not stored yet; some have answered 200.
TAKEN = frozenset({200, 201, 202})
#: 406 is Microsoft's word for too many.
_NOT_TAKEN = frozenset({406, 408, 429})

STATUSES: dict[int, tuple[FailureClass, str]] = {
    400: (FailureClass.CONTENT, "the push service cannot read the request"),
    # Not the account's fault: a subscription is bound to the key that it was made with.
    401: (
        FailureClass.SENDER,
        "the subscription was made with another key than WEBPUSH_PRIVATE_KEY",
    ),
    403: (
        FailureClass.SENDER,
        "the subscription was made with another key than WEBPUSH_PRIVATE_KEY",
    ),
    404: (FailureClass.ADDRESS, "the browser is not subscribed any more"),
    410: (FailureClass.ADDRESS, "the browser is not subscribed any more"),
    413: (FailureClass.CONTENT, "more than the push service takes"),
    406: (FailureClass.CAP, "more than the push service takes at once"),
    408: (FailureClass.PROVIDER, "the push service had no time for it"),
    429: (FailureClass.CAP, "more than the push service takes at once"),
}
#: Ours, before anything is sent.
CODES: dict[str, tuple[FailureClass, str]] = {
    "not_a_subscription": (FailureClass.SENDER, "the address is no subscription of a browser"),
    "bad_subscription": (FailureClass.ADDRESS, "the subscription cannot be read, or has no keys"),
    "unknown_service": (FailureClass.ADDRESS, "its push service is neither known nor allowed"),
    "too_large": (FailureClass.CONTENT, "more than the 3993 bytes that a push may have"),
}


def known(code: str) -> Refused:
    kind, meaning = CODES[code]
    return Refused(failure=Failure(kind=kind, code=code, detail=meaning))


def refusal(answer: Answered) -> Refused:
    """Raises `ProviderUnavailable` or `SendUnknown` where it is no refusal."""
    status = answer.status
    if status >= 500 or status < 400:
        raise SendUnknown(f"the push service answered {status}")
    kind, meaning = STATUSES.get(status, (FailureClass.CONTENT, f"HTTP {status}"))
    told = Failure(kind=kind, code=str(status), detail=meaning)
    if status in _NOT_TAKEN:
        raise ProviderUnavailable(told, retry_after(answer.retry_after))
    return Refused(failure=told)


def unreachable(error: Exception) -> ProviderUnavailable:
    # Only the error's name: its text holds the endpoint.
    detail = f"the push service could not be reached: {type(error).__name__}"
    return ProviderUnavailable(Failure(kind=FailureClass.PROVIDER, detail=detail))
