"""What a person wrote, out of a mail that quotes what it answers."""

import html
import re
from collections import Counter
from collections.abc import Iterator

from mailparser_reply import EmailReplyParser
from mailparser_reply.constants import MAIL_LANGUAGES

#: The parser's patterns take time that grows with the square of the text.
LONGEST = 4_000
_LONGEST_HTML = 500_000
#: Characters by which the end of the window is known.
_TAIL = 200

_PARSER = EmailReplyParser(languages=list(MAIL_LANGUAGES))
_TOKEN = re.compile(r"<!--|-->|<[^<>]*>|[^<-]+|.", re.DOTALL)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^<>]*>")
_SKIPPED = frozenset({"blockquote", "head", "script", "style", "title"})
_BREAKS = frozenset({"br", "div", "li", "p", "tr"})


def without_history(text: str) -> str:
    """The new part: without the mails below it, quoted lines and a signature."""
    whole = text.replace("\r\n", "\n").strip()
    window = re.sub(r"\s*\n\s*\n\s*", "\n\n", whole[:LONGEST])
    if not window:
        return ""
    said, more = _new(window), whole[LONGEST:]
    # What a person wrote up to the window's end goes on beyond it.
    if more and window.rstrip().endswith(said[-_TAIL:]):
        gap = window[len(window.rstrip()) :]
        return _unquoted(said + gap + more)
    return said


def _new(window: str) -> str:
    latest = _PARSER.read(window).replies[0]
    # `- Yes` looks like a signature to the parser, and an answer below the quote like a header.
    for part in (latest.body, latest.full_body, latest.content):
        if said := _unquoted(part):
            return said
    return _unquoted(window)


def from_html(page: str) -> str:
    """The text of a mail that has no other."""
    words = "".join(_words(page[:_LONGEST_HTML]))
    lines = (" ".join(line.split()) for line in html.unescape(words).split("\n"))
    return "\n".join(lines).strip()


def _words(page: str) -> Iterator[str]:
    """In one pass: the standard library's parser takes a minute over what an attacker may write."""
    inside: Counter[str] = Counter()
    for token in _TOKEN.findall(page):
        tag = _TAG.match(token)
        name = tag[2].lower() if tag else ""
        if token in ("<!--", "-->"):
            inside["<!--"] = int(token == "<!--")
        elif name in _SKIPPED and not inside["<!--"]:
            inside[name] = max(0, inside[name] + (-1 if token.startswith("</") else 1))
        elif inside.total():
            continue
        elif name in _BREAKS:
            yield "\n"
        elif not tag and not token.startswith("<!"):
            yield " ".join(re.split(r"\s+", token))


def _unquoted(text: str) -> str:
    lines = (line for line in text.split("\n") if not line.lstrip().startswith(">"))
    return "\n".join(lines).strip()
