"""What Liquid's lexer would go back and forth over, found in one pass, and told in plain words."""

import re

#: Of one tag, and white space in it: Liquid's lexer takes the square of either.
_TAG, _SPACES = 2_000, 100

_GAP = re.compile(rf"\s{{{_SPACES + 1}}}")
_BEGINS = re.compile(r"\{[{%]")
_NAMED = re.compile(r"\{%-?\s*(#|\w+)")
_VERBATIM = re.compile(r"\{%-?\s*(raw|doc)\s*-?%\}")
_ENDS = {name: re.compile(rf"\{{%-?\s*end{name}\s*-?%\}}") for name in ("raw", "doc")}
_COMMENTS = re.compile(r"\{%-?\s*(end)?comment\b")


class Malformed(ValueError):
    """In words that are none of the template's."""


def without_comments(text: str) -> str:
    """The template as the lexer may have it: a comment may hold anything, so none is left."""
    kept, kept_to, at = [], 0, 0
    while begins := _BEGINS.search(text, at):
        at = begins.start()
        if whole := _VERBATIM.match(text, at):
            at = _end_of_verbatim(text, whole)
            continue
        end = _end_of_tag(text, at, begins[0])
        if begins[0] == "{%" and _name(text, at) == "comment":
            kept.append(text[kept_to:end])
            kept_to = end = _end_of_comment(text, end)
        at = end
    return "".join((*kept, text[kept_to:]))


def _name(text: str, at: int) -> str | None:
    named = _NAMED.match(text, at, at + _TAG)
    return named and named[1]


def _end_of_verbatim(text: str, begin: re.Match[str]) -> int:
    if not (ends := _ENDS[begin[1]].search(text, begin.end())):
        raise Malformed(f"a {{% {begin[1]} %}} has no {{% end{begin[1]} %}}")
    return ends.end()


def _end_of_tag(text: str, at: int, begin: str) -> int:
    if begin == "{%" and not _name(text, at):
        raise Malformed("a {% has no name after it")
    end = "}}" if begin == "{{" else "%}"
    found = text.find(end, at + 2, at + _TAG)
    if found < 0:
        raise Malformed(f"a {begin} has no {end} within {_TAG} characters")
    if _GAP.search(text, at, found):
        raise Malformed(f"a {begin} has more than {_SPACES} spaces together")
    return found + 2


def _end_of_comment(text: str, at: int) -> int:
    """Where its `endcomment` begins: there are comments within comments."""
    depth = 1
    for tag in _COMMENTS.finditer(text, at):
        if text.find("%}", tag.end(), tag.start() + _TAG) < 0:
            continue
        depth += -1 if tag[1] else 1
        if not depth:
            return tag.start()
    raise Malformed("a {% comment %} has no {% endcomment %}")
