"""A wish to end, at the worst of moments."""

import subprocess
import sys
import textwrap

import pytest

#: A wish to end comes when a task's wake-up has just left the loop's queue and has not run yet.
AT_THE_WORST = """
    import asyncio, os, signal, sys
    from starter import interrupting

    class Wish:
        come = False

    def watch(frame, event, _):
        if event == "call" and frame.f_code is asyncio.events.Handle._run.__code__:
            if "wakeup" in repr(frame.f_locals["self"]) and not Wish.come:
                Wish.come = True
                signal.raise_signal(signal.{wish})

    async def wait():
        loop = asyncio.get_running_loop()
        sleeping = loop.create_future()
        loop.call_soon(sleeping.set_result, None)
        sys.setprofile(watch)
        await sleeping
        await loop.create_future()

    interrupting.heed_wishes_to_end()
    try:
        {run}(wait())
    except KeyboardInterrupt:
        print("interrupted" if Wish.come else "too early")
"""


def program(run: str, wish: str) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(AT_THE_WORST).format(run=run, wish=wish)]


@pytest.mark.parametrize("wish", ["SIGTERM", "SIGHUP"])
def test_a_wish_in_the_midst_of_a_wake_up_ends_the_program(wish: str) -> None:
    ended = subprocess.run(
        program("interrupting.run", wish), capture_output=True, text=True, timeout=30
    )

    assert (ended.stdout, ended.returncode) == ("interrupted\n", 0), ended.stderr


def test_a_handler_that_raises_would_hang_there() -> None:
    """Else the test above would prove nothing."""
    with pytest.raises(subprocess.TimeoutExpired):
        subprocess.run(program("asyncio.run", "SIGTERM"), capture_output=True, timeout=3)


@pytest.mark.parametrize("wish", ["SIGTERM", "SIGHUP"])
def test_a_wish_in_the_moment_of_the_end_is_heeded(wish: str) -> None:
    script = f"""
        import signal
        from starter import interrupting

        async def done():
            signal.raise_signal(signal.{wish})

        interrupting.heed_wishes_to_end()
        try:
            interrupting.run(done())
        except KeyboardInterrupt:
            print("interrupted")
        try:
            signal.raise_signal(signal.{wish})
        except KeyboardInterrupt:
            print("and again")
    """

    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, timeout=30
    )

    assert ended.stdout == "interrupted\nand again\n", ended.stderr
