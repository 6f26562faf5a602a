"""What the environment may say about Vonage."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from failover.channels import Channel
from providers.settings import ConfigurationError, load, load_if_any
from providers.vonage.settings import VonageSettings
from tests.callbacks_vonage import APPLICATION, SECRET, private_key


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VONAGE_APPLICATION_ID", APPLICATION)
    monkeypatch.setenv("VONAGE_PRIVATE_KEY", private_key())
    monkeypatch.setenv("VONAGE_SIGNATURE_SECRET", SECRET)
    return monkeypatch


def test_a_sender_serves_the_channels_without_one_of_their_own(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("VONAGE_FROM", "+15005550006")
    environment.setenv("VONAGE_MMS_FROM", "+15005550007")
    settings = load(VonageSettings)

    assert settings.sender_of(Channel.SMS) == settings.sender_of(Channel.VOICE) == "+15005550006"
    assert settings.sender_of(Channel.MMS) == "+15005550007"
    assert settings.sender_of(Channel.WHATSAPP) is None


def test_without_any_variable_it_is_not_offered(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)

    assert load_if_any(VonageSettings) is None


def test_a_missing_variable_is_named(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("VONAGE_SIGNATURE_SECRET")

    with pytest.raises(ConfigurationError, match="VONAGE_SIGNATURE_SECRET is missing"):
        load_if_any(VonageSettings)


def test_the_key_may_be_written_in_many_ways(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pem = private_key()
    (tmp_path / "private.key").write_text(pem)
    for given in (pem, pem.replace("\n", "\\n"), str(tmp_path / "private.key")):
        environment.setenv("VONAGE_PRIVATE_KEY", given)

        assert load(VonageSettings).private_key.get_secret_value() == pem


def test_the_older_form_of_a_key_is_taken(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("VONAGE_PRIVATE_KEY", private_key(PrivateFormat.TraditionalOpenSSL))

    key = load(VonageSettings).private_key.get_secret_value()
    assert key.startswith("-----BEGIN PRIVATE KEY-----")


def elliptic() -> str:
    key = generate_private_key(SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize("given", ["no-such-file", "-----BEGIN PRIVATE KEY-----", elliptic()])
def test_a_wrong_key_is_named_and_not_shown(environment: pytest.MonkeyPatch, given: str) -> None:
    environment.setenv("VONAGE_PRIVATE_KEY", given)

    with pytest.raises(ConfigurationError, match="VONAGE_PRIVATE_KEY: should be an RSA") as raised:
        load(VonageSettings)
    assert given not in str(raised.value)


def test_a_key_without_its_secret_is_refused(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("VONAGE_API_KEY", "abcd1234")

    with pytest.raises(ConfigurationError, match="VONAGE_API_SECRET"):
        load(VonageSettings)


def test_a_plain_address_will_do(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("VONAGE_API_BASE_URL", "http://127.0.0.1:8400/")

    assert load(VonageSettings).api_base_url == "http://127.0.0.1:8400"


def test_no_secret_is_shown(environment: pytest.MonkeyPatch) -> None:
    shown = repr(load(VonageSettings))

    assert SECRET not in shown
    assert "PRIVATE KEY" not in shown
