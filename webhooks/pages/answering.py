"""What a form says as a reply, and which of the answers given is the one that counts."""

import hashlib
from collections.abc import Mapping
from urllib.parse import parse_qs

from failover.content import Content
from failover.events import Answer, Reply
from failover.names import reference
from providers.links import Unsubscribing
from providers.reply_keys import address_key
from providers.stop_words import is_stop
from webhooks.pages.record import Asked

#: In place of a provider: the person used a link.
LINK = "link"
#: Characters of a written answer; with each of them in twelve bytes it is still a small body.
MOST = 4000

Form = Mapping[str, str]


def form(body: bytes) -> Form:
    """The fields of a form; none where it is no form, or not one of ours."""
    try:
        found = parse_qs(body.decode(errors="replace"), max_num_fields=10)
    except ValueError:
        return {}
    return {name: values[-1] for name, values in found.items()}


def reply(asked: Asked | None, sent: tuple[str, int], given: Form, secret: str) -> Reply | None:
    """None where it answers nothing. A question that is forgotten takes what there is."""
    if asked is None:
        told = {"text": written(given) or given.get("choice", "")[:MOST] or None}
    elif asked.content.choices:
        told = _chosen(asked.content, given)
    else:
        told = {"text": written(given)}
    if not told.get("text"):
        return None
    text = "" if told.get("choice") else told["text"] or ""
    return Reply(
        channel=asked.channel if asked else LINK,
        provider=LINK,
        provider_id=f"{reference(*sent)}:{key(told.get('choice') or text)}",
        reference=reference(*sent),
        stop=is_stop(text),
        person=address_key(secret, asked.to) if asked else None,
        **told,
    )


def stop(gone: Unsubscribing) -> Reply:
    of = reference(gone.message, gone.attempt)
    return Reply(
        channel="email",
        provider=LINK,
        provider_id=f"{of}:unsubscribe",
        reference=of,
        stop=True,
        certain=True,
        person=gone.person,
    )


def written(given: Form) -> str | None:
    """As it was written; nothing where it is too much."""
    text = given.get("text", "").replace("\r\n", "\n").strip()
    return text if 0 < len(text) <= MOST else None


def key(answer: str) -> str:
    """The same answer twice is one."""
    return hashlib.sha256(answer.encode()).hexdigest()[:16]


def answer(asked: Asked) -> Answer | None:
    return next((given for given in asked.answers if given.counts), None)


def is_own(asked: Asked, given: Answer, sent: tuple[str, int]) -> bool:
    """Whether the holder of this link may read it: others who were asked may not."""
    own = (given.provider_id or "").startswith(f"{reference(*sent)}:")
    return given.agent is None and (own or not asked.among_others)


def came_late(asked: Asked, sent: tuple[str, int], said: str | None) -> bool:
    """Whether what was just said from here is none of what the message has heard."""
    heard = {given.provider_id for given in asked.answers}
    return bool(said) and asked.ended and f"{reference(*sent)}:{said}" not in heard


def _chosen(content: Content, given: Form) -> dict[str, str | None]:
    found = (choice for choice in content.choices if choice.id == given.get("choice"))
    return next(({"choice": choice.id, "text": choice.label} for choice in found), {})
