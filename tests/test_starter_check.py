"""`python -m starter check`: all that is wrong with a message, by this environment, at once."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from starter.__main__ import run
from starter.sandbox import credentials

STEPS = [{"channel": "sms", "wait": 60}, {"channel": "email", "wait": 60}]


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an installation with accounts, and no Temporal anywhere."""
    monkeypatch.chdir(tmp_path)
    given = {**credentials(), "PUBLIC_BASE_URL": "https://x.example.com"}
    for name, value in {**given, "TEMPORAL_ADDRESS": "127.0.0.1:1"}.items():
        monkeypatch.setenv(name, value)


def written(**more: Any) -> str:
    addresses = {"phone": "+14155550100", "email": "dana@example.com"}
    raw = {
        "id": "order-1",
        "recipient": {"addresses": addresses},
        "content": {"text": "Hi"},
        "steps": STEPS,
    }
    Path("message.json").write_text(json.dumps(raw | more))
    return "message.json"


def checked(capsys: pytest.CaptureFixture[str], path: str) -> tuple[int, str, list[str]]:
    code = run(["check", path])
    said = capsys.readouterr()
    return code, said.out, said.err.splitlines()


def test_a_message_that_can_be_sent_is_said_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    assert checked(capsys, written()) == (0, "order-1: can be sent\n", [])


def test_standard_input_is_read_for_a_dash(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = io.TextIOWrapper(io.BytesIO(Path(written()).read_bytes()))
    monkeypatch.setattr("sys.stdin", given)

    assert checked(capsys, "-")[:2] == (0, "order-1: can be sent\n")


def test_every_fault_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    steps = [
        {"channel": "sms", "wait": 60, "providers": ["acme"]},
        {"channel": "voice", "wait": 60, "content": {"text": "x" * 4001}, "providers": ["twilio"]},
        {"channel": "push", "wait": 60, "to": "{"},
    ]

    code, out, lines = checked(capsys, written(steps=steps))

    assert (code, out) == (1, "")
    assert lines == [
        "order-1: steps.0.providers: sms by acme is not offered",
        "order-1: steps.1.content.text: voice has at most 4000 characters of TwiML by twilio",
        "order-1: steps.2.to: fcm takes a registration token of FCM, "
        "webpush takes the JSON of a browser's subscription",
    ]


def test_what_is_left_out_is_told_and_no_reason_to_refuse(
    capsys: pytest.CaptureFixture[str],
) -> None:
    steps = [STEPS[0] | {"until": "read"}, STEPS[1]]

    assert checked(capsys, written(steps=steps)) == (
        0,
        "order-1: can be sent\n",
        [
            "order-1: but steps.0.until: sms by twilio or vonage never reports read,"
            " so it is skipped"
        ],
    )


def test_what_breaks_a_rule_of_messages_is_a_fault(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, lines = checked(capsys, written(untill="read", steps=[{"channel": "sms"}]))

    assert (code, out) == (1, "")
    assert lines == [
        "message.json: invalid message: steps.0.wait: Field required; "
        "untill: Extra inputs are not permitted"
    ]


@pytest.mark.parametrize(("raw", "said"), [("{", "not JSON"), (None, "No such file")])
def test_what_is_no_message_at_all_cannot_be_meant(
    raw: str | None, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if raw:
        Path("other.json").write_text(raw)

    code, _, lines = checked(capsys, "other.json")

    assert code == 2
    assert said in lines[0]


def test_without_settings_there_is_nothing_to_check_by(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ADDRESS_KEY")

    assert checked(capsys, written()) == (1, "", ["ADDRESS_KEY is missing"])


def test_a_message_that_nobody_could_send_is_not_started(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It is found out before Temporal is asked, which is not there."""
    path = written(content={"text": "x" * 3201}, steps=STEPS[:1])

    assert run(["send", path]) == 2
    assert capsys.readouterr().err == (
        "invalid message: content.text: sms has at most 1600 characters by twilio, "
        "3200 characters by vonage\n"
    )


def test_other_providers_of_the_workers_are_no_fault(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(steps=[STEPS[0] | {"providers": ["acme"]}])

    assert run(["send", path]) == 1
    assert "Temporal does not answer at 127.0.0.1:1" in capsys.readouterr().err
