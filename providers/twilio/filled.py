"""What Twilio's Content API is given for one message: a template, and what fills its variables.

The choices are the template's, so that all messages that offer them share it. The lines of the
text, what a press brings back of this send, and where the picture lies are variables.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from failover.channels import Channel
from failover.content import Choice
from failover.locales import language, phrases
from failover.media import Media, MediaKind
from providers.base import Outbound
from providers.postback import with_token
from providers.whatsapp import Shape, shape
from providers.wording import with_link

#: Twilio's page "Using Variables with Content Templates".
_VARIABLES, _VALUE = 100, 1600
_REPLIES, _LIST, _CARD = "twilio/quick-reply", "twilio/list-picker", "twilio/card"
_OF_SHAPES = {Shape.BUTTONS: _REPLIES, Shape.LIST: _LIST}
#: With the longest label and text (pages "twilio/card" and "twilio/quick-reply"). A card without
#: media is a text with chips on RCS, one with it has four buttons; Messenger has ten quick replies.
_OTHERS = {Channel.RCS: (_CARD, 20, 1600), Channel.MESSENGER: (_REPLIES, 20, 1024)}
_ID, _ON_CARD = 200, 4
_PICTURES = (MediaKind.IMAGE, MediaKind.VIDEO)
#: The host, and a path that says the type of the file.
_URL = re.compile(r"(https://[a-z0-9.:-]+/)[^?#]*(\.\w{2,5})([?#].*)?", re.ASCII | re.IGNORECASE)

#: Where a press names no message by itself.
MARKED = tuple(_OTHERS)


@dataclass(frozen=True)
class Filled:
    """A template and what goes into its variables, for one message."""

    template: str  #: as JSON, what the Content API is to make of it
    variables: tuple[str, ...]
    samples: tuple[str, ...]
    said: str  #: the text as the person sees it

    @property
    def name(self) -> str:
        """The same for the same template, so that another process finds it."""
        return f"failover-{hashlib.sha256(self.template.encode()).hexdigest()[:32]}"

    @property
    def content_variables(self) -> str:
        return json.dumps(numbered(self.variables))


def numbered(values: Sequence[str]) -> dict[str, str]:
    return {str(number): value for number, value in enumerate(values, 1)}


def filled(
    outbound: Outbound, *, files: Sequence[Media] = (), token: str | None = None
) -> Filled | None:
    """None where the choices are lines of text: beyond the limits of the channel.

    With a `token` a press brings it back beside the choice (`providers.postback`).
    """
    text, variables = with_link(outbound), _Variables()
    layout = _laid_out(text, variables)
    said = re.sub(r"{{(\d+)}}", lambda found: variables.values[int(found[1]) - 1], layout)
    choices = _marked(outbound.content.choices, token and variables.put(token))
    picture = _picture(files, variables)
    kind = _kind(outbound, text, files=files, token=token or "")
    if kind is None or not said or not variables.fit() or (files and not picture):
        return None
    types = _types(kind, layout, choices, outbound.locale, picture)
    template = {"language": _language(outbound.locale), "types": types}
    written = json.dumps(template, sort_keys=True)
    return Filled(written, tuple(variables.values), tuple(variables.samples), said)


@dataclass
class _Variables:
    values: list[str] = field(default_factory=list)
    samples: list[str] = field(default_factory=list)

    def put(self, value: str, sample: str = "text") -> str:
        """What stands for it in the template."""
        self.values.append(value)
        self.samples.append(sample)
        return f"{{{{{len(self.values)}}}}}"

    def fit(self) -> bool:
        return len(self.values) <= _VARIABLES and all(len(one) <= _VALUE for one in self.values)


def _kind(outbound: Outbound, text: str, *, files: Sequence[Media], token: str) -> str | None:
    """The type of content that takes all of it."""
    choices, channel = outbound.content.choices, outbound.channel
    # Two braces would be a variable.
    if any("{{" in choice.id + choice.label for choice in choices):
        return None
    if files and (channel != Channel.RCS or len(choices) > _ON_CARD):
        return None
    if channel not in _OTHERS:
        return _OF_SHAPES.get(shape(text, choices))
    kind, label, longest = _OTHERS[channel]
    short = all(
        len(one.label) <= label and len(with_token(one.id, token)) <= _ID for one in choices
    )
    return kind if choices and short and len(text) <= longest else None


def _marked(choices: Sequence[Choice], mark: str | None) -> list[Choice]:
    if not mark:
        return list(choices)
    return [one.model_copy(update={"id": with_token(one.id, mark)}) for one in choices]


def _picture(files: Sequence[Media], variables: _Variables) -> str | None:
    """Its address, of which all but the host is a variable, as on the page "twilio/card".

    None of what a card does not show; there the address has to say the type of the file.
    """
    if len(files) != 1 or files[0].kind not in _PICTURES:
        return None
    url = files[0].url
    found = _URL.fullmatch(url)
    if not found or "{{" in url:
        return None
    host, ending = found[1], found[2]
    # The template outlives the message, whose address may be a secret. A sample has to be there
    # only for an approval by WhatsApp (page "twilio/card"), which no template of ours asks for.
    return host + variables.put(url.removeprefix(host), f"sample{ending}")


def _types(
    kind: str, layout: str, choices: Sequence[Choice], locale: str, picture: str | None
) -> dict[str, Any]:
    if kind != _LIST:
        media = {"media": [picture]} if picture else {}
        return {kind: {"body": layout, **media, "actions": [_action(choice) for choice in choices]}}
    rows = [{"id": choice.id, "item": choice.label} for choice in choices]
    opens = phrases(locale)["choices"]["open"]
    return {_LIST: {"body": layout, "button": opens, "items": rows}}


def _action(choice: Choice) -> dict[str, str]:
    return {"type": "QUICK_REPLY", "title": choice.label, "id": choice.id}


def _laid_out(text: str, variables: _Variables) -> str:
    """The text as a layout and one variable a line.

    A variable takes no newline, no tab, no more than four spaces in a row, and is not empty
    (error 21656); so the line breaks and empty lines are part of the template.
    """
    lines = [re.sub(r" {5,}", "    ", re.sub(r"\t", " ", line)) for line in text.splitlines()]
    lines = [line.strip() for line in lines]
    return "\n".join(variables.put(line) if line else "" for line in lines).strip("\n")


def _language(locale: str) -> str:
    """Twilio wants two letters; those of an odd locale do not matter, as nobody approves it."""
    known = language(locale)
    return known if re.fullmatch("[a-z]{2}", known) else "en"
