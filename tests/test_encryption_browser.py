"""How a browser gets at the codec server: by signing in, and from the pages of the Web UI alone."""

import time
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.test_encryption_server import PLAIN, TOKEN, UI, asking
from webhooks.codec.door import SESSION


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with asking() as http:
        yield http


async def test_a_browser_signs_in_with_the_token_and_has_a_session() -> None:
    async with asking() as http:
        page = await http.get("/")
        signed_in = await http.post("/", data={"token": TOKEN})
        asked = {"payloads": [PLAIN]}
        from_the_ui = await http.post("/decode", json=asked, headers={"Origin": UI})
        from_nowhere = await http.post("/decode", json=asked)
        elsewhere = await http.post("/decode", json=asked, headers={"Origin": "http://localhost"})

    cookie = signed_in.headers["set-cookie"]
    assert page.status_code == 200
    assert (signed_in.status_code, signed_in.headers["location"]) == (303, UI)
    assert TOKEN not in cookie
    assert {"HttpOnly", "SameSite=strict", f"Max-Age={SESSION}"} <= set(cookie.split("; "))
    assert from_the_ui.status_code == 200
    assert (from_nowhere.status_code, elsewhere.status_code) == (401, 401)


async def test_a_link_with_the_token_signs_in_too() -> None:
    async with asking(origin="https://temporal.example.com") as http:
        answer = await http.get("/", params={"token": TOKEN})

    assert answer.headers["location"] == "https://temporal.example.com"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize("token", ["", "another", "\xff", "a" * 5000])
async def test_another_token_does_not_sign_in(http: httpx.AsyncClient, token: str) -> None:
    posted = await http.post("/", data={"token": token})
    linked = await http.get("/", params={"token": token or "x"})

    assert posted.status_code == (413 if len(token) > 4096 else 401)
    assert linked.status_code == 401
    assert not {"set-cookie"} & {*posted.headers, *linked.headers}


async def test_a_session_ends(http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    await http.post("/", data={"token": TOKEN})
    later = time.time() + SESSION + 1
    monkeypatch.setattr(time, "time", lambda: later)

    answer = await http.post("/decode", json={}, headers={"Origin": UI})

    assert answer.status_code == 401


async def test_the_token_in_the_path_serves_where_it_is_allowed() -> None:
    async with asking(token_in_path=True) as http:
        right = await http.post(f"/{TOKEN}/decode", json={"payloads": [PLAIN]})
        wrong = await http.post("/another/decode", json={"payloads": [PLAIN]})

    assert (right.status_code, wrong.status_code) == (200, 401)


@pytest.mark.parametrize("path", ["/decode", "/encode"])
async def test_a_preflight_allows_the_page_of_the_web_ui(
    http: httpx.AsyncClient, path: str
) -> None:
    answer = await http.options(path, headers=preflight(UI))

    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == UI
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert "POST" in answer.headers["access-control-allow-methods"]
    allowed = answer.headers["access-control-allow-headers"].lower()
    assert {"content-type", "x-namespace", "authorization"} <= set(allowed.split(", "))


@pytest.mark.parametrize(
    "origin", ["https://localhost:8080", "http://localhost:80801", "http://evil.example", "null"]
)
async def test_a_preflight_allows_no_other_page(http: httpx.AsyncClient, origin: str) -> None:
    answer = await http.options("/decode", headers=preflight(origin))

    assert answer.status_code == 400
    assert "access-control-allow-origin" not in answer.headers


def preflight(origin: str) -> dict[str, str]:
    return {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,x-namespace,authorization",
    }


async def test_a_refusal_can_be_read_by_the_web_ui(http: httpx.AsyncClient) -> None:
    answer = await http.post("/decode", json={}, headers={"Origin": UI})

    assert answer.status_code == 401
    assert answer.headers["access-control-allow-origin"] == UI
