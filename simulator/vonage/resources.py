"""Calls as the Voice API tells them."""

from typing import Any

from simulator.records import Sent

#: The simulator's word for how far a call has come, in Vonage's.
STATUSES = {
    "queued": "started",
    "initiated": "started",
    "in-progress": "answered",
    "no-answer": "timeout",
    "canceled": "cancelled",
}


def conversation(sent: Sent) -> str:
    return f"CON-{sent.id}"


def status(named: str) -> str:
    return STATUSES.get(named, named)


def created(sent: Sent) -> dict[str, Any]:
    return {
        "uuid": sent.id,
        "status": "started",
        "direction": "outbound",
        "conversation_uuid": conversation(sent),
    }


def call(sent: Sent) -> dict[str, Any]:
    told = {
        **created(sent),
        "_links": {"self": {"href": f"/calls/{sent.id}"}},
        "to": {"type": "phone", "number": sent.to.lstrip("+")},
        "from": {"type": "phone", "number": sent.sender.lstrip("+")},
        "status": status(sent.status),
    }
    if sent.status == "completed" and sent.call:
        told |= {"duration": str(sent.call.duration or 0), "rate": "0.0045", "price": "0.0001"}
    return told
