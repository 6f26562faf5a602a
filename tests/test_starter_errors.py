"""What goes wrong, in one line that a person can act on, with the exit code that says so."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.service import RPCError, RPCStatusCode

from starter import verbs
from starter.__main__ import run
from starter.errors import NotDone
from starter.temporal import in_words, temporal

VALID = {
    "id": "order-1",
    "recipient": {"addresses": {"sms": "+14155550100"}},
    "content": {"text": "Hi"},
    "steps": [{"channel": "sms", "wait": 60}],
}


@pytest_asyncio.fixture
async def silent() -> AsyncIterator[str]:
    """The address of somebody who takes calls and says nothing."""
    over = asyncio.Event()
    calls: set[asyncio.Task[None]] = set()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        calls.add(task)
        await over.wait()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        over.set()
        await asyncio.gather(*calls)


def complaint(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str]:
    code = run(args)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    return code, said.err.strip()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{\n  "id": order-1\n}', "not JSON at line 2, column 9: Expecting value"),
        ("", "not JSON at line 1, column 1"),
        ("[]", "invalid message: Input should be an object"),
        ('{"id": "two words"}', "recipient: Field required; content: Field required"),
        (json.dumps(VALID | {"stepps": []}), "stepps: Extra inputs are not permitted"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_a_bad_file_is_named_with_its_fault(
    content: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "order.json"
    file.write_text(content)

    code, line = complaint(capsys, "send", str(file))

    assert code == 2
    assert line.startswith(f"{file}: ")
    assert said in line


def test_a_file_that_is_not_text_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "order.json").write_bytes(b'{"id": "\xff"}')

    assert complaint(capsys, "send", str(tmp_path / "order.json")) == (
        2,
        f"{tmp_path / 'order.json'}: not UTF-8 text (byte 8)",
    )


def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = complaint(capsys, "send", str(tmp_path / "order.json"))
    folder = complaint(capsys, "send", str(tmp_path))

    assert missing == (2, f"{tmp_path / 'order.json'}: No such file or directory")
    assert folder == (2, f"{tmp_path}: Is a directory")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("frob",), "No such command 'frob'; see python -m starter --help"),
        (("show",), "Missing argument 'ID'; see python -m starter show --help"),
        (("list", "--status", "gone"), "'gone' is not one of 'open'"),
        (("send", "order.json", "--text", "Hi", "--wait", "5m"), "leave out --text, --wait"),
        (("send", "--text", "Hi", "--sms", "12"), "is no complete phone number"),
        (("send", "--text", "Hi", "--address", "viber"), "like push=token"),
        (("respond", "order-1"), "what did the person say?"),
    ],
)
def test_bad_usage_is_one_line(
    args: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, line = complaint(capsys, *args)

    assert code == 2
    assert said in line


def test_without_a_verb_it_lists_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 0
    shown = capsys.readouterr().out
    assert all(verb in shown for verb in ("send", "show", "list", "respond", "watch", "demo"))


@pytest.mark.parametrize("args", [("list",), ("show", "order-1"), ("send",)])
def test_temporal_out_of_reach_says_where_it_was_looked_for(
    args: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    more = ("--text", "Hi", "--sms", "+14155550100") if args == ("send",) else ()

    assert complaint(capsys, *args, *more) == (
        1,
        "Temporal does not answer at 127.0.0.1:1; is it running? (TEMPORAL_ADDRESS)",
    )


async def test_a_temporal_that_hangs_is_given_up_soon(
    silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", silent)
    monkeypatch.setattr("starter.temporal.PATIENCE", timedelta(seconds=0.3))

    with pytest.raises(NotDone, match=f"does not answer at {silent}"):
        async with temporal():
            pass


def test_settings_that_do_not_hold_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TEMPORAL_PROFILE", "nowhere")

    assert complaint(capsys, "list") == (
        1,
        "Temporal's settings do not hold: Profile 'nowhere' not found (TEMPORAL_*)",
    )


@pytest.mark.parametrize(
    ("status", "message", "said"),
    [
        (RPCStatusCode.UNAVAILABLE, "tcp", "Temporal does not answer at here:7233"),
        (RPCStatusCode.DEADLINE_EXCEEDED, "", "Temporal does not answer at here:7233"),
        (RPCStatusCode.PERMISSION_DENIED, "no", "does not permit this: no (TEMPORAL_API_KEY"),
        (RPCStatusCode.UNAUTHENTICATED, "who?", "does not permit this: who?"),
        (RPCStatusCode.RESOURCE_EXHAUSTED, "rate", "is busy: rate; try again"),
        (RPCStatusCode.NOT_FOUND, "Namespace ours is not found.", "has no namespace 'ours'"),
        (
            RPCStatusCode.INVALID_ARGUMENT,
            "invalid query: invalid search attribute: MessageStatus",
            "has no search attribute MessageStatus; a worker registers it",
        ),
        (RPCStatusCode.INTERNAL, "two\nlines", "refused: two lines"),
    ],
)
def test_a_refusal_of_temporal_says_what_to_look_at(
    status: RPCStatusCode, message: str, said: str
) -> None:
    assert said in in_words(RPCError(message, status, b""), "here:7233", "ours")


def test_a_fault_of_ours_is_one_line_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(verbs, "perform", lambda _: [][0])

    code, line = complaint(capsys, "skip", "order-1")

    assert code == 1
    assert line.startswith("unexpected IndexError at ")
