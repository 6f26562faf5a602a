"""What Vonage's callbacks say of a call: how far it has come, and which key was pressed."""

import re
from typing import Any

from failover.channels import Channel
from failover.events import DeliveryReport, DeliveryStatus, Event, Failure, Reply
from providers.calling import not_put_through
from providers.codes import codes
from providers.reply_keys import address_key, pair_key, sent_key
from providers.vonage.call_urls import PlacedCall
from providers.vonage.said import moment, needed, text, within

#: "Voice API Webhooks Reference". `completed` comes after a voicemail too.
_STATUSES = {
    "started": DeliveryStatus.SENT,
    "ringing": DeliveryStatus.SENT,
    "answered": DeliveryStatus.SENT,
    "completed": DeliveryStatus.SENT,
    "human": DeliveryStatus.DELIVERED,
}
_NOT_HEARD = codes("providers.vonage", "calls")
_DETAILS = codes("providers.vonage", "call_details")


def told(said: dict[str, Any], call: PlacedCall, secret: str) -> list[Event]:
    """The events in one callback of a call of ours."""
    if "dtmf" in said:
        return _pressed(said, call, secret)
    named = text(said.get("status"))
    why = not_heard(said, named)
    status = DeliveryStatus.FAILED if why else _STATUSES.get(named)
    if status is None:
        return []
    uuid = _uuid(said)
    return [
        DeliveryReport(
            reference=call.reference,
            status=status,
            event_id=f"{uuid} {named}",
            at=moment(said),
            failure=why,
            provider_id=uuid,
            reply_keys=(*_pair(said, secret), sent_key(secret, "vonage", uuid)),
            person=_person(said, secret),
        )
    ]


def pressed(said: dict[str, Any]) -> str:
    """The keys, empty where none was; in older callbacks they are not in an object."""
    return text(within(said, "dtmf").get("digits")) or text(said.get("dtmf"))


def _pressed(said: dict[str, Any], call: PlacedCall, secret: str) -> list[Event]:
    digits, uuid = pressed(said), _uuid(said)
    if not re.fullmatch("[1-9]", digits) or int(digits) > call.keys:
        return []
    return [
        Reply(
            channel=Channel.VOICE,
            provider="vonage",
            provider_id=f"{uuid}:{digits}",
            text=digits,
            at=moment(said),
            reference=call.reference,
            person=_person(said, secret),
        )
    ]


def not_heard(said: dict[str, Any], named: str) -> Failure | None:
    """Why a call of this status reached nobody; None where it may have."""
    if named not in _NOT_HEARD:
        return None
    detail = text(said.get("detail")).lower()
    if known := _DETAILS.get(detail):
        return known.failure(detail)
    sip = text(said.get("sip_code")) if named == "failed" else ""
    return not_put_through(sip, _NOT_HEARD[named].means) if sip else _NOT_HEARD[named].failure(None)


def _uuid(said: dict[str, Any]) -> str:
    """`human` and `machine` may have it as `call_uuid` only."""
    return text(said.get("uuid")) or needed(said, "call_uuid")


def _pair(said: dict[str, Any], secret: str) -> tuple[str, ...]:
    theirs, ours = text(said.get("to")), text(said.get("from"))
    return (pair_key(secret, Channel.VOICE, theirs, ours),) if theirs and ours else ()


def _person(said: dict[str, Any], secret: str) -> str | None:
    theirs = text(said.get("to"))
    return address_key(secret, theirs, text(said.get("from"))) if theirs else None
