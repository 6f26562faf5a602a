"""What is said besides the steps: a question asked again, and what an agent answers.

Workflow code, like the policy. An aside goes by a channel that has reached the person, and no step
waits for it.
"""

from dataclasses import dataclass
from enum import StrEnum

from failover.content import Content
from failover.locales import phrases


class Purpose(StrEnum):
    """Why an attempt was made that is no step of the message."""

    ASK_AGAIN = "ask_again"
    ANSWER = "answer"


@dataclass(frozen=True)
class Aside:
    purpose: Purpose
    #: Of the step whose channel and address it goes by.
    step: int
    content: Content


def asked_again(content: Content, locale: str) -> Content:
    """The question's choices once more, on the same channel."""
    again: str = phrases(locale)["ask_again"]["text"]
    words: dict[str, object] = {"text": again, "html": None, "media": (), "template": None}
    return content.model_copy(update=words)
