"""Writes the page docs/channels.md, from the table that plans are checked against."""

import sys
from collections.abc import Callable, Sequence

from failover.channels import Goal
from providers.capabilities import Carries, table

_HEAD = """\
# Channels

What each provider can do on each channel. Made from `providers/<name>/capabilities.py`, by
`python -m providers.channels_page > docs/channels.md`.

A message is held to it before anything is sent: by
[`python -m starter check FILE`](operating.md#the-command-line), by `starter send`, and when its
workflow begins.
[What is refused, and what is only told](decisions/plans-are-checked-by-a-table.md).
"""


def page() -> str:
    rows = list(table().values())
    parts = [
        _HEAD,
        "## What is carried",
        _table("text | choices | media | template", rows, _text, _choices, _media, _template),
        "Choices beyond that are numbered lines of the text. Media beyond that are links in the "
        "text, with the caption; a call says the captions alone. All that is in the text counts: "
        "choices, captions, links. "
        "A template of the provider's is sent instead of the text.",
        "## What comes back",
        _table("says | our reference with a report | with a reply", rows, _says, _report, _reply),
        "An answer that brings no reference back is found "
        "[by the two addresses](concepts.md#how-an-answer-finds-its-message).",
        "## Where and when",
        _table("address | window", rows, lambda row: row.address.what, lambda row: row.window),
        "## Sources",
        _table("source", rows, lambda row: "; ".join(row.sources)),
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _table(titles: str, rows: Sequence[Carries], *cells: Callable[[Carries], str]) -> str:
    lines = [f"| channel | provider | {titles} |", "|---" * (2 + len(cells)) + "|"]
    for row in rows:
        told = (row.channel.label, row.provider, *(cell(row) for cell in cells))
        lines.append(f"| {' | '.join(told)} |")
    return "\n".join(lines)


def _text(row: Carries) -> str:
    return f"{row.text.most} {row.text.unit}" if row.text.most else "any"


def _choices(row: Carries) -> str:
    ways = [f"{way.most} as {way.how}{_within(way.label, way.text)}" for way in row.choices]
    return ", ".join(ways) or "as lines"


def _within(label: int | None, text: int | None) -> str:
    limits = [f"labels of {label}"] if label else []
    limits += [f"texts of {text}"] if text else []
    return f" ({', '.join(limits)})" if limits else ""


def _media(row: Carries) -> str:
    if not row.media.most:
        return "none"
    size = f", {row.media.megabytes} MB" if row.media.megabytes else ""
    how = f" ({row.media.how})" if row.media.how else ""
    return f"{row.media.most}: {', '.join(row.media.kinds)}{size}{how}"


def _template(row: Carries) -> str:
    return "yes" if row.template else "no"


def _says(row: Carries) -> str:
    return ", ".join(goal for goal in Goal if goal in row.reports)


def _report(row: Carries) -> str:
    return row.reference


def _reply(row: Carries) -> str:
    return row.reply_reference or "none"


if __name__ == "__main__":
    sys.stdout.write(page())
