"""The processes that fill templates in: their limits, and what does not wait for them."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import psutil
import pytest
from pydantic import JsonValue

from activities.apart import Apart, Asked, Filled, Several
from activities.offers import Offers, Wanted
from activities.planned import Installed
from tests.plans import message
from tests.test_filling import DANA, asked

#: Seconds, and what the process of these tests is known by: others take another time.
MARK = "2"
ENDLESS = "{% if (1..99999999999) contains 1.5 %}x{% endif %}"


@pytest.fixture
def apart() -> Iterator[Apart]:
    apart = Apart(seconds=int(MARK))
    yield apart
    apart.end()


def _asked(apart: Apart, *texts: str) -> list[Filled]:
    """With a deadline: a process that nothing ends would hold us up for ever."""
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(apart.filled, asked(*texts))
        while not wait([waiting], timeout=30).done:
            _end_the_child()
        return waiting.result()


def _end_the_child() -> None:
    begun = _begun(MARK)
    for child in begun:
        child.kill()
    psutil.wait_procs(begun, timeout=20)


def _begun(mark: str) -> list[psutil.Process]:
    return [one for one in psutil.Process().children() if one.cmdline()[-1:] == [mark]]


def test_what_takes_too_long_is_ended_and_the_next_is_filled_in(apart: Apart) -> None:
    first = _asked(apart, "a", ENDLESS, "b")
    second = _asked(apart, "{{ recipient.name }}")

    assert [one.said for one in first] == ["a", None]
    assert first[1].fault == "the template takes too much: time"
    assert [one.said for one in second] == ["Dana"]


def test_it_knows_none_of_our_secrets(apart: Apart, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADDRESS_KEY", "a secret")
    _asked(apart, "hi")

    assert [one.environ().get("ADDRESS_KEY") for one in _begun(MARK)] == [None]


def test_each_message_has_its_own_time() -> None:
    apart = Apart(seconds=1)
    long = asked("{{ 1 }}" * 14_000)

    told = [answer for _ in range(20) for answer in apart.filled(long)]
    apart.end()

    assert {answer.fault for answer in told} == {None}


@pytest.mark.skipif("sys.platform != 'linux'", reason="others do not limit a process's memory")
def test_what_takes_too_much_memory_is_refused(apart: Apart) -> None:
    [one] = _asked(apart, "{% for i in (1..60000000) reversed offset: 1 %}x{% endfor %}")

    assert one.fault == "the template takes too much: memory"


def test_this_process_goes_on_meanwhile(apart: Apart) -> None:
    turns = []

    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(_asked, apart, ENDLESS)
        while not waiting.done():
            turns.append(time.monotonic())
            time.sleep(0.01)

    assert waiting.result()[0].fault
    assert len(turns) > 10


def test_a_process_that_somebody_ended_is_begun_anew(apart: Apart) -> None:
    _asked(apart, "x")
    _end_the_child()

    assert [one.said for one in _asked(apart, "y")] == ["y"]


def test_many_texts_of_a_large_context_are_within_the_time(apart: Apart) -> None:
    lines: list[JsonValue] = [{"n": number, "p": 1} for number in range(4_000)]
    texts = [
        (f"{{{{ context.items[{at}].n }}}}", False, whose)
        for whose in range(50)
        for at in range(100)
    ]

    told = apart.filled(Asked(context={"items": lines}, people=[DANA] * 50, texts=texts))

    assert [answer.said for answer in told] == [str(at) for _ in range(50) for at in range(100)]


def test_one_that_takes_long_holds_up_no_other() -> None:
    several = Several(2, seconds=60)

    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(several.filled, asked(ENDLESS))
        busy = _busy("60")
        [good] = several.filled(asked("{{ recipient.name }}"))
        still_waiting = not waiting.done()
        busy.send_signal(signal.SIGXCPU)  # as the kernel does when its time is over

    assert good.said == "Dana"
    assert still_waiting
    assert waiting.result()[0].fault


def _busy(mark: str) -> psutil.Process:
    """The process that has taken more time than it does to begin."""
    deadline = time.monotonic() + 60
    while not (busy := [one for one in _begun(mark) if one.cpu_times().user > 1]):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return busy[0]


_ON_A_HOST_WITH_LIMITS = """
import resource
from activities.apart import Apart, Asked
for what, most in (LIMITS):
    resource.setrlimit(getattr(resource, what), (most, most))
texts = [("{{ 1 }}", False, 0), (ENDLESS, False, 0)]
for answer in Apart(seconds=1).filled(Asked(context={}, people=[{}], texts=texts)):
    print(answer.said or answer.fault)
"""


def _on_a_host_with(*limits: tuple[str, int]) -> "subprocess.CompletedProcess[str]":
    script = _ON_A_HOST_WITH_LIMITS.replace("LIMITS", repr(limits)).replace(
        "ENDLESS", repr(ENDLESS)
    )
    return _run(script)


def _run(script: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", script]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.skipif("sys.platform != 'linux'", reason="others do not limit a process's memory")
def test_a_hosts_own_limits_are_kept() -> None:
    told = _on_a_host_with(("RLIMIT_CPU", 3600), ("RLIMIT_AS", 900 << 20))

    assert told.stdout.splitlines() == ["1", "the template takes too much: time"], told.stderr


def test_why_a_process_cannot_begin_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho 'Traceback' >&2; echo 'ValueError: no limit' >&2; exit 1")
    broken.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(broken))
    why = "what fills templates in cannot begin: ValueError: no limit"

    with pytest.raises(ChildProcessError, match=why):
        Apart(seconds=1).filled(asked("{{ recipient.name }}"))

    assert caplog.messages == [why]


_A_WORKER = """
import asyncio, sys
from workers.serve import Installation, serve
sys.executable = "false"
asyncio.run(serve(None, Installation([], None, None), asyncio.Event()))
"""


def test_a_worker_that_cannot_fill_in_templates_does_not_begin() -> None:
    assert "what fills templates in cannot begin: it ended with 1" in _run(_A_WORKER).stderr


async def test_what_has_no_template_waits_for_none() -> None:
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(1))
    offers = Offers(Installed({"sms": ["twilio"]}))
    sms = [{"channel": "sms", "wait": 60}]
    endless = message(content={"text": ENDLESS, "liquid": True}, steps=sms)

    waiting = asyncio.create_task(offers.offers(Wanted(message=endless)))
    await asyncio.sleep(0)  # it is first in all queues
    plain = await offers.offers(Wanted(message=message(steps=sms)))
    await loop.getaddrinfo("127.0.0.1", 80)
    still_waiting = not waiting.done()

    assert plain.faults == ()
    assert still_waiting
    assert (await waiting).faults == ("content.text: the template takes too much: time",)
