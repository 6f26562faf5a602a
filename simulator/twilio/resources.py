"""Twilio's JSON for a message and a call."""

from datetime import datetime
from email.utils import format_datetime
from typing import Any

from simulator.records import Sent, now
from simulator.twilio.form import prefixed

API = "/2010-04-01/Accounts"


def message(sent: Sent, account: str) -> dict[str, Any]:
    uri = f"{API}/{account}/Messages/{sent.id}"
    service = sent.raw.get("MessagingServiceSid")
    waiting = sent.status in ("accepted", "queued")
    return {
        "account_sid": account,
        "api_version": "2010-04-01",
        "body": sent.text,
        "date_created": rfc2822(sent.at),
        "date_sent": rfc2822(sent.sent_at),
        "date_updated": rfc2822(sent.sent_at or sent.at),
        "direction": "outbound-api",
        "error_code": int(sent.error) if sent.error and sent.error.isdigit() else None,
        "error_message": None,
        "from": None if service and waiting else prefixed(sent.channel, sent.sender),
        "messaging_service_sid": service,
        "num_media": str(len(sent.media)),
        "num_segments": "0" if service and waiting else str(segments(sent.text)),
        "price": None,
        "price_unit": "USD",
        "sid": sent.id,
        "status": sent.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": prefixed(sent.channel, sent.to),
        "uri": f"{uri}.json",
    }


def call(sent: Sent, account: str) -> dict[str, Any]:
    uri = f"{API}/{account}/Calls/{sent.id}"
    duration = sent.call.duration if sent.call else None
    empty = ("annotation", "caller_name", "forwarded_from", "group_sid", "parent_call_sid")
    return {
        **dict.fromkeys((*empty, "phone_number_sid", "price", "trunk_sid")),
        "account_sid": account,
        "answered_by": sent.call.answered_by if sent.call else None,
        "api_version": "2010-04-01",
        "date_created": rfc2822(sent.at),
        "date_updated": rfc2822(now()),
        "direction": "outbound-api",
        "duration": None if duration is None else str(duration),
        "end_time": None if duration is None else rfc2822(now()),
        "from": sent.sender,
        "from_formatted": sent.sender,
        "price_unit": "USD",
        "queue_time": "0",
        "sid": sent.id,
        "start_time": rfc2822(sent.sent_at),
        "status": sent.status,
        "subresource_uris": {"events": f"{uri}/Events.json"},
        "to": sent.to,
        "to_formatted": sent.to,
        "uri": f"{uri}.json",
    }


def segments(text: str) -> int:
    """SMS parts: 160 characters, or 70 when one is outside the (here: ASCII) alphabet."""
    single, part = (160, 153) if text.isascii() else (70, 67)
    return 1 if len(text) <= single else -(-len(text) // part)


def rfc2822(moment: datetime | None) -> str | None:
    return format_datetime(moment) if moment else None
