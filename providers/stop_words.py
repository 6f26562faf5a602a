"""The words by which a person says stop or takes it back, when they are the whole message."""

import unicodedata

#: Twilio's list of English opt-out keywords (its page "Twilio support for opt-out keywords"), and
#: the French ones (its page "Opt-out keywords" of Proxy; carriers in Canada ask for ARRET).
STOP_WORDS = frozenset(
    {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"}
    | {"arret", "arrete", "arrett"}
)
#: No choice may have this name: carriers act on it themselves, also where it was offered.
CERTAIN = frozenset({"stop", "stopall"})
#: Twilio's opt-in keywords without YES, which answers our questions.
START_WORDS = frozenset({"start", "unstop"})


def is_stop(text: str) -> bool:
    """Whether the whole message is a stop word, case, accents, spaces and punctuation aside.

    >>> is_stop(" Stop! "), is_stop("Opt-out"), is_stop("Arrêt"), is_stop("don't stop")
    (True, True, True, False)
    """
    return _letters(text) in STOP_WORDS


def is_certain(text: str) -> bool:
    """Whether it is STOP itself, which is never the name of a choice.

    >>> is_certain("STOP."), is_certain("Stop all"), is_certain("Cancel")
    (True, True, False)
    """
    return _letters(text) in CERTAIN


def is_start(text: str) -> bool:
    """Whether it takes a stop back.

    >>> is_start("Start"), is_start("UNSTOP!"), is_start("Let's start"), is_start("yes")
    (True, True, False, False)
    """
    return _letters(text) in START_WORDS


def _letters(text: str) -> str:
    """Those of a text as long as such a word may be, and nothing of a longer one."""
    if len(text.strip()) > _LONGEST:
        return ""
    plain = unicodedata.normalize("NFKD", text.strip()).casefold()
    return "".join(filter(str.isalnum, plain))


_LONGEST = 100
