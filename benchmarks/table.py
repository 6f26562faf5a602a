"""The tables that a benchmark ends with, in Markdown: docs/performance.md has them pasted."""

from collections.abc import Callable, Iterator, Sequence
from statistics import median
from typing import NamedTuple

from rich import box
from rich.table import Table

from benchmarks.report import PER_ATTEMPT, Report, Round, Story, Waiting
from benchmarks.sizes import Name

_ATTEMPTS = (1, 2)


class Row(NamedTuple):
    figure: str
    floor: str
    product: str
    compared: str
    aim: str = ""


def figures(report: Report) -> Table:
    table = Table(box=box.MARKDOWN)
    table.add_column("figure", no_wrap=True)
    for name in ("floor", "product", "product to floor", "aim"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in (*_speed(report), *_counted(report), *_times(report), *_kept(report)):
        table.add_row(*row)
    return table


def events(report: Report) -> Table:
    """What the histories consist of, by number of attempts."""
    told = [report.story(side, tries) for tries in _ATTEMPTS for side in ("floor", "product")]
    table = Table(box=box.MARKDOWN)
    table.add_column("event", no_wrap=True)
    for one in told:
        table.add_column(f"{one.side}, {_tries(one.attempts)}", justify="right")
    for name in sorted({name for one in told for name in one.events}):
        table.add_row(name, *(str(one.events.get(name, 0)) for one in told))
    table.add_row("all", *(str(one.length) for one in told))
    table.add_row("histories read", *(str(one.read) for one in told))
    table.add_row("of these, unlike this", *(str(one.others) for one in told))
    return table


def _speed(report: Report) -> Iterator[Row]:
    def of(figure: str, aim: str, value: Callable[[Round], float]) -> Row:
        floor, product = (_rounds(report, side, value) for side in ("floor", "product"))
        ratio = f"{median(product) / median(floor):.2f}"
        return Row(figure, _spread(floor), _spread(product), ratio, aim)

    yield of("messages per second", "≥ 0.90", lambda r: r.messages / r.seconds)
    yield of("CPU-s per 1,000 messages", "≤ 1.10", lambda r: 1e3 * r.used.total / r.messages)
    yield of("of these, server", "", lambda r: 1e3 * r.used.server / r.messages)
    yield of("of these, worker", "", lambda r: 1e3 * r.used.worker / r.messages)
    yield of("requests per message", "", lambda r: sum(r.requests.values()) / r.messages)


def _counted(report: Report) -> Iterator[Row]:
    def of(figure: str, tries: int, value: Callable[[Story], int], aim: str = "") -> Row:
        floor, product = (value(report.story(side, tries)) for side in ("floor", "product"))
        named = f"{figure}, {_tries(tries)}"
        return Row(named, str(floor), str(product), f"{product - floor:+}", aim)

    for tries in _ATTEMPTS:
        yield of("history events", tries, lambda s: s.length, f"≤ +{PER_ATTEMPT * tries}")
    for tries in _ATTEMPTS:
        yield of("billable actions", tries, lambda s: s.actions)
    for tries in _ATTEMPTS:
        yield of("state transitions", tries, lambda s: s.transitions)


def _times(report: Report) -> Iterator[Row]:
    floor, product = report.timings
    for figure, ours, theirs in (
        ("answer to end, ms, p50 / p99", product.closed, floor.closed),
        ("timer late, ms, p50 / p99", product.late, floor.late),
    ):
        ratio = f"{share(ours, 0.5) / share(theirs, 0.5):.2f}"
        yield Row(figure, _shares(theirs), _shares(ours), ratio)


def _kept(report: Report) -> Iterator[Row]:
    def of(figure: str, messages: int, value: Callable[[Waiting], float]) -> Row:
        one = {w.side: value(w) for w in report.waiting if w.messages == messages}
        named = f"{figure}, {messages:,} waiting"
        ratio = f"{one['product'] / one['floor']:.2f}"
        return Row(named, f"{one['floor']:.1f}", f"{one['product']:.1f}", ratio)

    for messages in sorted({one.messages for one in report.waiting}):
        yield of("disk per message, kB", messages, lambda w: w.disk_bytes / w.messages / 1e3)
        yield of("worker memory, MB", messages, lambda w: w.worker_bytes / 1e6)
        yield of("of this, without messages", messages, lambda w: w.worker_bytes_before / 1e6)


def share(values: Sequence[float], part: float) -> float:
    """The value that this part of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)]


def _rounds(report: Report, side: Name, value: Callable[[Round], float]) -> list[float]:
    return [value(one) for one in report.rounds if one.side == side]


def _spread(values: Sequence[float]) -> str:
    most = f"{median(values):.1f}"
    return most if len(values) == 1 else f"{most} ({min(values):.1f}-{max(values):.1f})"


def _shares(seconds: Sequence[float]) -> str:
    return " / ".join(f"{1e3 * share(seconds, part):.0f}" for part in (0.5, 0.99))


def _tries(attempts: int) -> str:
    return f"{attempts} attempt{'s' * (attempts > 1)}"
