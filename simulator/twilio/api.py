"""Twilio's REST API: send, list and fetch messages and calls."""

import base64
import hmac
from collections.abc import Iterable

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, Response

from simulator.current import Current
from simulator.provider import Refusal
from simulator.records import Sent
from simulator.twilio import resources
from simulator.twilio.checks import CALL, MESSAGE, first_error
from simulator.twilio.errors import error
from simulator.twilio.form import Form, plain
from simulator.twilio.listing import listing
from simulator.twilio.sending import dialled, written

#: Quick replies on WhatsApp without approval.
_BUTTONS = 3


def signed_in(request: Request, exchange: Current) -> None:
    """Basic auth with the account's SID and token, or an API key and its secret."""
    settings = exchange.settings
    known = {
        settings.twilio_account_sid: settings.twilio_auth_token,
        settings.twilio_api_key_sid: settings.twilio_api_key_secret,
    }
    user, secret = _basic(request.headers.get("authorization", ""))
    right = known.get(user)
    if not right or not hmac.compare_digest(secret.encode(), right.encode()):
        raise Refusal(error("20003", 401))


def authorized(account: str, request: Request, exchange: Current) -> None:
    signed_in(request, exchange)
    if account != exchange.settings.twilio_account_sid:
        raise Refusal(error("20003", 401))


router = APIRouter(
    prefix="/2010-04-01/Accounts/{account}", dependencies=[Depends(authorized)], tags=["Twilio"]
)


@router.post("/Messages.json")
async def create_message(request: Request, exchange: Current) -> Response:
    form = Form(await request.body())
    if code := first_error(form, MESSAGE):
        return error(code)
    sent = written(form, exchange.state.templates)
    if sent.channel in ("sms", "mms") and (sent.sender, sent.to) in exchange.state.stops:
        return error("21610")
    if sent.channel == "whatsapp" and not sent.opens and len(sent.choices) > _BUTTONS:
        return error("63005")
    return await exchange.take(sent)


@router.post("/Calls.json")
async def create_call(request: Request, exchange: Current) -> Response:
    form = Form(await request.body())
    if code := first_error(form, CALL):
        return error(code)
    return await exchange.take(dialled(form))


@router.get("/Messages.json")
async def list_messages(account: str, request: Request, exchange: Current) -> Response:
    kept = [sent for sent in _kept(request, exchange) if sent.call is None]
    found = listing(request, kept, "DateSent")
    return found.page("messages", [resources.message(sent, account) for sent in found.shown])


@router.get("/Calls.json")
async def list_calls(account: str, request: Request, exchange: Current) -> Response:
    kept = [sent for sent in _kept(request, exchange) if sent.call]
    found = listing(request, kept, "StartTime")
    return found.page("calls", [resources.call(sent, account) for sent in found.shown])


@router.get("/{kind}/{sid}.json")
async def fetch(account: str, kind: str, sid: str, exchange: Current) -> Response:
    sent = exchange.state.messages.get(sid)
    if sent is None or sent.provider != "twilio" or kind != ("Calls" if sent.call else "Messages"):
        return error("20404", 404)
    resource = resources.call if sent.call else resources.message
    return JSONResponse(resource(sent, account))


def _kept(request: Request, exchange: Current) -> Iterable[Sent]:
    """Oldest first; narrowed down to the address first, as a run may have ten thousand others."""
    to = request.query_params.get("To")
    return exchange.state.sent("twilio", to=plain(to) if to else None)


def _basic(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    try:
        decoded = base64.b64decode(encoded).decode() if scheme.lower() == "basic" else ""
    except ValueError:
        decoded = ""
    user, _, secret = decoded.partition(":")
    return user, secret
