"""Where the verbs print: coloured for a terminal, plain whole lines for anything else."""

import os
import sys
from urllib.parse import quote

import typer
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from starter import timeline
from starter.timeline import Entry


class Screen:
    """Standard output, and whether a person watches it."""

    def __init__(self, *, footer: bool = True) -> None:
        self.console = Console(highlight=False)
        self.live = sys.stdout.isatty() and not self.console.is_dumb_terminal
        #: Whether a last line may count down; it would be in the way of someone who types.
        self.footer = self.live and footer

    def say(self, line: Text | str = "", style: str = "") -> None:
        text = Text(line, style) if isinstance(line, str) else line
        if self.live:
            self.console.print(text)
        else:
            typer.echo(text.plain)

    def tell(self, entries: list[Entry], *, width: int = 0) -> None:
        if self.live and entries:
            self.console.print(Padding(timeline.table(entries, width=width), (0, 0, 0, 2)))
        elif entries:
            lines = timeline.plain(entries, width=width)
            typer.echo("\n".join(f"  {line}" for line in lines))

    def facts(self, facts: list[tuple[str, str]]) -> None:
        """A word and what goes with it, on lines of their own."""
        if not self.live:
            typer.echo("\n".join(f"  {word:<12}  {said}" for word, said in facts))
            return
        for word, said in facts:
            if said.startswith("http"):  # whole, so that it can be clicked
                line = Text.assemble("  ", (f"{word:<12}", "dim"), "  ", said)
                self.console.print(line, soft_wrap=True)
                continue
            grid = Table.grid(padding=(0, 2))
            grid.add_column(style="dim", no_wrap=True, min_width=12)
            grid.add_column(overflow="fold")
            grid.add_row(word, Text(said))
            self.console.print(Padding(grid, (0, 0, 0, 2)))

    def write(self, text: str) -> None:
        """For programs: as it is."""
        typer.echo(text)

    def fits(self, table: Table) -> bool:
        unbounded = self.console.options.update(width=10_000)
        return self.console.measure(table, options=unbounded).maximum <= self.console.width

    def columns(self, rows: list[list[str]]) -> None:
        """Cells side by side and whole, however wide that gets."""
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            typer.echo("  ".join(cells).rstrip())


def complain(line: str) -> None:
    typer.echo(line, err=True)


def web_page(namespace: str, workflow_id: str, run_id: str) -> str | None:
    """The message's page in the Web UI, when TEMPORAL_UI_URL says where that is."""
    base = os.environ.get("TEMPORAL_UI_URL", "").rstrip("/")
    place = [quote(part, safe="") for part in (namespace, workflow_id, run_id)]
    return f"{base}/namespaces/{place[0]}/workflows/{place[1]}/{place[2]}" if base else None
