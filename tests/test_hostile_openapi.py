"""The routes keep to their own description, whatever schemathesis makes of it, signed or not."""

from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, checks
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.hostile import Hooks
from tests.hostile_callbacks import rightly_signed
from tests.test_encryption_workers import NEW
from tests.webhooks_app import PATHS, forged
from webhooks.codec.app import create_app
from webhooks.codec.door import Door
from workflows.encryption import EncryptionCodec, Keys

TOKEN = "a token of sixteen letters"
ORIGIN = "http://localhost:8080"
CHECKS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.allow_header_conformance,
]
#: 2,000 a night: a case takes longer to make than an example elsewhere.
cases = settings(
    max_examples=max(40, settings().max_examples // 5),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


class Signed:
    """In front of the webhooks: whatever comes is rightly signed, with a reference of ours."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in PATHS:
            return await self._app(scope, receive, send)
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message.get("body", b"")
            if not message.get("more_body"):
                break

        async def again() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        callback = rightly_signed(scope["path"], body)
        signature = [
            (name.encode(), value.encode())
            for name, value in callback.headers.items()
            if name != "content-type"
        ]
        kept = [pair for pair in scope["headers"] if pair[0] not in dict(signature)]
        query = callback.url.partition("?")[2].encode()
        changed = {**scope, "headers": [*kept, *signature], "query_string": query}
        return await self._app(changed, again, send)


class Admitted:
    """In front of the codec server: whoever comes has the token."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            token = (b"authorization", f"Bearer {TOKEN}".encode())
            kept = [pair for pair in scope["headers"] if pair[0] != token[0]]
            scope = {**scope, "headers": [*kept, token]}
        await self._app(scope, receive, send)


def codec() -> FastAPI:
    door = Door(TOKEN, ORIGIN)
    return create_app(EncryptionCodec(Keys.parse(NEW)), door, origin=ORIGIN, token_in_path=True)


def made(described: FastAPI, served: ASGIApp) -> st.SearchStrategy[Case[Any]]:
    """Cases for every route, by its description and against it."""
    schema = schemathesis.openapi.from_dict(described.openapi())
    schema.app = served
    return schema.as_strategy(GenerationMode.POSITIVE) | schema.as_strategy(GenerationMode.NEGATIVE)


HOOKS, CODEC = Hooks().app, codec()


@cases
@given(made(HOOKS, HOOKS))
def test_strangers_get_the_answers_that_the_description_has(case: Case[Any]) -> None:
    response = case.call_and_validate(checks=CHECKS)

    assert case.path == "/healthz" or response.status_code in {*refusals(case), 413}


def refusals(case: Case[Any]) -> set[int]:
    return {503, 401} if case.path.startswith("/vonage") else {forged(case.path)}


@cases
@given(made(HOOKS, Signed(HOOKS)))
def test_what_is_signed_gets_the_answers_that_the_description_has(case: Case[Any]) -> None:
    response = case.call_and_validate(checks=CHECKS)

    assert response.status_code < 500 or case.path == "/healthz"


@cases
@given(made(CODEC, CODEC))
def test_whoever_has_no_token_gets_nothing_from_the_codec_server(case: Case[Any]) -> None:
    response = case.call_and_validate(checks=CHECKS)

    assert response.status_code == 401 or case.path in ("/", "/healthz")


@cases
@given(made(CODEC, Admitted(CODEC)))
def test_whoever_has_the_token_gets_the_answers_that_the_description_has(case: Case[Any]) -> None:
    response = case.call_and_validate(checks=CHECKS)

    assert response.status_code < 500


@pytest.mark.parametrize("app", [HOOKS, CODEC], ids=["webhooks", "codec"])
def test_every_route_says_what_comes_and_what_is_answered(app: FastAPI) -> None:
    described: dict[str, Any] = app.openapi()["paths"]

    for path, methods in described.items():
        for method, operation in methods.items():
            assert operation["responses"], path
            assert method == "get" or operation["requestBody"]["content"], path
