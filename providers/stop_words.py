"""The words by which a person says stop, when they are the whole message."""

import unicodedata

#: Twilio's list of English opt-out keywords (its page "Twilio support for opt-out keywords").
STOP_WORDS = frozenset(
    {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"}
)


def is_stop(text: str) -> bool:
    """Whether the whole message is a stop word, case, spaces and punctuation aside.

    >>> is_stop(" Stop! "), is_stop("Opt-out"), is_stop("don't stop")
    (True, True, False)
    """
    letters = filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold())
    return "".join(letters) in STOP_WORDS
