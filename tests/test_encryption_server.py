"""The codec server: who may use it, from which pages, and what it does with what it gets."""

import base64
import json
import logging
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhooks.codec.app import LIMIT, create_app
from webhooks.codec.door import Door
from workflows.encryption import EncryptionCodec, Keys

ROOT = Path(__file__).parent.parent
TOKEN, UI = "a-token-of-many-letters", "http://localhost:8080"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
KEY = f"2026:{base64.b64encode(os.urandom(32)).decode()}"
PLAIN = {"metadata": {"encoding": base64.b64encode(b"json/plain").decode()}, "data": "IkRhbmEi"}


def asking(keys: str = KEY, *, token_in_path: bool = False, **more: Any) -> httpx.AsyncClient:
    origin = more.pop("origin", UI)
    codec, door = EncryptionCodec(Keys.parse(keys)), Door(TOKEN, origin)
    app = create_app(codec, door, origin=origin, token_in_path=token_in_path)
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url="http://localhost:8500", **more)


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with asking() as http:
        yield http


async def test_what_it_encrypts_it_decrypts(http: httpx.AsyncClient) -> None:
    asked = {"payloads": [PLAIN, PLAIN]}

    sealed = await http.post("/encode", json=asked, headers=BEARER)
    opened = await http.post("/decode?preserveStorageRefs=true", json=sealed.json(), headers=BEARER)

    assert base64.b64decode(sealed.json()["payloads"][0]["metadata"]["encoding"]) == (
        b"binary/encrypted"
    )
    assert "IkRhbmEi" not in sealed.text
    assert opened.json() == asked
    assert opened.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"Authorization": "Bearer another"}, id="another token"),
        pytest.param({"Authorization": f"Bearer {TOKEN}x"}, id="a longer token"),
        pytest.param({"Authorization": f"Basic {TOKEN}"}, id="not a bearer token"),
        pytest.param({"Authorization": TOKEN}, id="no scheme"),
        pytest.param({**BEARER, "Origin": "https://evil.example"}, id="another page"),
        pytest.param({**BEARER, "Origin": "null"}, id="a page without an origin"),
        pytest.param({"Cookie": f"codec_session={TOKEN}"}, id="the token as a cookie"),
        pytest.param({"Cookie": "codec_session=99999999999.abc"}, id="a made up cookie"),
        pytest.param({"Cookie": "codec_session=\xff.\xff"}, id="a strange cookie"),
    ],
)
@pytest.mark.parametrize("path", ["/decode", "/encode", f"/{TOKEN}/decode"])
async def test_nobody_else_is_served(
    http: httpx.AsyncClient, path: str, headers: dict[str, str]
) -> None:
    raw = {name.encode(): value.encode("latin-1") for name, value in headers.items()}
    answer = await http.post(path, json={"payloads": [PLAIN]}, headers=raw)

    assert answer.status_code == (404 if TOKEN in path else 401)
    assert "access-control-allow-origin" not in answer.headers


async def test_a_missing_key_is_named(http: httpx.AsyncClient) -> None:
    sealed = await http.post("/encode", json={"payloads": [PLAIN]}, headers=BEARER)
    async with asking(KEY.replace("2026", "2027")) as other:
        answer = await other.post("/decode", json=sealed.json(), headers=BEARER)

    assert answer.status_code == 400
    assert answer.text == "PAYLOAD_KEYS has no key '2026', with which a payload is encrypted"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b"", 400, id="nothing"),
        pytest.param(b"\xff", 400, id="not UTF-8"),
        pytest.param(b'{"payloads": 5}', 400, id="not payloads"),
        pytest.param(b'{"payloads": [{"data": "a"}]}', 400, id="not base64"),
        pytest.param(b"[" * 100_000, 400, id="deeply nested"),
        pytest.param(b'{"payloads":' * 50_000, 400, id="deeply nested objects"),
        pytest.param(b'{"payloads": [{"odd": 1}], "odd": 2}', 200, id="unknown fields"),
        pytest.param(b" " * (LIMIT + 1), 413, id="too large"),
    ],
)
async def test_a_strange_body_is_refused(http: httpx.AsyncClient, body: bytes, status: int) -> None:
    answer = await http.post("/decode", content=body, headers=BEARER)

    assert answer.status_code == status


@given(
    body=st.binary()
    | st.recursive(st.none() | st.text(), st.lists).map(
        lambda found: json.dumps({"payloads": found}).encode()
    )
)
async def test_no_body_is_a_fault_of_ours(body: bytes) -> None:
    async with asking() as http:
        answer = await http.post("/decode", content=body, headers=BEARER)

    assert answer.status_code in (200, 400)


async def test_a_stranger_is_refused_before_the_body_is_read(http: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        raise AssertionError("it was read")
        yield b""

    assert (await http.post("/decode", content=endless())).status_code == 401


async def test_the_log_says_nothing_of_what_came(
    http: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="webhooks")

    await http.post("/decode", content=b"Dana", headers=BEARER)
    await http.post("/", data={"token": "Dana"})

    assert [record.getMessage() for record in caplog.records if record.name.startswith("web")] == [
        "decode: 400",
        "sign-in: 401",
    ]


def process(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    ours = {name: value for name, value in os.environ.items() if "KEYS" not in name}
    return subprocess.run(
        [sys.executable, "-m", "webhooks.codec"],
        cwd=folder,
        env={**ours, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param({}, "PAYLOAD_KEYS is missing; CODEC_TOKEN is missing\n", id="nothing"),
        pytest.param({"PAYLOAD_KEYS": KEY}, "CODEC_TOKEN is missing\n", id="no token"),
        pytest.param({"CODEC_TOKEN": TOKEN}, "PAYLOAD_KEYS is missing\n", id="no keys"),
        pytest.param(
            {"PAYLOAD_KEYS": KEY, "CODEC_TOKEN": "short"},
            "CODEC_TOKEN: Value should have at least 16 items after validation, not 5\n",
            id="too short a token",
        ),
        pytest.param(
            {"PAYLOAD_KEYS": KEY, "CODEC_TOKEN": TOKEN, "CODEC_ALLOWED_ORIGIN": "*"},
            "CODEC_ALLOWED_ORIGIN: should be scheme, host and port of the Web UI, and no path\n",
            id="every page",
        ),
    ],
)
def test_it_does_not_listen_without_keys_and_token(
    tmp_path: Path, given: dict[str, str], said: str
) -> None:
    ended = process(tmp_path, **given)

    assert (ended.returncode, ended.stderr) == (2, said)
