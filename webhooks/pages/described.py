"""The pages in OpenAPI's words, as the callbacks are in webhooks/described.py."""

from collections.abc import Mapping
from typing import Any

_TEXT = {"type": "string"}
_PAGE = {"text/html": {"schema": _TEXT}}
_TOKEN = {"in": "path", "name": "token", "required": True, "schema": _TEXT}
_ANSWERS = {
    400: "it answers nothing; the question again",
    404: "no link of ours",
    408: "the body did not come in time",
    410: "the message is no longer known",
    413: "the body is too large",
    503: "Temporal is out of reach, or a fault of ours; nothing was taken",
}


def _page(status: int, what: str, *others: int, query: tuple[str, ...] = ()) -> dict[str, Any]:
    answers = {code: {"description": _ANSWERS[code], "content": _PAGE} for code in others}
    done = {"description": what} | ({"content": _PAGE} if status == 200 else {})
    asked = [{"in": "query", "name": name, "schema": _TEXT} for name in query]
    return {
        "status_code": status,
        "responses": {status: done, **answers},
        "openapi_extra": {"parameters": [_TOKEN, *asked]},
    }


def _taking(page: dict[str, Any], *fields: str) -> dict[str, Any]:
    form = {"schema": {"type": "object", "properties": dict.fromkeys(fields, _TEXT)}}
    content = {"application/x-www-form-urlencoded": form}
    return page | {"openapi_extra": {**page["openapi_extra"], "requestBody": {"content": content}}}


PAGES: Mapping[tuple[str, str], dict[str, Any]] = {
    ("GET", "/answer/{token}"): _page(
        200, "the question, or what became of it", 404, 410, 503, query=("choice", "said")
    ),
    ("POST", "/answer/{token}"): _taking(
        _page(303, "taken: back to the page", 400, 404, 408, 410, 413, 503), "choice", "text"
    ),
    ("GET", "/unsubscribe/{token}"): _page(200, "a button that unsubscribes", 404, 503),
    ("POST", "/unsubscribe/{token}"): _taking(
        _page(200, "unsubscribed", 404, 408, 413, 503), "List-Unsubscribe"
    ),
    ("GET", "/agent/{token}"): _page(
        200, "what was said, and what an agent can do", 404, 503, query=("agent",)
    ),
    ("POST", "/agent/{token}"): _taking(
        _page(303, "taken: back to the page", 400, 404, 408, 413, 503),
        *("do", "agent", "text", "choice", "seen"),
    ),
}
