"""What SendGrid's refusals, bounces and drops mean."""

import json
import logging
import time
from collections.abc import Mapping
from datetime import timedelta
from email.message import Message
from typing import Any, NoReturn

from failover.addresses import scrub
from failover.events import Failure, FailureClass
from providers.base import LookUpImpossible, ProviderUnavailable, Refused, SendUnknown
from providers.codes import AtOnce, Code, codes
from providers.retry_after import retry_after
from providers.sendgrid.client import Answered

_log = logging.getLogger(__name__)

STATUSES = codes("providers.sendgrid", "http")
DROPPED = codes("providers.sendgrid", "dropped")
BOUNCED = codes("providers.sendgrid", "bounced")
TYPES = codes("providers.sendgrid", "bounce_types")


def refusal(answer: Answered) -> Refused:
    """What an answer that is no success means.

    Raises `ProviderUnavailable` or `SendUnknown` where it is no refusal.
    """
    told = _failure_of(answer)
    if answer.status >= 500 or answer.status < 400:
        raise SendUnknown(f"sendgrid answered {answer.status}")
    known = STATUSES.get(str(answer.status))
    if known and known.at_once == AtOnce.AGAIN:
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
    said = _said(event, "reason")
    if named:
        return _failure(BOUNCED, named, code=named[:60], said=said)
    return _failure(TYPES, kind, code=_said(event, "status") or kind, said=said)


def dropped(event: dict[str, Any]) -> Failure:
    reason = _said(event, "reason")
    fits = [start for start in DROPPED if reason.lower().startswith(start)]
    return _failure(DROPPED, max(fits, key=len, default=reason), code="dropped", said=reason)


def _failure(table: Mapping[str, Code], named: str, *, code: str, said: str) -> Failure:
    detail = scrub(said)[:300]
    if known := table.get(named.lower()):
        return known.failure(code, detail)
    _log.warning("sendgrid: code %s is in no table of ours", ascii(scrub(named)[:60]))
    return Failure(code=code, detail=detail or None)


def _failure_of(answer: Answered) -> Failure:
    errors, status = _errors(answer.body), str(answer.status)
    said = "; ".join(filter(None, (_said(error, "message") for error in errors)))
    said = scrub(said)[:300] or f"HTTP {status}"
    if not 400 <= answer.status < 500:
        return Failure(kind=FailureClass.PROVIDER, code=status, detail=said)
    told = _failure(STATUSES, status, code=status, said=said)
    if answer.status == 400 and any(_is_recipient(_said(error, "field")) for error in errors):
        return told.model_copy(update={"kind": FailureClass.ADDRESS})
    if answer.status == 403 and any(_is_sender(error) for error in errors):
        return told.model_copy(update={"kind": FailureClass.SENDER})
    return told


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
