"""A service's endpoint for notifications: keeps what it hears, and fails when it is told to."""

import json
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from simulator.current import Current, Limit
from simulator.exchange import new_id
from simulator.records import Heard
from simulator.state import newest

router = APIRouter(tags=["Service"])


class Failing(BaseModel):
    """How the next notifications are answered; `times` null is for ever."""

    status: int = Field(ge=100, le=599)
    times: int | None = 1


@router.post("/events")
async def hear(request: Request, exchange: Current) -> Response:
    body = await request.body()
    status = exchange.state.answer_to_service()
    heard = Heard(
        id=new_id(),
        headers=dict(request.headers.items()),
        json_=_json(body),
        body=body.decode(errors="replace"),
        answer=status,
    )
    exchange.state.keep(heard)
    return Response(status_code=status)


@router.get("/simulator/notifications")
async def notifications(exchange: Current, limit: Limit = None) -> list[Heard]:
    """What the service heard, oldest first, with the answer it gave."""
    return newest(exchange.state.heard.values(), limit)


@router.post("/simulator/notifications/answer", status_code=200)
async def answer(failing: Failing, exchange: Current) -> Failing:
    exchange.state.failing = (failing.status, failing.times)
    return failing


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
