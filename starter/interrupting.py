"""Told to end: how a program of ours that starts processes hears of it, and loses nothing by it."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import NoReturn, TypeVar

Result = TypeVar("Result")

#: What ends a program besides Ctrl-C: `kill`, and a terminal that was closed.
WISHES = (signal.SIGTERM, signal.SIGHUP)


def heed_wishes_to_end() -> None:
    """From here on each of them is a `KeyboardInterrupt`, as Ctrl-C is."""
    for wish in WISHES:
        signal.signal(wish, _interrupt)


def run(work: Coroutine[object, object, Result]) -> Result:
    """`asyncio.run`, cancelled by a wish to end, then raising `KeyboardInterrupt`.

    An exception raised by a signal's handler in the midst of the event loop can take a task's
    wake-up with it: the task then waits for ever, and whoever cancels it waits with it. So
    asyncio cancels on Ctrl-C instead (its `Runner._on_sigint`), and this does so on the others.
    """
    came: list[int] = []

    async def cancellable() -> Result:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()

        def cancel(number: int, _: object) -> None:
            came.append(number)
            if task is not None:
                task.cancel()
                loop.call_soon_threadsafe(lambda: None)  # it may be waiting for something else

        for wish in WISHES:
            signal.signal(wish, cancel)
        return await work

    old = {wish: signal.getsignal(wish) for wish in WISHES}
    try:
        result = asyncio.run(cancellable())
    except asyncio.CancelledError:
        if came:
            raise KeyboardInterrupt from None
        raise
    finally:
        for wish, handler in old.items():
            signal.signal(wish, handler)
    if came:  # in the moment of its end
        raise KeyboardInterrupt
    return result


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt
