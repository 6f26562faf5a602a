"""Reads a Messages API request: what would arrive, its buttons, and what Vonage would refuse."""

import re
from typing import Any
from uuid import uuid4

from simulator.records import Choice, Link, Sent
from simulator.scripts import normal

CHANNELS = {
    "sms": "sms",
    "mms": "mms",
    "whatsapp": "whatsapp",
    "viber_service": "viber",
    "messenger": "messenger",
    "rcs": "rcs",
}
_NUMBER = re.compile(r"[1-9]\d{6,14}")
#: The longest texts, and the least and the most seconds that a message may wait; Messages API
#: 1.20.0. WhatsApp and Messenger have no time to live.
_LONGEST = {"viber_service": 1000, "messenger": 640, "rcs": 3072}
_TTL = {
    "sms": (20, 604_800),
    "mms": (300, 259_200),
    "viber_service": (30, 259_200),
    "rcs": (20, 259_200),
}
_MEDIA = ("image", "video", "audio", "file")


def fault(body: Any) -> tuple[str, str] | None:
    """The code and parameter of the first thing wrong with a request."""
    if not isinstance(body, dict):
        return "1020", "body"
    if body.get("channel") not in CHANNELS:
        return "1020", "channel"
    for name in ("to", "from", "message_type"):
        if not isinstance(body.get(name), str) or not body[name]:
            return "1020", name
    if body["channel"] != "messenger" and not _NUMBER.fullmatch(body["to"]):
        return "1020", "to"
    if body["message_type"] == "text" and not body.get("text"):
        return "1020", "text"
    if len(body.get("client_ref") or "") > 100:
        return "1450", "client_ref"
    return _unfit(body, body["channel"])


def _unfit(body: dict[str, Any], channel: str) -> tuple[str, str] | None:
    """What is wrong for its channel."""
    if len(body.get("text") or "") > _LONGEST.get(channel, 4096):
        return "1090", "text"
    options = body.get("viber_service") or {} if channel == "viber_service" else body
    least, most = _TTL.get(channel, (0, 0))
    if (ttl := options.get("ttl")) is not None and not least <= ttl <= most:
        return "1130", "ttl"
    kinds = (None, "transaction", "promotion")
    if channel == "viber_service" and options.get("category") not in kinds:
        return "1020", "viber_service.category"
    tagged = body.get("messenger") or {}
    if tagged.get("category") == "message_tag" and not tagged.get("tag"):
        return "1021", "messenger.tag"
    return None


def written(body: dict[str, Any]) -> Sent:
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
        raw=body,
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
