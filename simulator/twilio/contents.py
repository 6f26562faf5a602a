"""Twilio's Content API: templates of messages with quick replies or a list."""

import re
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Depends, Request
from pydantic import AliasChoices, BaseModel, Field
from starlette.responses import JSONResponse, Response

from simulator.current import Current
from simulator.records import Choice, now
from simulator.state import Template
from simulator.twilio.api import signed_in
from simulator.twilio.errors import error

router = APIRouter(dependencies=[Depends(signed_in)], tags=["Twilio"])

#: How many, the longest label, and the longest text. WhatsApp takes three quick replies without
#: approval, Messenger ten; a card on RCS without media is a text with chips, eleven at most.
_TYPES = {
    "twilio/quick-reply": (10, 20, 1024),
    "twilio/list-picker": (10, 24, 1024),
    "twilio/card": (11, 20, 1600),
}


class _Row(BaseModel):
    id: str = Field(min_length=1, max_length=200)
    title: str = Field(min_length=1, validation_alias=AliasChoices("title", "item"))


class _Given(BaseModel):
    body: str = Field(min_length=1)
    media: list[str] = Field(default=[], max_length=1)
    button: str | None = Field(default=None, max_length=20)
    choices: list[_Row] = Field(min_length=1, validation_alias=AliasChoices("actions", "items"))


@router.post("/v1/Content")
async def create(request: Request, exchange: Current) -> Response:
    try:
        asked = await request.json()
    except ValueError:
        return error("20001")
    template = _template(asked, exchange.settings.twilio_account_sid or "")
    if template is None:
        return error("20001")
    exchange.state.templates[template.sid] = template
    return JSONResponse(template.resource, 201)


@router.get("/v2/Content")
async def listed(request: Request, exchange: Current) -> Response:
    """All in one page; the name is a pattern."""
    name = request.query_params.get("ContentName", "")
    kept = [one.resource for one in exchange.state.templates.values() if one.resource]
    found = [one for one in kept if re.search(name, one["friendly_name"])]
    meta = {"key": "contents", "page": 0, "page_size": 50, "next_page_url": None}
    return JSONResponse({"contents": found, "meta": meta})


@router.get("/v1/Content/{sid}")
async def fetched(sid: str, exchange: Current) -> Response:
    template = exchange.state.templates.get(sid)
    return JSONResponse(template.resource) if template else error("20404", 404)


@router.delete("/v1/Content/{sid}")
async def deleted(sid: str, exchange: Current) -> Response:
    if exchange.state.templates.pop(sid, None) is None:
        return error("20404", 404)
    return Response(status_code=204)


def _template(asked: Any, account: str) -> Template | None:
    """None for what Twilio refuses, or WhatsApp would."""
    try:
        [(kind, content)] = asked["types"].items()
        given, language = _Given.model_validate(content), asked["language"]
    except (TypeError, KeyError, ValueError, AttributeError):
        return None
    most, longest, text = _TYPES.get(kind, (0, 0, 0))
    choices = [Choice(id=one.id, title=one.title) for one in given.choices]
    fit = len(choices) <= most and all(len(one.title) <= longest for one in choices)
    if not fit or not language or (kind == "twilio/list-picker") != bool(given.button):
        return None
    if len(given.body) > text or (given.media and kind != "twilio/card"):
        return None
    sid = f"HX{uuid4().hex}"
    shown = {"body": given.body, "choices": choices, "media": given.media, "opens": given.button}
    return Template(sid=sid, resource=_resource(sid, asked, account), **shown)


def _resource(sid: str, asked: dict[str, Any], account: str) -> dict[str, Any]:
    moment = now().isoformat(timespec="seconds").replace("+00:00", "Z")
    return {
        "sid": sid,
        "account_sid": account,
        "friendly_name": asked.get("friendly_name"),
        "language": asked["language"],
        "variables": asked.get("variables") or {},
        "types": asked["types"],
        "date_created": moment,
        "date_updated": moment,
        "url": f"https://content.twilio.com/v1/Content/{sid}",
        "links": {},
    }
