"""Reads a Messages API request: what would arrive, its buttons, and what Vonage would refuse."""

import re
from typing import Any
from uuid import uuid4

from simulator.records import Choice, Link, Sent
from simulator.scripts import normal
from simulator.vonage.shapes import CHANNELS, Asked, Fault, asked

_NUMBER = re.compile(r"[1-9]\d{6,14}")
#: The longest texts and captions, and the least and the most seconds that a message may wait;
#: Messages API 1.20.0. WhatsApp and Messenger have no time to live.
_LONGEST = {"sms": 3200, "viber_service": 1000, "messenger": 640, "rcs": 3072}
_CAPTIONS = {"mms": 3000, "whatsapp": 1024, "viber_service": 1000}
_TTL = {
    "sms": (20, 604_800),
    "mms": (300, 259_200),
    "viber_service": (30, 259_200),
    "rcs": (20, 259_200),
}
_MEDIA = ("image", "video", "audio", "file", "vcard")
#: Rows of a list on WhatsApp, in all of its sections together.
_ROWS = 10


def fault(body: Any) -> Fault | None:
    """The code and parameter of the first thing wrong with a request."""
    found = asked(body)
    if not isinstance(found, Asked):
        return found
    if found.channel != "messenger" and not _NUMBER.fullmatch(found.to):
        return "1020", "to"
    return _too_long(found) or _unfit(found) or _too_many(found)


def _too_long(found: Asked) -> Fault | None:
    if len(found.text or "") > _LONGEST.get(found.channel, 4096):
        return "1090", "text"
    files = [(name, getattr(found, name)) for name in _MEDIA]
    files += [("content", one) for one in found.content or []]
    most = _CAPTIONS.get(found.channel, 4096)
    captions = ((name, one.caption or "") for name, one in files if one)
    return next((("1090", f"{name}.caption") for name, said in captions if len(said) > most), None)


def _unfit(found: Asked) -> Fault | None:
    """What is wrong for its channel."""
    options = found.viber_service if found.channel == "viber_service" else found
    least, most = _TTL.get(found.channel, (0, 0))
    if options and options.ttl is not None and not least <= options.ttl <= most:
        return "1130", "ttl"
    tagged = found.messenger
    if tagged and tagged.category == "message_tag" and not tagged.tag:
        return "1021", "messenger.tag"
    return None


def _too_many(found: Asked) -> Fault | None:
    interactive = found.custom and found.custom.interactive
    action = interactive and interactive.action
    sections = (action and action.sections) or []
    rows = sum(len(section.rows) for section in sections)
    return ("1020", "custom.interactive.action.sections") if rows > _ROWS else None


def written(given: dict[str, Any]) -> Sent:
    """Of a request without a fault."""
    body = Asked.model_validate(given).given
    return Sent(
        id=str(uuid4()),
        provider="vonage",
        channel=CHANNELS[body["channel"]],
        sender=normal(body["from"]),
        to=normal(body["to"]),
        reference=body.get("client_ref"),
        text=_text(body),
        choices=_choices(body),
        media=_media(body),
        link=_link(body),
        opens=_opens(body),
        approved="template" in (body["message_type"], *body.get("custom", ())),
        status="accepted",
        raw=given,
        status_url=body.get("webhook_url"),
    )


def _text(body: dict[str, Any]) -> str:
    content = body.get(body["message_type"], "")
    if isinstance(content, str):
        return content
    match body["message_type"]:
        case "template":
            return "\n".join([f"[template {content.get('name')}]", *content.get("parameters", [])])
        case "custom":
            return _custom_text(content)
        case "card":
            return "\n".join([content["title"], content["text"]])
        case "content":
            return "\n".join(item["caption"] for item in content if item.get("caption"))
    return str(content.get("caption") or "")


def _media(body: dict[str, Any]) -> list[str]:
    match body["message_type"]:
        case "card":
            return [body["card"]["media_url"]]
        case "content":
            return [item["url"] for item in body["content"]]
        case kind if kind in _MEDIA:
            return [body[kind]["url"]]
    return []


def _link(body: dict[str, Any]) -> Link | None:
    """Viber's action button."""
    action = (body.get("viber_service") or {}).get("action")
    return Link(url=action["url"], title=action["text"]) if action else None


def _custom_text(custom: dict[str, Any]) -> str:
    """WhatsApp's own message object, handed through by Vonage."""
    if template := custom.get("template"):
        parts = [part for block in template.get("components", []) for part in block["parameters"]]
        values = [str(part["text"]) for part in parts if "text" in part]
        return "\n".join([f"[template {template.get('name')}]", *values])
    interactive = custom.get("interactive", {})
    texts = (interactive.get(name, {}).get("text") for name in ("header", "body", "footer"))
    return "\n".join(filter(None, texts))


def _opens(body: dict[str, Any]) -> str | None:
    """The button of a list message."""
    opens: str | None = _action(body).get("button")
    return opens


def _action(body: dict[str, Any]) -> dict[str, Any]:
    action: dict[str, Any] = (body.get("custom") or {}).get("interactive", {}).get("action", {})
    return action


def _choices(body: dict[str, Any]) -> list[Choice]:
    if body["channel"] == "rcs":
        offered = (body.get("card") or body).get("suggestions") or []
        suggestions = [one for one in offered if one.get("type") == "reply"]
        return [Choice(id=one["postback_data"], title=one["text"]) for one in suggestions]
    action = _action(body)
    rows = [row for section in action.get("sections", []) for row in section.get("rows", [])]
    replies = [button["reply"] for button in action.get("buttons", []) if "reply" in button]
    return [Choice(id=one["id"], title=one["title"]) for one in (*replies, *rows)]
