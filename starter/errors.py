"""What keeps a verb from being done, each in one line that a person can act on."""


class NotDone(Exception):
    """What was asked for did not happen: exit code 1."""

    exit_code = 1


class BadInput(NotDone):
    """What was typed or read cannot be meant: exit code 2."""

    exit_code = 2


def one_line(text: str) -> str:
    return " ".join(text.split())
