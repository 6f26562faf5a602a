"""Writes the page docs/errors.md, from the tables of codes."""

import sys
from importlib.resources import files

from providers.codes import AtOnce, Code, Table, tables
from providers.known import integrations

_HEAD = """\
# Errors

Every code that a provider is known to give, whose fault it is, and what it means. Made from
`providers/<name>/codes.toml`, by `python -m providers.codes_page > docs/errors.md`; reasons that
are not plain are comments there.

The class says [where the message goes on](concepts.md#the-rules-in-order): with the next provider
of the step after `provider`, `account`, `sender` and `cap`, with the next step after `address`,
`unreachable`, `content`, `policy` and `expired`. After `opt_out` nothing more goes to that address.
A code in no table is `unrecognized`: the log names it, and the message goes on with the next step.
In an answer with HTTP 401, 402, 403, 408 or 429 the status says whose fault it is instead. An
answer without any code has the class of its status; one that is not listed is `content`, or
`address` where Vonage names the parameter `to`. SendGrid and the push services of browsers have
statuses for codes, and one of theirs that is not listed is `unrecognized`.

In the answer to a send a code may also say that the send was certainly not taken, and is tried
again; or that [nobody knows](concepts.md#sends-of-unknown-outcome) whether it was. Where it says
neither the send is refused, but after HTTP 408 and 429, which are tried again, and after 5xx, of
which nobody knows. In a later callback the class alone counts.

An `account` error in an answer makes the provider
[passed over](operating.md#providers-in-trouble) on that channel at once.
"""

_AT_ONCE = {
    None: "",
    AtOnce.REFUSED: "refused, whatever the HTTP status",
    AtOnce.AGAIN: "not taken; tried again",
    AtOnce.UNKNOWN: "nobody knows",
}


def page() -> str:
    parts = [_HEAD]
    for title, package, file in _files():
        parts.append(f"## {title}")
        parts.extend(_section(title, table) for table in tables(package, file).values())
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _files() -> list[tuple[str, str, str]]:
    known = [(one.title, f"providers.{one.name}", "codes.toml") for one in integrations()]
    told = [row for row in known if (files(row[1]) / row[2]).is_file()]
    return [*told, ("The telephone network", "providers", "sip.toml")]


def _section(name: str, table: Table) -> str:
    decided = any(code.at_once for code in table.codes.values())
    titles = ["code", "class", "means", *(["in an answer"] if decided else [])]
    lines = [f"### {name}: {table.title}", "", f"Told {table.comes}. Source: {table.source}.", ""]
    lines += [f"| {' | '.join(titles)} |", "|---" * len(titles) + "|"]
    lines += [_row(said, code, decided) for said, code in table.codes.items()]
    return "\n".join(lines)


def _row(said: str, code: Code, decided: bool) -> str:
    cells = [f"`{said}`", f"`{code.kind}`", code.means]
    return f"| {' | '.join([*cells, _AT_ONCE[code.at_once]] if decided else cells)} |"


if __name__ == "__main__":
    sys.stdout.write(page())
