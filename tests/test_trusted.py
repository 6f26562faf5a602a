"""Whom TLS trusts: read once, and again when it has changed; everybody else is refused."""

import shutil
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from urllib3.connection import HTTPSConnection
from urllib3.util import Url

from providers.base import Accepted, ProviderUnavailable
from providers.trusted import preset
from tests.canned import Canned, canned_server
from tests.offers.offer import Offer
from tests.self_signed import self_signed
from tests.test_within_tls import BY_ENVIRONMENT

each = pytest.mark.parametrize("offer", BY_ENVIRONMENT, ids=str)


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of those who are trusted."""
    for variable in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(variable, str(tmp_path / "bundle.pem"))
    return tmp_path / "bundle.pem"


def certified(folder: Path, host: str = "localhost") -> ssl.SSLContext:
    folder.mkdir()
    return self_signed(folder, host)


@pytest.fixture
def secure(tmp_path: Path, bundle: Path) -> Iterator[Canned]:
    with canned_server(certified(tmp_path / "own")) as canned:
        shutil.copy(tmp_path / "own" / "cert.pem", bundle)
        yield canned


@each
def test_it_is_read_once_for_many_sends(
    secure: Canned, offer: Offer, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer.send(secure, offer.accepted)
    read: list[str] = []
    for name in ("load_verify_locations", "load_default_certs"):
        monkeypatch.setattr(ssl.SSLContext, name, lambda *_, **__: read.append("authorities"))

    for _ in range(3):
        assert isinstance(offer.send(secure, offer.accepted), Accepted)

    assert read == []


@each
def test_who_is_trusted_may_change(
    secure: Canned, offer: Offer, tmp_path: Path, bundle: Path
) -> None:
    certified(tmp_path / "other")
    assert isinstance(offer.send(secure, offer.accepted), Accepted)

    shutil.copy(tmp_path / "other" / "cert.pem", bundle)
    with pytest.raises(ProviderUnavailable):
        offer.send(secure, offer.accepted)

    shutil.copy(tmp_path / "own" / "cert.pem", bundle)
    assert isinstance(offer.send(secure, offer.accepted), Accepted)


@each
def test_who_is_trusted_for_another_host_is_refused(
    offer: Offer, tmp_path: Path, bundle: Path
) -> None:
    with canned_server(certified(tmp_path / "own", "elsewhere.example")) as canned:
        shutil.copy(tmp_path / "own" / "cert.pem", bundle)

        with pytest.raises(ProviderUnavailable):
            offer.send(canned, offer.accepted)

        assert canned.requests == []


@pytest.mark.parametrize(
    "more",
    [
        {"cert_reqs": "CERT_NONE"},
        {"cert_file": "ours.pem"},
        {"ca_cert_data": "a certificate"},
        {"ssl_context": ssl.create_default_context()},
        {"proxy": Url("https", host="proxy.example")},
        {"ca_certs": None},
    ],
    ids=lambda more: next(iter(more)),
)
def test_who_has_more_to_say_of_it_is_left_alone(tmp_path: Path, more: dict[str, Any]) -> None:
    certified(tmp_path / "own")
    usual: dict[str, Any] = {
        "cert_reqs": "CERT_REQUIRED",
        "ca_certs": str(tmp_path / "own" / "cert.pem"),
    }
    given = usual | more
    connection, plain = HTTPSConnection("localhost", **given), HTTPSConnection("localhost", **usual)

    preset(connection)
    preset(plain)

    assert connection.ssl_context is given.get("ssl_context")
    assert connection.ca_certs == given["ca_certs"]
    assert plain.ssl_context is not None
