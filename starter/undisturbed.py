"""Starting a process so that a Ctrl-C does not leave one that nobody knows of."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from starter.interrupting import WISHES


@contextmanager
def undisturbed() -> Iterator[None]:
    """A Ctrl-C in the midst of starting a process would leave one that nobody knows of."""
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
