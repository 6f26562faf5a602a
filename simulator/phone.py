"""The person's side of a call: pick up, press keys, hang up, decline."""

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field

from simulator.call import LiveCall
from simulator.current import Current
from simulator.exchange import Exchange

router = APIRouter(prefix="/simulator/messages/{message_id}", tags=["Handset"])


class Answer(BaseModel):
    """Who picks up: human, or machine_start and the like as Twilio names them."""

    by: str = "human"


class Decline(BaseModel):
    outcome: str = Field(default="busy", pattern="^(busy|no-answer)$")


class Keys(BaseModel):
    digits: str = Field(pattern=r"^[0-9*#]+$")


@router.post("/answer")
async def answer(message_id: str, exchange: Current, who: Answer | None = None) -> dict[str, str]:
    call = _call(exchange, message_id)
    done = await call.answer((who or Answer()).by)
    return _done(exchange, message_id, done, "does not ring")


@router.post("/decline")
async def decline(message_id: str, exchange: Current, how: Decline | None = None) -> dict[str, str]:
    call = _call(exchange, message_id)
    done = await call.decline((how or Decline()).outcome)
    return _done(exchange, message_id, done, "does not ring")


@router.post("/keys")
async def keys(message_id: str, pressed: Keys, exchange: Current) -> dict[str, str]:
    call = _call(exchange, message_id)
    return _done(exchange, message_id, call.press(pressed.digits), "is not in progress")


@router.post("/hangup")
async def hangup(message_id: str, exchange: Current) -> dict[str, str]:
    call = _call(exchange, message_id)
    return _done(exchange, message_id, call.hang_up(), "is not in progress")


def _call(exchange: Exchange, message_id: str) -> LiveCall:
    sent = exchange.state.messages.get(message_id)
    if sent is None or sent.call is None:
        raise HTTPException(404, f"no call {message_id}")
    if message_id not in exchange.switchboard.calls:
        raise HTTPException(409, f"the call has ended: {sent.call.state}")
    return exchange.switchboard.calls[message_id]


def _done(exchange: Exchange, message_id: str, done: bool, otherwise: str) -> dict[str, str]:
    if not done:
        raise HTTPException(409, f"the call {otherwise}")
    return {"state": exchange.state.messages[message_id].status}
