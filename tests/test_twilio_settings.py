"""What the environment says about Twilio."""

import pytest

from failover.channels import Channel
from providers.settings import ConfigurationError, load, load_if_any
from providers.twilio.settings import TwilioSettings

REQUIRED = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "token"}


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Away from any `.env` file."""
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))


def chosen(monkeypatch: pytest.MonkeyPatch, **more: str) -> TwilioSettings:
    for name, value in {**REQUIRED, **more}.items():
        monkeypatch.setenv(name, value)
    return load(TwilioSettings)


def test_one_number_serves_sms_mms_and_voice(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = chosen(monkeypatch, TWILIO_FROM="+15005550006")

    offered = {channel for channel in Channel if settings.sender_of(channel)}
    assert offered == {Channel.SMS, Channel.MMS, Channel.VOICE}


@pytest.mark.parametrize(
    ("sender", "offered"),
    [
        ("Deliveries", {Channel.SMS}),
        ("12345", {Channel.SMS, Channel.MMS}),
        (f"MG{'0' * 32}", {Channel.SMS, Channel.MMS}),
        ("+1 (500) 555-0006", {Channel.SMS, Channel.MMS, Channel.VOICE}),
    ],
)
def test_a_name_sends_no_files_and_only_a_number_makes_calls(
    monkeypatch: pytest.MonkeyPatch, sender: str, offered: set[Channel]
) -> None:
    settings = chosen(monkeypatch, TWILIO_FROM=sender)

    assert {channel for channel in Channel if settings.sender_of(channel)} == offered


def test_the_most_exact_sender_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"TWILIO_FROM": "+15005550006", "TWILIO_MESSAGING_SERVICE_SID": "MG1"}
    settings = chosen(monkeypatch, **given, TWILIO_MMS_FROM="+1501")

    senders = [settings.sender_of(one) for one in (Channel.SMS, Channel.MMS, Channel.VOICE)]
    assert senders == ["MG1", "+1501", "+15005550006"]


def test_half_an_api_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match="TWILIO_API_KEY_SECRET"):
        chosen(monkeypatch, TWILIO_API_KEY_SID="SK1")


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC1")
    monkeypatch.setenv("TWILIO_TIMEOUT", "soon")

    with pytest.raises(ConfigurationError) as error:
        load(TwilioSettings)
    assert "TWILIO_AUTH_TOKEN is missing" in str(error.value)
    assert "TWILIO_TIMEOUT: " in str(error.value)


def test_without_its_variables_twilio_is_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in REQUIRED:
        monkeypatch.delenv(name, raising=False)

    assert load_if_any(TwilioSettings) is None


def test_no_secret_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = chosen(monkeypatch, TWILIO_AUTH_TOKEN="hush", TWILIO_AUTH_TOKEN_PREVIOUS="hush")

    assert "hush" not in repr(settings)
