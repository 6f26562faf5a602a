"""SendGrid's Web API v3: send a mail, and Email Activity to look for one."""

import hmac
import re
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, Response

from simulator.current import Current
from simulator.provider import Refusal
from simulator.records import Sent
from simulator.scripts import normal
from simulator.sendgrid.errors import error
from simulator.sendgrid.mail import Mail, parse, posted


def authorized(request: Request, exchange: Current) -> None:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    right = exchange.settings.sendgrid_api_key
    if scheme != "Bearer" or not right or not hmac.compare_digest(key.encode(), right.encode()):
        raise Refusal(error(401))


router = APIRouter(prefix="/v3", dependencies=[Depends(authorized)], tags=["SendGrid"])


@router.post("/mail/send")
async def send(request: Request, exchange: Current) -> Response:
    try:
        body = await request.json()
    except ValueError:
        return error(400, "Bad Request")
    mail = parse(body)
    if not isinstance(mail, Mail):
        return error(400, *mail)
    answers = [await exchange.take(sent) for sent in posted(mail, body)]
    return answers[0]


@router.get("/messages")
async def activity(query: str, exchange: Current, limit: int = 10) -> Response:
    """Email Activity: `to_email="x" AND (unique_args['k']="v")` and the like."""
    terms = re.findall(r"""(\w+)(?:\[['"](.+?)['"]\])?\s*=\s*"(.*?)\"""", query)
    if not terms:
        return error(400, f"invalid syntax: '{query}'")
    if unknown := [name for name, _, _ in terms if name not in _FIELDS]:
        return error(400, f"invalid syntax: '{unknown[0]}' is not a known field")
    found = [
        sent
        for sent in exchange.state.sent("sendgrid")
        if all(_matches(sent, name, key, value) for name, key, value in terms) and sent.looked_up()
    ]
    return JSONResponse({"messages": [_found(sent) for sent in found[::-1][:limit]]})


_FIELDS = ("to_email", "from_email", "subject", "msg_id", "unique_args", "status")


def _matches(sent: Sent, name: str, key: str, value: str) -> bool:
    match name:
        case "to_email":
            return sent.to == normal(value)
        case "from_email":
            return sent.sender.lower() == value.lower()
        case "subject":
            return sent.subject == value
        case "status":
            return _status(sent) == value
        case "msg_id":
            return _msg_id(sent) == value
    arguments: dict[str, str] = sent.raw.get("custom_args", {})
    return arguments.get(key) == value if key else value in arguments.values()


def _found(sent: Sent) -> dict[str, Any]:
    moment: datetime = sent.sent_at or sent.at
    return {
        "from_email": sent.sender,
        "msg_id": _msg_id(sent),
        "subject": sent.subject or "",
        "to_email": sent.to,
        "status": _status(sent),
        "opens_count": 0,
        "clicks_count": 0,
        "last_event_time": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _status(sent: Sent) -> str:
    known = {"delivered": "delivered", "bounce": "not_delivered", "dropped": "not_delivered"}
    return known.get(sent.status, "processed")


def _msg_id(sent: Sent) -> str:
    return f"{sent.id.partition('-to-')[0]}.filterdrecv-simulator-0"
