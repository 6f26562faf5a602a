"""What a press brings back where the provider names no message with it: RCS and Messenger.

That is the choice and which send it belongs to. What a phone sends can be made up: hence a token
that nobody can guess.
"""

import re

from providers.base import Outbound
from providers.reply_keys import reply_token, token_key

_TOKEN = re.compile(r"[a-z2-7]{32}")


def with_token(choice: str, token: str) -> str:
    """A choice's id has no spaces."""
    return f"{choice} {token}"


def marked(secret: str, outbound: Outbound) -> Outbound:
    """The send with choices whose ids are what a press on them brings back."""
    token = reply_token(secret, outbound.reference)
    choices = tuple(
        one.model_copy(update={"id": with_token(one.id, token)}) for one in outbound.content.choices
    )
    content = outbound.content.model_copy(update={"choices": choices})
    return outbound.model_copy(update={"content": content})


def read(pressed: str) -> tuple[str, str | None]:
    """The choice's id, and the token where there is one."""
    choice, _, token = pressed.rpartition(" ")
    return (choice, token) if choice and _TOKEN.fullmatch(token) else (pressed, None)


def reply_key(secret: str, reference: str) -> str:
    """The key under which a press on what this send offers finds it."""
    return token_key(secret, reply_token(secret, reference))
