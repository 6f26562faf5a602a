"""The routes in OpenAPI's words: what comes, and every answer there is. Not served to anybody."""

from typing import Any

from providers.integration import Callbacks, Described, Route

_TEXT = {"type": "string"}
_FORGED = "the signature does not match, is missing or is too old"
_UNDER_WAY = "Temporal is out of reach, too many large bodies at once, or a fault of ours"
_OTHERS = {
    400: {"description": "signed, but not what the provider documents"},
    408: {"description": "the body did not come in time"},
    413: {"description": "the body is too large"},
    503: {"description": _UNDER_WAY},
}


def described(way: Callbacks, route: Route) -> dict[str, Any]:
    """Of a callback route, as FastAPI takes it."""
    # A parameter may not be called Authorization: that is a security scheme.
    token: Described = {"security": [{"bearer": []}, {}]} if way.bearer else {}
    headers = [_parameter("header", name) for name in way.signature]
    queries = [_parameter("query", name, said) for name, said in route.query.items()]
    return {
        "responses": {**way.taken, **_OTHERS, way.forged: {"description": _FORGED}},
        "openapi_extra": {
            "requestBody": {"required": True, "content": route.body},
            "parameters": [*headers, *queries],
            **token,
        },
    }


HEALTH: dict[str, Any] = {
    "responses": {
        code: {
            "description": said,
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "required": ["status", "temporal"],
                        "properties": {"status": _TEXT, "temporal": {"type": "boolean"}},
                    }
                }
            },
        }
        for code, said in {200: "Temporal answers", 503: "Temporal is out of reach"}.items()
    }
}


def _parameter(place: str, name: str, said: str = "") -> Described:
    about = {"description": said} if said else {}
    return {"in": place, "name": name, **about, "schema": _TEXT}
