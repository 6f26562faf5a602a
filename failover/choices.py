"""How choices are offered in plain text, and which of them an answer is."""

from collections.abc import Sequence

from failover.content import Choice, Content


def match_choice(answer: str, choices: Sequence[Choice]) -> Choice | None:
    """The choice with this id, this label or this number in the list, whatever the case."""
    said = answer.strip().strip(".!").casefold()
    for number, choice in enumerate(choices, start=1):
        if said in (choice.id.casefold(), choice.label.casefold()) or said == str(number):
            return choice
    return None


def with_choices(content: Content) -> str:
    """The text for channels without buttons, with the choices as lines below it: `1 = Yes`."""
    numbered = (f"{number} = {choice.label}" for number, choice in enumerate(content.choices, 1))
    return "\n\n".join(filter(None, (content.text, "\n".join(numbered))))
