"""Reads a Messages API request: what would arrive, its buttons, and what Vonage would refuse."""

import re
from typing import Any
from uuid import uuid4

from simulator.records import Choice, Sent
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
        opens=_opens(body),
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
    return "\n".join(filter(None, (content.get("caption"), content.get("url"))))


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
        suggestions = [one for one in body.get("suggestions") or [] if one.get("type") == "reply"]
        return [Choice(id=one["postback_data"], title=one["text"]) for one in suggestions]
    action = _action(body)
    rows = [row for section in action.get("sections", []) for row in section.get("rows", [])]
    replies = [button["reply"] for button in action.get("buttons", []) if "reply" in button]
    return [Choice(id=one["id"], title=one["title"]) for one in (*replies, *rows)]
