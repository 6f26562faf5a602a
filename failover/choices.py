"""Which of the offered choices an answer is."""

from collections.abc import Sequence

from failover.message import Choice


def match_choice(answer: str, choices: Sequence[Choice]) -> Choice | None:
    """The choice with this id, this label or this number in the list, whatever the case."""
    said = answer.strip().strip(".!").casefold()
    for number, choice in enumerate(choices, start=1):
        if said in (choice.id.casefold(), choice.label.casefold()) or said == str(number):
            return choice
    return None


def numbered(choices: Sequence[Choice]) -> str:
    """The choices as lines for channels that have no buttons: `1 = Yes`."""
    return "\n".join(f"{number} = {choice.label}" for number, choice in enumerate(choices, start=1))
