"""The variables of push, and what is said where one is wrong or a library is not installed."""

import base64
import json
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from failover.channels import Channel
from providers.fcm.settings import FcmSettings
from providers.known import configured, offers, readers
from providers.settings import ConfigurationError, load_if_any
from providers.webpush.settings import WebPushSettings
from tests.push import PUBLIC, service_account, vapid_key

ACCOUNT = service_account("https://oauth2.example.com/token")


@pytest.fixture(autouse=True)
def _nothing_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)  # away from a .env


def put_fcm(monkeypatch: pytest.MonkeyPatch, account: str = ACCOUNT) -> None:
    monkeypatch.setenv("FCM_SERVICE_ACCOUNT", account)


def put_webpush(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBPUSH_PRIVATE_KEY", vapid_key())
    monkeypatch.setenv("WEBPUSH_SUBJECT", "mailto:ops@example.com")


def test_without_its_variables_push_is_not_offered() -> None:
    assert load_if_any(FcmSettings) is None
    assert load_if_any(WebPushSettings) is None
    assert Channel.PUSH not in offers(configured(PUBLIC))


def test_both_are_offered_apps_first(monkeypatch: pytest.MonkeyPatch) -> None:
    put_fcm(monkeypatch)
    put_webpush(monkeypatch)

    assert offers(configured(PUBLIC))[Channel.PUSH] == ["fcm", "webpush"]
    assert readers(PUBLIC).keys() == {"push"}


def test_one_alone_has_its_acknowledgements_read(monkeypatch: pytest.MonkeyPatch) -> None:
    put_webpush(monkeypatch)

    assert offers(configured(PUBLIC))[Channel.PUSH] == ["webpush"]
    assert readers(PUBLIC).keys() == {"push"}


@pytest.mark.parametrize(
    ("module", "put", "said"),
    [
        ("google.auth", put_fcm, "FCM_SERVICE_ACCOUNT: google-auth is not installed: it is in the"),
        ("pywebpush", put_webpush, "WEBPUSH_PRIVATE_KEY: pywebpush is not installed: it is in the"),
    ],
)
def test_a_library_that_is_missing_is_named_with_its_extra(
    monkeypatch: pytest.MonkeyPatch, module: str, put: object, said: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)  # as if it were not installed
    assert callable(put)
    put(monkeypatch)

    with pytest.raises(ConfigurationError) as raised:
        configured(PUBLIC)
    assert str(raised.value) == f"{said} extra `push`"


def test_a_library_that_is_missing_is_not_missed_where_nothing_needs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in ("google.auth", "pywebpush"):
        monkeypatch.setitem(sys.modules, module, None)

    assert configured(PUBLIC) == []


def test_the_account_may_be_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "account.json").write_text(ACCOUNT)
    put_fcm(monkeypatch, str(tmp_path / "account.json"))
    settings = load_if_any(FcmSettings)

    assert settings is not None
    assert settings.project == "deliveries-1"
    assert "BEGIN" not in repr(settings)


def test_the_project_and_the_token_s_address_may_be_others(monkeypatch: pytest.MonkeyPatch) -> None:
    put_fcm(monkeypatch)
    monkeypatch.setenv("FCM_PROJECT_ID", "deliveries-2")
    monkeypatch.setenv("FCM_TOKEN_URL", "http://127.0.0.1:8400/token")
    settings = load_if_any(FcmSettings)

    assert settings is not None
    assert settings.project == "deliveries-2"
    assert settings.account["token_uri"] == "http://127.0.0.1:8400/token"


@pytest.mark.parametrize(
    "account",
    [
        "/no/such/file.json",
        "{",
        "{}",
        json.dumps({**json.loads(ACCOUNT), "private_key": "secret"}),
        json.dumps({**json.loads(ACCOUNT), "token_uri": None}),
    ],
)
def test_what_is_no_account_is_named_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, account: str
) -> None:
    put_fcm(monkeypatch, account)

    with pytest.raises(ConfigurationError) as raised:
        configured(PUBLIC)
    assert str(raised.value) == (
        "FCM_SERVICE_ACCOUNT: should be the JSON of a service account's key, "
        "or the path of its file"
    )


def test_a_project_is_named_by_somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    put_fcm(monkeypatch, json.dumps({**json.loads(ACCOUNT), "project_id": ""}))

    with pytest.raises(ConfigurationError, match="FCM_PROJECT_ID is missing"):
        configured(PUBLIC)


def test_the_key_may_be_pem_a_file_or_32_bytes(tmp_path: Path) -> None:
    raw = vapid_key()
    number = int.from_bytes(base64.urlsafe_b64decode(raw + "="))
    key = ec.derive_private_key(number, ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
    (tmp_path / "vapid.pem").write_text(pem)
    spellings = [raw, raw + "=", pem, pem.replace("\n", "\\n"), str(tmp_path / "vapid.pem")]

    made = [
        WebPushSettings.model_validate({"private_key": one, "subject": "mailto:ops@example.com"})
        for one in spellings
    ]
    assert {one.key.private_numbers().private_value for one in made} == {number}


def _pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WEBPUSH_PRIVATE_KEY", "nonsense"),
        ("WEBPUSH_PRIVATE_KEY", "A" * 43),
        ("WEBPUSH_PRIVATE_KEY", _pem(ec.generate_private_key(ec.SECP384R1()))),
        ("WEBPUSH_PRIVATE_KEY", _pem(rsa.generate_private_key(65537, 2048))),
        ("WEBPUSH_SUBJECT", "ops@example.com"),
        ("WEBPUSH_SUBJECT", "mailto:nobody"),
        ("WEBPUSH_SERVICES", "https://push.example.com"),
        ("WEBPUSH_SERVICES", "push.example.com/path"),
        ("WEBPUSH_SERVICES", "*"),
    ],
)
def test_a_wrong_value_is_named_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    put_webpush(monkeypatch)
    monkeypatch.setenv(name, value)

    with pytest.raises(ConfigurationError) as raised:
        configured(PUBLIC)
    assert str(raised.value).startswith(f"{name}: ")
    assert "PRIVATE KEY-----" not in str(raised.value)


def test_half_of_it_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBPUSH_PRIVATE_KEY", vapid_key())

    with pytest.raises(ConfigurationError, match="WEBPUSH_SUBJECT is missing"):
        configured(PUBLIC)
