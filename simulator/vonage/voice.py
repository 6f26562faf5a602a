"""Vonage's Voice API: place a call, list calls, look at one."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import JSONResponse, Response

from simulator.current import Current
from simulator.records import Call, Sent
from simulator.scripts import normal
from simulator.twilio.form import reference
from simulator.vonage import errors, resources
from simulator.vonage.api import authorized

router = APIRouter(prefix="/v1/calls", tags=["Vonage"], dependencies=[Depends(authorized)])

_NUMBER = re.compile(r"[1-9]\d{6,14}")


@router.post("")
async def place(request: Request, exchange: Current) -> Response:
    try:
        body = await request.json()
    except (ValueError, RecursionError):
        return _bad("body")
    if name := _fault(body):
        return _bad(name)
    return await exchange.take(_dialled(body))


@router.get("")
async def calls(
    request: Request,
    exchange: Current,
    date_start: datetime | None = None,
    date_end: datetime | None = None,
    page_size: int = Query(10, ge=1, le=100),
    record_index: int = Query(0, ge=0),
    order: str = Query("asc", pattern="^(asc|desc)$"),
) -> Response:
    found = [
        sent
        for sent in exchange.state.sent("vonage", "voice")
        if (date_start is None or date_start <= sent.at)
        and (date_end is None or sent.at < date_end)
        and sent.looked_up()
    ]
    found = found[::-1] if order == "desc" else found
    shown = found[record_index : record_index + page_size]
    links = {"self": {"href": str(request.url)}}
    if record_index + page_size < len(found):
        following = request.url.include_query_params(record_index=record_index + page_size)
        links["next"] = {"href": str(following)}
    return JSONResponse(_page(shown, len(found), page_size, record_index, links))


@router.get("/{uuid}")
async def one(uuid: str, exchange: Current) -> Response:
    sent = exchange.state.messages.get(uuid)
    if sent is None or sent.provider != "vonage" or sent.call is None:
        return errors.plain(404, "not-found", "Not Found", "Call was not found, or is not active")
    return JSONResponse(resources.call(sent))


def _page(
    shown: Sequence[Sent], count: int, size: int, index: int, links: dict[str, Any]
) -> dict[str, Any]:
    return {
        "count": count,
        "page_size": size,
        "record_index": index,
        "_links": links,
        "_embedded": {"calls": [resources.call(sent) for sent in shown]},
    }


def _fault(body: Any) -> str | None:
    """The first parameter that Vonage would not take."""
    if not isinstance(body, dict):
        return "body"
    people = _first(body.get("to"))
    for name, given in (("to", people), ("from", body.get("from"))):
        number = given.get("number") if isinstance(given, dict) else None
        if not isinstance(number, str) or not _NUMBER.fullmatch(number):
            return f"{name}.number"
    if not isinstance(_first(body.get("event_url")), str):
        return "event_url"
    if not _first(body.get("ncco")):
        return "ncco"
    return next((f"ncco[{at}]" for at, act in enumerate(body["ncco"]) if not _known(act)), None)


def _first(listed: object) -> Any:
    return listed[0] if isinstance(listed, list) and listed else None


def _known(action: object) -> bool:
    """Of the actions those that are played here."""
    match action:
        case {"action": "talk", "text": str(text)}:
            return 0 < len(text) <= 1500
        case {"action": "input", "type": [*kinds]}:
            return bool(kinds)
    return False


def _dialled(body: dict[str, Any]) -> Sent:
    return Sent(
        id=str(uuid4()),
        provider="vonage",
        channel="voice",
        sender=normal(body["from"]["number"]),
        to=normal(body["to"][0]["number"]),
        reference=reference(body["event_url"][0]),
        status="queued",
        call=Call(),
        raw=body,
        status_url=body["event_url"][0],
    )


def _bad(name: str) -> Response:
    """As the Voice API has it: a `type` that is no address, and no code."""
    body = {"type": "BAD_REQUEST", "title": "Bad Request"}
    wrong = {"name": name, "reason": "Invalid value"}
    return JSONResponse({**body, "invalid_parameters": [wrong]}, 400)
