"""Told to end: how a program of ours that starts processes hears of it, and loses nothing by it."""

import asyncio
import signal
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import NoReturn, TypeVar

Result = TypeVar("Result")

#: What ends a program: Ctrl-C, `kill`, and a terminal that was closed.
WISHES = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def heed_wishes() -> None:
    """From here on the first of them is a `KeyboardInterrupt`; those after it are not heeded."""
    for wish in WISHES:
        signal.signal(wish, _interrupt)


def ignore_wishes() -> None:
    """For what has to be done before the end, and is being done."""
    for wish in WISHES:
        signal.signal(wish, signal.SIG_IGN)


@contextmanager
def undisturbed() -> Iterator[None]:
    """A wish in the midst of starting a process would leave one that nobody knows of."""
    came: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    old = {wish: signal.signal(wish, lambda number, _: came.append(number)) for wish in WISHES}
    try:
        yield
    finally:
        for wish, handler in old.items():
            signal.signal(wish, handler)
    if came:
        signal.raise_signal(came[0])


def run(work: Coroutine[object, object, Result]) -> Result:
    """`asyncio.run`, cancelled by the first wish to end, then raising `KeyboardInterrupt`.

    An exception raised by a signal's handler in the midst of the event loop can take a task's
    wake-up with it: the task then waits for ever, and whoever cancels it waits with it. asyncio
    cancels at a first Ctrl-C, but raises at a second, which comes while the work cleans up.
    """
    came: list[int] = []
    running: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[object]]] = []

    def cancel(number: int, _: object) -> None:
        came.append(number)
        for loop, task in running:
            if len(came) == 1 and not task.done():
                task.cancel()
                loop.call_soon_threadsafe(lambda: None)  # it may be waiting for something else

    async def cancellable() -> Result:
        if task := asyncio.current_task():
            running.append((asyncio.get_running_loop(), task))
        if came:
            work.close()
            raise asyncio.CancelledError
        return await work

    old = {wish: signal.signal(wish, cancel) for wish in WISHES}
    try:
        try:
            result = asyncio.run(cancellable())
        finally:
            for wish, handler in old.items():
                signal.signal(wish, handler)
    except BaseException:
        if came:  # whatever the clean-up came to
            raise KeyboardInterrupt from None
        raise
    if came:  # in the moment of its end
        raise KeyboardInterrupt
    return result


def _interrupt(*_: object) -> NoReturn:
    ignore_wishes()
    raise KeyboardInterrupt
