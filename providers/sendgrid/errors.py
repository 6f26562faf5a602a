"""What SendGrid's refusals, bounces and drops mean."""

import json
import logging
import time
from datetime import timedelta
from email.message import Message
from typing import Any, NoReturn

from failover.addresses import scrub
from failover.events import Failure, FailureClass
from providers.base import LookUpImpossible, ProviderUnavailable, Refused, SendUnknown
from providers.retry_after import retry_after
from providers.sendgrid.client import Answered

_log = logging.getLogger(__name__)

#: By HTTP status; 400 depends on the field at fault. 401 is also said of credits used up.
STATUSES = {
    400: FailureClass.CONTENT,
    401: FailureClass.ACCOUNT,
    402: FailureClass.ACCOUNT,
    403: FailureClass.ACCOUNT,
    404: FailureClass.CONTENT,
    405: FailureClass.CONTENT,
    408: FailureClass.PROVIDER,
    413: FailureClass.CONTENT,
    415: FailureClass.CONTENT,
    429: FailureClass.CAP,
}
#: `reason` of the event `dropped` ("Event Webhook Reference"), by how it begins.
DROPPED = {
    "bounced address": FailureClass.ADDRESS,
    "invalid smtpapi header": FailureClass.CONTENT,
    "invalid": FailureClass.ADDRESS,
    "unsubscribed address": FailureClass.OPT_OUT,
    "spam reporting address": FailureClass.OPT_OUT,
    "spam content": FailureClass.CONTENT,
    "recipient list over package quota": FailureClass.ACCOUNT,
}
#: `bounce_classification` of the event `bounce`.
BOUNCED = {
    "invalid address": FailureClass.ADDRESS,
    "mailbox unavailable": FailureClass.UNREACHABLE,
    "technical": FailureClass.UNREACHABLE,
    "technical failure": FailureClass.UNREACHABLE,
    "unclassified": FailureClass.UNREACHABLE,
    "reputation": FailureClass.SENDER,
    "frequency or volume too high": FailureClass.CAP,
    "content": FailureClass.CONTENT,
}
#: `type` of a bounce without a classification: SendGrid stops mailing a bounced address only.
TYPES = {"bounce": FailureClass.ADDRESS, "blocked": FailureClass.UNREACHABLE}


def refusal(answer: Answered) -> Refused:
    """What an answer that is no success means.

    Raises `ProviderUnavailable` or `SendUnknown` where it is no refusal.
    """
    told = _failure_of(answer)
    if answer.status >= 500 or answer.status < 400:
        raise SendUnknown(f"sendgrid answered {answer.status}")
    if answer.status in (408, 429):
        raise ProviderUnavailable(told, _wait(answer.headers))
    return Refused(failure=told)


def not_looked_up(answer: Answered) -> NoReturn:
    """What a failed look-up means: Email Activity is an extra, and asking again is safe."""
    if answer.status < 500 and answer.status not in (408, 429):
        raise LookUpImpossible(f"sendgrid answers look-ups with {answer.status}")
    raise ProviderUnavailable(_failure_of(answer), _wait(answer.headers))


def bounced(event: dict[str, Any]) -> Failure:
    """By its classification, else by its type; older bounces have neither."""
    named, kind = _said(event, "bounce_classification"), _said(event, "type") or "bounce"
    detail = scrub(_said(event, "reason"))[:300] or None
    if named:
        return Failure(kind=_known(BOUNCED, named), code=named[:60], detail=detail)
    return Failure(kind=_known(TYPES, kind), code=_said(event, "status") or kind, detail=detail)


def dropped(event: dict[str, Any]) -> Failure:
    reason = _said(event, "reason")
    kinds = (kind for start, kind in DROPPED.items() if reason.lower().startswith(start))
    if (kind := next(kinds, None)) is None:
        kind = _known({}, scrub(reason))
    return Failure(kind=kind, code="dropped", detail=scrub(reason)[:300] or None)


def _known(table: dict[str, FailureClass], named: str) -> FailureClass:
    kind = table.get(named.lower(), FailureClass.UNRECOGNIZED)
    if kind == FailureClass.UNRECOGNIZED:
        _log.warning("sendgrid: code %s is in no table of ours", ascii(scrub(named)[:60]))
    return kind


def _failure_of(answer: Answered) -> Failure:
    errors = _errors(answer.body)
    kind = STATUSES.get(answer.status)
    if kind is None:
        kind = FailureClass.PROVIDER
        if 400 <= answer.status < 500:
            kind = _known({}, str(answer.status))
    fields = [_said(error, "field") for error in errors]
    if answer.status == 400 and any(_is_recipient(field) for field in fields):
        kind = FailureClass.ADDRESS
    if answer.status == 403 and any(_is_sender(error) for error in errors):
        kind = FailureClass.SENDER
    detail = scrub("; ".join(filter(None, (_said(error, "message") for error in errors))))
    detail = detail[:300] or f"HTTP {answer.status}"
    return Failure(kind=kind, code=str(answer.status), detail=detail)


def _errors(body: bytes) -> list[dict[str, Any]]:
    """A 413 comes from the proxy before SendGrid, as HTML."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return []
    errors = said.get("errors") if isinstance(said, dict) else None
    return (
        [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
    )


def _is_recipient(field: str) -> bool:
    return field.startswith("personalizations.0.to")


def _is_sender(error: dict[str, Any]) -> bool:
    """ "The from address does not match a verified Sender Identity", the field being `from`."""
    return _said(error, "field").startswith("from") or "from address" in _said(error, "message")


def _wait(headers: Message) -> timedelta | None:
    """Retry-After, else X-RateLimit-Reset, which is a moment in Unix time."""
    if (asked := retry_after(headers.get("Retry-After"))) is not None:
        return asked
    reset = (headers.get("X-RateLimit-Reset") or "").strip()
    if not (reset.isascii() and reset.isdigit() and len(reset) <= 12):
        return None
    return timedelta(seconds=min(max(int(reset) - time.time(), 0), 3600))


def _said(of: dict[str, Any], name: str) -> str:
    value = of.get(name)
    return value.encode(errors="replace").decode() if isinstance(value, str) else ""
