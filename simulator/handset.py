"""The person's side of messages: reply, press a button, read."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from simulator.current import Current
from simulator.exchange import Exchange, new_id
from simulator.outbox import Callback
from simulator.played import WRITTEN
from simulator.records import Choice, Said, Sent
from simulator.scripts import normal

router = APIRouter(prefix="/simulator", tags=["Handset"])


class Reply(BaseModel):
    text: str
    quote: bool = False
    #: More headers of a mail, such as those of an out-of-office note.
    headers: dict[str, str] = {}


class Press(BaseModel):
    choice: str


class Unprompted(BaseModel):
    """A message from somebody, in answer to nothing."""

    model_config = ConfigDict(validate_by_name=True)

    provider: str
    channel: str
    person: str = Field(alias="from")
    to: str
    text: str


@router.post("/messages/{message_id}/reply")
async def reply(message_id: str, answer: Reply, exchange: Current) -> dict[str, Any]:
    sent = _message(exchange, message_id)
    _may_answer(exchange, sent)
    said = _said(sent, answer.text, quote=answer.quote)
    said.headers = answer.headers
    return {"status": await exchange.say(said, sent, None), "id": said.id}


@router.post("/messages/{message_id}/press")
async def press(message_id: str, pressed: Press, exchange: Current) -> dict[str, Any]:
    sent = _message(exchange, message_id)
    _may_answer(exchange, sent)
    choice = _choice(sent, pressed.choice)
    said = _said(sent, choice.title, quote=True, choice=choice.id)
    return {"status": await exchange.say(said, sent, choice), "id": said.id}


@router.post("/messages/{message_id}/read")
async def read(message_id: str, exchange: Current) -> dict[str, Any]:
    sent = _message(exchange, message_id)
    await exchange.read(sent)
    return {"status": sent.status}


@router.post("/messages/{message_id}/unsubscribe")
async def unsubscribe(message_id: str, exchange: Current) -> dict[str, Any]:
    """What a mail client does when the person presses its own Unsubscribe (RFC 8058)."""
    sent = _message(exchange, message_id)
    if sent.unsubscribe is None:
        raise HTTPException(409, f"{message_id} has no List-Unsubscribe for one click")
    callback = Callback(
        url=sent.unsubscribe,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        body=b"List-Unsubscribe=One-Click",
        says="unsubscribe",
    )
    return {"status": await exchange.outbox.send(callback, [sent])}


@router.post("/messages/{message_id}/release")
async def release(message_id: str, exchange: Current) -> dict[str, Any]:
    """Let the callbacks go that a script holds back."""
    sent = _message(exchange, message_id)
    if not exchange.release(sent):
        raise HTTPException(409, f"no callbacks of {message_id} are held")
    return {"status": sent.status}


@router.post("/inbound")
async def inbound(message: Unprompted, exchange: Current) -> dict[str, Any]:
    if message.provider not in exchange.settings.providers:
        raise HTTPException(404, f"the simulator does not play {message.provider}")
    if message.channel not in WRITTEN.get(message.provider, ()):
        raise HTTPException(404, f"nobody writes on {message.channel} by {message.provider}")
    said = Said(
        id=_inbound_id(message.provider),
        provider=message.provider,
        channel=message.channel,
        person=normal(message.person),
        to=normal(message.to),
        text=message.text,
    )
    return {"status": await exchange.say(said, None, None), "id": said.id}


def _said(sent: Sent, text: str, *, quote: bool, choice: str | None = None) -> Said:
    return Said(
        id=_inbound_id(sent.provider),
        provider=sent.provider,
        channel=sent.channel,
        person=sent.to,
        to=(sent.reply_to if sent.channel == "email" else None) or sent.sender,
        text=text,
        choice=choice,
        quote=quote,
        in_reply_to=sent.id,
    )


def _inbound_id(provider: str) -> str:
    plain = new_id()
    return {"twilio": f"SM{plain}", "vonage": str(UUID(plain))}.get(provider, plain)


def _message(exchange: Exchange, message_id: str) -> Sent:
    sent = exchange.state.messages.get(message_id)
    if sent is None:
        raise HTTPException(404, f"no message {message_id}")
    return sent


def _may_answer(exchange: Exchange, sent: Sent) -> None:
    if sent.call:
        raise HTTPException(409, "a call is answered with keys")
    domain = exchange.settings.sendgrid_reply_domain
    if sent.channel == "email" and domain and not (sent.reply_to or "").endswith("@" + domain):
        raise HTTPException(409, f"{sent.reply_to} is not in SENDGRID_REPLY_DOMAIN ({domain})")


def _choice(sent: Sent, choice_id: str) -> Choice:
    """A template that nobody described has unknown buttons: any id may be pressed."""
    known = {choice.id: choice for choice in sent.choices}
    if not known and sent.channel in ("whatsapp", "rcs", "messenger"):
        return Choice(id=choice_id, title=choice_id)
    if choice_id not in known:
        raise HTTPException(404, f"message {sent.id} has no choice {choice_id}")
    return known[choice_id]
