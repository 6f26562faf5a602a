"""Vonage's Messages API, and the Reports API to look for a message."""

from datetime import datetime
from typing import Any
from uuid import uuid4

import jwt
from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, Response

from simulator.current import Current
from simulator.provider import Refusal
from simulator.records import Sent
from simulator.vonage import errors
from simulator.vonage.keys import public_key
from simulator.vonage.sending import fault, written

router = APIRouter(tags=["Vonage"])


def authorized(request: Request, exchange: Current) -> None:
    """A JWT of our application, signed with its private key."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    settings = exchange.settings
    if scheme != "Bearer" or not settings.vonage_private_key:
        raise Refusal(errors.unauthorized())
    try:
        key = public_key(settings.vonage_private_key)
        claims = jwt.decode(token, key, algorithms=["RS256"], leeway=60)
    except jwt.PyJWTError as problem:
        raise Refusal(errors.unauthorized()) from problem
    if claims.get("application_id") != settings.vonage_application_id:
        raise Refusal(errors.unauthorized())


@router.post("/v1/messages", dependencies=[Depends(authorized)])
async def send(request: Request, exchange: Current) -> Response:
    try:
        body = await request.json()
    except (ValueError, RecursionError):
        return errors.error("1020", parameter="body")
    if problem := fault(body):
        return errors.error(problem[0], parameter=problem[1])
    return await exchange.take(written(body))


@router.get("/v2/reports/records")
async def records(
    request: Request,
    exchange: Current,
    product: str,
    date_start: datetime | None = None,
    date_end: datetime | None = None,
) -> Response:
    """Reports of MESSAGES; any credentials do."""
    if product != "MESSAGES" or request.query_params.get("direction") != "outbound":
        return errors.plain(
            422, "invalid-filter", "Invalid filter", "only outbound MESSAGES are reported here"
        )
    if "authorization" not in request.headers:
        return errors.unauthorized()
    found = [
        _record(sent)
        for sent in exchange.state.sent("vonage")
        if sent.call is None
        and (date_start is None or date_start <= sent.at)
        and (date_end is None or sent.at < date_end)
        and _asked(sent, request)
        and sent.looked_up()
    ]
    return JSONResponse(_report(str(request.url), found))


def _asked(sent: Sent, request: Request) -> bool:
    given = _record(sent)
    names = ("to", "from", "client_ref", "status")
    asked = {name: value for name in names if (value := request.query_params.get(name))}
    return all(given[name] == value for name, value in asked.items())


def _report(url: str, found: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "_links": {"self": {"href": url}},
        "request_id": str(uuid4()),
        "request_status": "SUCCESS",
        "account_id": "simulat0",
        "product": "MESSAGES",
        "direction": "outbound",
        "items_count": len(found),
        "records": found,
    }


def _record(sent: Sent) -> dict[str, Any]:
    return {
        "account_id": "simulat0",
        "message_id": sent.id,
        "message_uuid": sent.id,
        "client_ref": sent.reference,
        "direction": "outbound",
        "from": sent.sender.lstrip("+"),
        "to": sent.to.lstrip("+"),
        "provider": sent.raw["channel"],
        "status": sent.status,
        "error_code": sent.error,
        "date_received": sent.at.isoformat(),
        "date_finalized": sent.sent_at.isoformat() if sent.sent_at else None,
    }
