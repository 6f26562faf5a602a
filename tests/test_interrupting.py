"""A wish to end, at the worst of moments."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from starter.ports import Ports
from starter.stack import Stack, StackError

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

    interrupting.heed_wishes()
    try:
        {run}(wait())
    except KeyboardInterrupt:
        print("interrupted" if Wish.come else "too early")
"""


def output(script: str) -> str:
    command = [sys.executable, "-c", textwrap.dedent(script)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def program(run: str, wish: str) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(AT_THE_WORST).format(run=run, wish=wish)]


@pytest.mark.parametrize("wish", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_wish_in_the_midst_of_a_wake_up_ends_the_program(wish: str) -> None:
    ended = subprocess.run(
        program("interrupting.run", wish), capture_output=True, text=True, timeout=30
    )

    assert (ended.stdout, ended.returncode) == ("interrupted\n", 0), ended.stderr


def test_a_handler_that_raises_would_hang_there() -> None:
    """Else the test above would prove nothing."""
    with pytest.raises(subprocess.TimeoutExpired):
        subprocess.run(program("asyncio.run", "SIGTERM"), capture_output=True, timeout=3)


@pytest.mark.parametrize("wish", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_wish_in_the_moment_of_the_end_is_heeded(wish: str) -> None:
    script = f"""
        import signal
        from starter import interrupting

        async def done():
            signal.raise_signal(signal.{wish})

        interrupting.heed_wishes()
        try:
            interrupting.run(done())
        except KeyboardInterrupt:
            print("interrupted")
        try:
            signal.raise_signal(signal.{wish})
        except KeyboardInterrupt:
            print("and again")
    """

    assert output(script) == "interrupted\nand again\n"


def interrupted(clean_up: str) -> str:
    """What is said by a program that is told to end, and cleans up so."""
    return output(f"""
        import asyncio, signal
        from starter import interrupting

        async def work():
            try:
                signal.raise_signal(signal.SIGTERM)
                await asyncio.sleep(60)
            finally:
                {clean_up}

        interrupting.heed_wishes()
        try:
            interrupting.run(work())
        except KeyboardInterrupt:
            print("interrupted")
    """)


def test_a_second_wish_does_not_cut_the_end_short() -> None:
    clean_up = """
                for wish in interrupting.WISHES * 2:
                    signal.raise_signal(wish)
                    await asyncio.sleep(0)
                await asyncio.to_thread(print, "nothing is left", flush=True)
    """

    assert interrupted(clean_up) == "nothing is left\ninterrupted\n"


def test_what_the_end_comes_to_does_not_hide_that_it_was_wished() -> None:
    assert interrupted('raise TimeoutError("it would not stop")') == "interrupted\n"


@pytest.mark.parametrize("wish", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_wish_before_the_work_has_begun_is_heeded(wish: str) -> None:
    script = f"""
        import asyncio, signal, sys
        from starter import interrupting

        def watch(frame, event, _):
            if event == "call" and frame.f_code is asyncio.events.Handle._run.__code__:
                sys.setprofile(None)
                signal.raise_signal(signal.{wish})

        async def never():
            print("begun")
            await asyncio.sleep(60)

        interrupting.heed_wishes()
        sys.setprofile(watch)
        try:
            interrupting.run(never())
        except KeyboardInterrupt:
            print("interrupted")
    """

    assert output(script) == "interrupted\n"


def test_a_part_is_not_begun_once_all_is_being_stopped(tmp_path: Path) -> None:
    stack = Stack(tmp_path, Ports.any())
    stack.stop()

    with pytest.raises(StackError, match="simulator was not started"):
        stack.start_part("simulator")

    assert stack.running == {}
