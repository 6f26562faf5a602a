"""The pages keep to their own description, whatever schemathesis makes of it."""

from typing import Any

import pytest
from hypothesis import given
from schemathesis import Case
from starlette.types import ASGIApp, Receive, Scope, Send

from failover.content import Choice
from tests.pages_app import ANSWER, UNSUBSCRIBE, Site, asked
from tests.test_hostile_openapi import CHECKS, cases, made

TOKENS = {
    path: link.rpartition("/")[2]
    for path, link in {"answer": ANSWER, "unsubscribe": UNSUBSCRIBE}.items()
}


class Linked:
    """In front of the pages: whoever comes has a link of ours."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        page, _, rest = scope.get("path", "").lstrip("/").partition("/")
        if page in TOKENS and rest and "/" not in rest:
            scope = {**scope, "path": f"/{page}/{TOKENS[page]}", "raw_path": None}
        await self._app(scope, receive, send)


EMOJI = Choice(id="%22><'&?#", label="🔔 <b>")
SITE, WRITTEN = Site(asked(choices=(EMOJI,))), Site(asked(choices=()))


@cases
@given(made(SITE.app, SITE.app))
def test_strangers_get_the_answers_that_the_description_has(case: Case[Any]) -> None:
    response = case.call_and_validate(checks=CHECKS)

    assert response.status_code < 500
    assert response.status_code >= 400 or case.path == "/healthz"


@cases
@given(made(SITE.app, Linked(SITE.app)) | made(WRITTEN.app, Linked(WRITTEN.app)))
def test_who_has_a_link_gets_the_answers_that_the_description_has(case: Case[Any]) -> None:
    response = case.call_and_validate(checks=CHECKS)

    assert response.status_code < 500 or case.path == "/healthz"


@pytest.mark.parametrize("path", ["/answer/{token}", "/unsubscribe/{token}"])
def test_every_page_says_what_comes_and_what_is_answered(path: str) -> None:
    described: dict[str, Any] = SITE.app.openapi()["paths"][path]

    assert set(described) == {"get", "post"}
    assert described["post"]["requestBody"]["content"]
    assert {"404", "503"} <= set(described["get"]["responses"])
