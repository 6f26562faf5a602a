"""What an address must look like, and how it is shown where it must not be read."""

import re

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
EMAIL = re.compile(r"[^@\s\x00-\x1f<>,;]{1,64}@[^@\s\x00-\x1f<>,;]{1,253}")
OPAQUE = re.compile(r"[^\s\x00-\x1f]{1,4096}")

#: Characters of a text that are looked through and kept; providers' errors are shorter.
SCRUBBED = 2000
_MASK = "•••"
_IN_TEXT = re.compile(r"[^\s@<>\"'(,;:]+@[^\s@<>\"'),;:]+|\+?[0-9][0-9() .-]{5,}[0-9]")


def mask(address: str) -> str:
    """Enough to recognise an address by, not enough to use it: `+1415•••0100`, `d•••@example.com`.

    >>> mask("+14155550100"), mask("dana@example.com")
    ('+1415•••0100', 'd•••@example.com')
    """
    local, _, domain = address.rpartition("@")
    if EMAIL.fullmatch(address):
        return f"{local[:1]}{_MASK}@{domain}"
    if len(address) >= 12:
        return f"{address[:5]}{_MASK}{address[-4:]}"
    return f"{address[:2]}{_MASK}{address[-2:]}" if len(address) >= 6 else _MASK


def scrub(text: str) -> str:
    """The text with everything that looks like an address masked; for providers' error texts."""
    return _IN_TEXT.sub(lambda found: mask(found.group()), text[:SCRUBBED])
