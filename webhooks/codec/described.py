"""The codec server's routes in OpenAPI's words. Not served to anybody."""

from typing import Any

from fastapi import Response
from fastapi.responses import HTMLResponse

_TEXT = {"type": "string"}
_WORDS = {"text/plain": {"schema": _TEXT}}
_HTML = {"text/html": {"schema": _TEXT}}
_BYTES = {"type": "string", "contentEncoding": "base64"}
_PAYLOADS = {
    "type": "object",
    "properties": {
        "payloads": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "metadata": {"type": "object", "additionalProperties": _BYTES},
                    "data": _BYTES,
                },
            },
        }
    },
}
_NOT = {
    400: "no payloads, or with a key that is not here",
    401: "neither a token nor a session",
    408: "the body did not come in time",
    413: "the body is too large",
    503: "too many large bodies at once",
}


def converting(path: str) -> dict[str, Any]:
    """Of `decode` and `encode`, with the token in the path or without."""
    named = [{"in": "path", "name": "token", "required": True, "schema": _TEXT}]
    content = {"application/json": {"schema": _PAYLOADS}}
    refusals = {code: {"description": said, "content": _WORDS} for code, said in _NOT.items()}
    return {
        "response_class": Response,
        "responses": {200: {"description": "converted", "content": content}, **refusals},
        "openapi_extra": {
            "requestBody": {"required": True, "content": content},
            "parameters": named if "{token}" in path else [],
        },
    }


_SIGN_IN = {
    303: {"description": "signed in; on to the Web UI"},
    401: {"description": "not the token", "content": _HTML},
}
PAGE: dict[str, Any] = {
    "response_class": HTMLResponse,
    "responses": _SIGN_IN,
    "openapi_extra": {"parameters": [{"in": "query", "name": "token", "schema": _TEXT}]},
}
FORM: dict[str, Any] = {
    "status_code": 303,
    "response_class": Response,
    "responses": {**_SIGN_IN, 413: {"description": "not a token", "content": _WORDS}},
    "openapi_extra": {
        "requestBody": {
            "content": {
                "application/x-www-form-urlencoded": {
                    "schema": {"type": "object", "properties": {"token": _TEXT}}
                }
            }
        }
    },
}
