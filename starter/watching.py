"""The verb `watch`: one message live, until it ends."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text
from temporalio.client import Client

from starter.look import WELL, Seen, look
from starter.screen import Screen
from starter.showing import doing, head
from starter.timeline import Entry, label

#: Retries of a send make no history, so without news we look anyway after this many seconds.
_LOOK_ANYWAY = 5.0
#: News comes in bursts: a send that is accepted is four events.
_BURST = 0.15


async def watch(client: Client, screen: Screen, id: str) -> int:
    """Tells each thing as it happens. 0 when the person responded or the goal was reached."""
    seen = await look(client, id)
    head(screen, seen)
    screen.say()
    told: set[Entry] = set()
    async with _news(client, seen) as next_news, _footer(screen, seen) as put:
        while True:
            fresh = [entry for entry in _worth_telling(seen) if entry not in told]
            put(seen)
            screen.tell(fresh, width=_width(seen))
            told.update(fresh)
            if seen.ended:
                return 0 if seen.status in WELL else 1
            await next_news()
            seen = await look(client, id)


def _width(seen: Seen) -> int:
    """Of the widest `1 WhatsApp` to come, so that what is told bit by bit stands in columns."""
    steps = seen.message.steps if seen.message else ()
    return max((len(f"1 {label(step.channel)}") for step in steps), default=0)


def _worth_telling(seen: Seen) -> list[Entry]:
    """Without a worker what Temporal knows waits for the end, so that nothing is told twice."""
    return seen.entries if seen.result or seen.ended else []


@asynccontextmanager
async def _news(client: Client, seen: Seen) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Something to await until the message's history grows, or for a few seconds."""
    news = asyncio.Event()
    run = client.get_workflow_handle(seen.workflow_id, run_id=seen.run_id)

    async def follow() -> None:
        async for _ in run.fetch_history_events(wait_new_event=True):
            news.set()

    async def next_news() -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_ANYWAY):
                await news.wait()
        await asyncio.sleep(_BURST)
        news.clear()

    following = asyncio.create_task(follow())
    try:
        yield next_news
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


@asynccontextmanager
async def _footer(screen: Screen, first: Seen) -> AsyncIterator[Callable[[Seen], None]]:
    """On a terminal a last line that counts down; elsewhere nothing."""
    if not screen.footer:
        yield _say_once(screen)
        return
    spinner, now = Spinner("dots", style="cyan"), [first]

    def shown() -> Spinner | Text:
        if now[-1].ended:
            return Text()
        spinner.update(text=_waiting(now[-1]))
        return spinner

    with Live(console=screen.console, get_renderable=shown, refresh_per_second=8, transient=True):
        yield now.append


def _waiting(seen: Seen) -> Text:
    if seen.silence:
        return Text(f"{seen.silence}; going on looking", "yellow")
    return Text("; ".join(doing(seen, datetime.now(UTC))) or "under way", "dim")


def _say_once(screen: Screen) -> Callable[[Seen], None]:
    said: list[str] = []

    def put(seen: Seen) -> None:
        if seen.silence and not seen.ended and not said:
            said.append(seen.silence)
            screen.say(f"{seen.silence}; going on looking")

    return put
