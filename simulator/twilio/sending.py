"""Reads a send request: what Twilio would deliver, to whom and from whom."""

import json
import re
from typing import Any
from uuid import uuid4

from simulator.records import Call, Choice, Sent
from simulator.state import Template
from simulator.twilio.form import Form, address, plain, reference

#: Stands for whichever number a Messaging Service would pick.
SERVICE_NUMBER = "+15005550006"


def written(form: Form, templates: dict[str, Template]) -> Sent:
    channel = address(form.get("To"))[0]
    as_mms = bool(form.all("MediaUrl")) or form.get("SendAsMms") == "true"
    said: dict[str, Any] = {"text": form.get("Body"), "media": form.all("MediaUrl")}
    template = templates.get(form.get("ContentSid"))
    if sid := form.get("ContentSid"):
        said = _filled(sid, json.loads(form.get("ContentVariables") or "{}"), template)
    return Sent(
        id=("MM" if as_mms else "SM") + uuid4().hex,
        provider="twilio",
        channel="mms" if as_mms and channel == "sms" else channel,
        sender=plain(form.get("From")) or SERVICE_NUMBER,
        to=plain(form.get("To")),
        reference=reference(form.get("StatusCallback")),
        **said,
        opens=template.opens if template else None,
        # What the Content API made is for use within the window.
        approved=bool(form.get("ContentSid")) and not (template and template.resource),
        status="accepted" if form.get("MessagingServiceSid") else "queued",
        raw=raw(form),
        status_url=form.get("StatusCallback") or None,
    )


def dialled(form: Form) -> Sent:
    return Sent(
        id="CA" + uuid4().hex,
        provider="twilio",
        channel="voice",
        sender=plain(form.get("From")),
        to=plain(form.get("To")),
        reference=reference(form.get("StatusCallback")),
        status="queued",
        call=Call(),
        raw=raw(form),
        status_url=form.get("StatusCallback") or None,
    )


def raw(form: Form) -> dict[str, str | list[str]]:
    """The form as it came; a name that came more than once holds a list."""
    values = {name: form.all(name) for name, _ in form.pairs}
    return {name: found if len(found) > 1 else found[0] for name, found in values.items()}


def _filled(sid: str, variables: dict[str, str], template: Template | None) -> dict[str, Any]:
    """What a template says. One that nobody described to the simulator shows its variables."""
    if template is None:
        listed = "\n".join(f"{name}: {value}" for name, value in variables.items())
        return {"text": f"[template {sid}]\n{listed}".strip()}

    def fill(text: str) -> str:
        return re.sub(r"{{(\w+)}}", lambda found: str(variables.get(found[1], "")), text)

    choices = [Choice(id=fill(choice.id), title=fill(choice.title)) for choice in template.choices]
    media = [fill(address) for address in template.media]
    return {"text": fill(template.body), "choices": choices, "media": media}
