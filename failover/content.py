"""What is said, the answers that are offered, and what to do about any other."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints, ValidationInfo, field_validator

from failover.fields import Asked, Id, Line, at_most, printable


class Choice(Asked):
    """An answer offered: a quick reply, a line of a list, a key in a call."""

    id: Id
    label: Line


class Other(StrEnum):
    """What to do about an answer that is none of the choices."""

    ACCEPT = "accept"  #: any text is a response
    ASK_AGAIN = "ask_again"  #: say once more what can be answered, and go on waiting
    HAND_OVER = "hand_over"  #: go to the step whose channel is `agent`


class OnOther(Asked):
    """`{"do": "ask_again", "times": 2}`, or the word alone."""

    do: Other = Other.ACCEPT
    #: How often to ask again in the whole message; what comes after that is kept and not answered.
    times: Annotated[int, Field(ge=1, le=9)] = 1


def _as_an_object(given: Any) -> Any:
    return {"do": given} if isinstance(given, str) else given


class Content(Asked):
    """What is said. The channels say it in their own way: a subject is for email only."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=100_000)]
    subject: Line | None = None
    choices: Annotated[tuple[Choice, ...], Field(max_length=9), at_most(9)] = ()
    on_other: Annotated[OnOther, BeforeValidator(_as_an_object)] = OnOther()
    #: Whether a signed link to a page with the question and its choices is part of the text.
    confirm_link: bool = False

    @field_validator("on_other")
    @classmethod
    def _what_is_asked_again_can_be_answered(cls, asked: OnOther, said: ValidationInfo) -> OnOther:
        if asked.do == Other.ASK_AGAIN and said.data.get("choices") == ():
            raise ValueError("ask_again needs choices")
        return asked

    @field_validator("subject")
    @classmethod
    def _subject_is_one_line(cls, subject: str | None) -> str | None:
        return subject if subject is None else printable(subject)

    @field_validator("choices")
    @classmethod
    def _choices_differ(cls, choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
        for what in ("id", "label"):
            if len({getattr(choice, what).casefold() for choice in choices}) < len(choices):
                raise ValueError(f"two choices have the same {what}")
        return choices
