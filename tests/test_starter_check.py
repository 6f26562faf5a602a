"""`python -m starter check`: all that is wrong with a message, by this environment, at once."""

import io
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment

from failover.message import parse_message
from starter.__main__ import run
from starter.errors import BadInput
from starter.sandbox import credentials
from starter.screen import Screen
from starter.sending import send, too_large
from tests.receiver import SECRET

STEPS = [{"channel": "sms", "wait": 60}, {"channel": "email", "wait": 60}]


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an installation with accounts, and no Temporal anywhere."""
    monkeypatch.chdir(tmp_path)
    given = {**credentials(), "PUBLIC_BASE_URL": "https://x.example.com"}
    for name, value in {**given, "TEMPORAL_ADDRESS": "127.0.0.1:1"}.items():
        monkeypatch.setenv(name, value)


def raw(**more: Any) -> dict[str, Any]:
    return {
        "id": "order-1",
        "recipient": {"addresses": {"phone": "+14155550100", "email": "dana@example.com"}},
        "content": {"text": "Hi"},
        "steps": STEPS,
        **more,
    }


def written(**more: Any) -> str:
    Path("message.json").write_text(json.dumps(raw(**more)))
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


SMS = [{"channel": "sms", "wait": 60, "providers": ["twilio"]}]
EMAIL = [{"channel": "email", "wait": 60}]
LONG_AGO = "2020-01-01T00:00:00Z"
NOWHERE = {"phone": "+883510000000094"}


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        pytest.param(
            {"notify": "https://example.com/events"},
            "notify: a URL needs NOTIFY_SECRET, and this installation has none",
            id="a service that nobody could tell",
        ),
        pytest.param(
            {
                "hours": {"from": "09:00", "to": "21:00"},
                "recipient": {"addresses": NOWHERE},
                "steps": SMS,
            },
            "hours: the number of steps.0 is in no known time zone",
            id="hours of nowhere",
        ),
        pytest.param(
            {"deadline": LONG_AGO},
            "deadline: it has passed, and nothing is sent after it",
            id="a deadline that has passed",
        ),
        pytest.param(
            {"recipient": {"addresses": {"push": "a-token"}}},
            "recipient.addresses: there is none for any step",
            id="nobody",
        ),
    ],
)
def test_what_the_workflow_would_not_send_is_a_fault_here(
    more: dict[str, Any],
    fault: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("NOTIFY_SECRET", raising=False)

    code, out, lines = checked(capsys, written(**more))

    assert (code, out) == (1, "")
    assert [line for line in lines if ": but " not in line] == [f"order-1: {fault}"]


def test_a_service_that_can_be_told_is_no_fault(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SECRET", SECRET)

    assert checked(capsys, written(notify="https://example.com/events"))[0] == 0


def test_settings_for_telling_services_that_are_wrong_are_none_to_check_by(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SECRET", "too short")

    code, _, [line] = checked(capsys, written())

    assert (code, line.partition(":")[0]) == (1, "NOTIFY_SECRET")


def test_a_goal_is_held_to_what_this_environment_hears_of(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(steps=EMAIL, until="delivered")
    assert checked(capsys, path)[0] == 0

    monkeypatch.delenv("SENDGRID_EVENT_PUBLIC_KEY")

    assert checked(capsys, path) == (
        1,
        "",
        [
            "order-1: until: email by sendgrid never reports delivered: "
            "SENDGRID_EVENT_PUBLIC_KEY is not set"
        ],
    )


@pytest.mark.parametrize(
    ("steps", "variables", "why"),
    [
        pytest.param(
            EMAIL,
            {"SENDGRID_REPLY_DOMAIN": "", "SENDGRID_INBOUND_PUBLIC_KEY": ""},
            "email by sendgrid is heard: SENDGRID_REPLY_DOMAIN is not set "
            "and SENDGRID_INBOUND_PUBLIC_KEY is not set",
            id="mail that goes elsewhere",
        ),
        pytest.param(
            SMS,
            {"TWILIO_FROM": "Acme"},
            "sms by twilio is heard: it goes from a name, which takes none",
            id="a name at Twilio",
        ),
        pytest.param(
            [{"channel": "sms", "wait": 60, "providers": ["vonage"]}],
            {"VONAGE_FROM": "Acme Ltd"},
            "sms by vonage is heard: it goes from a name, which takes none",
            id="a name at Vonage",
        ),
    ],
)
def test_answers_that_this_environment_does_not_hear_are_told(
    steps: list[dict[str, Any]],
    variables: dict[str, str],
    why: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert checked(capsys, written(steps=steps))[2] == []
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    code, out, lines = checked(capsys, written(steps=steps))

    assert (code, out) == (0, "order-1: can be sent\n")
    assert lines == [f"order-1: but until: no answer to {why}"]
    assert (
        checked(capsys, written(steps=steps, content={"text": "Hi", "confirm_link": True}))[2] == []
    )


def test_a_messaging_service_may_have_any_number(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_MESSAGING_SERVICE_SID", f"MG{'a' * 32}")

    assert checked(capsys, written(steps=SMS))[2] == []


def large(many: int) -> dict[str, Any]:
    """A text in so many languages."""
    locales = {f"en-{n:03}": {"text": "x" * 100_000} for n in range(many)}
    return {"text": "Hi", "locales": locales}


def test_a_message_larger_than_temporal_takes_is_a_fault(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, [line] = checked(capsys, written(content=large(61)))

    assert (code, out) == (1, "")
    assert re.fullmatch(
        r"order-1: the message takes 61\d{5} bytes, and Temporal takes no more than 2097152", line
    )


async def test_the_real_server_does_not_take_it_and_that_is_said_in_one_line(
    env: WorkflowEnvironment,
) -> None:
    """Whatever limit a server has, it is the server that says no."""
    for many in (21, 61):  # more than an input may have, and more than it hears of
        message = parse_message(raw(content=large(many)))

        with pytest.raises(BadInput) as refused:
            await send(env.client, Screen(), message)

        assert str(refused.value) == f"order-1: {too_large(message)}"


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


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not JSON"),
        (None, "No such file"),
        (f'{{"id": {"1" * 5000}}}', "a number in it has more digits than any message needs"),
        ("[" * 100_000, "nested too deeply to be a message"),
    ],
    ids=["half of an object", "no file", "a number of 5000 digits", "very deep"],
)
def test_what_is_no_message_at_all_cannot_be_meant(
    text: str | None, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if text:
        Path("other.json").write_text(text)

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
    step = STEPS[0] | {"providers": ["twilio", "vonage"]}
    path = written(content={"text": "x" * 3201}, steps=[step])

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


WHATSAPP = {"channel": "whatsapp", "wait": 60}
MESSENGER = {"channel": "messenger", "wait": 60, "to": "1254477777772919", "until": "read"}
GAPPED = {
    "twilio": {"sid": f"HX{'0' * 32}", "variables": {"1": "9      pm"}},
    "vonage": {"name": "ours:delivery"},
}


def sent(capsys: pytest.CaptureFixture[str], path: str) -> tuple[int, str]:
    code = run(["send", path])
    return code, capsys.readouterr().err


@pytest.mark.parametrize("providers", [["vonage", "twilio"], None])
def test_what_one_provider_can_send_is_refused_by_neither_verb(
    providers: list[str] | None, capsys: pytest.CaptureFixture[str]
) -> None:
    step = WHATSAPP | ({"providers": providers} if providers else {})
    path = written(content={"text": "Hi", "template": GAPPED}, steps=[step])

    code, out, [line] = checked(capsys, path)

    assert (code, out) == (0, "order-1: can be sent\n")
    assert line.endswith("which twilio refuses (21656), so it can go by vonage only")
    assert "Temporal does not answer" in sent(capsys, path)[1]


def test_what_no_provider_of_a_step_can_send_is_refused_by_both_verbs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    step = WHATSAPP | {"providers": ["twilio"]}
    path = written(content={"text": "Hi", "template": GAPPED}, steps=[step])

    assert checked(capsys, path)[0] == 1
    assert sent(capsys, path)[0] == 2


def test_what_another_installation_could_do_is_refused_by_this_one_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = written(steps=[MESSENGER])

    code, _, [line] = checked(capsys, path)

    assert code == 1
    assert line.endswith("messenger by twilio never reports read, and is asked before vonage")
    assert "Temporal does not answer" in sent(capsys, path)[1]


def test_a_text_that_only_a_provider_without_its_template_would_send_is_refused_here(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where Vonage is the only one configured, it would send the text and not the template."""
    content = {"text": " ", "template": {"twilio": {"sid": f"HX{'0' * 32}"}}}
    path = written(content=content, steps=[WHATSAPP])
    assert checked(capsys, path)[0] == 0

    for name in [name for name in os.environ if name.startswith("TWILIO_")]:
        monkeypatch.delenv(name)

    assert checked(capsys, path)[2] == ["order-1: content.text: has nothing in it that can be read"]
    assert "Temporal does not answer" in sent(capsys, path)[1]
