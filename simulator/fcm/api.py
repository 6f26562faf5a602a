"""FCM's HTTP v1 API, and Google's token endpoint."""

from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import JSONResponse, Response

from simulator.current import Current
from simulator.fcm import errors
from simulator.fcm.account import LASTS, account, is_asked_rightly, is_token, token
from simulator.fcm.sending import fault, written
from simulator.provider import Refusal

router = APIRouter(tags=["FCM"])

_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def known(exchange: Current) -> dict[str, Any]:
    if not exchange.settings.fcm_service_account:
        raise Refusal(errors.unauthenticated())
    return account(exchange.settings.fcm_service_account)


Account = Annotated[dict[str, Any], Depends(known)]


@router.post("/token")
async def give_token(
    known: Account, grant_type: Annotated[str, Form()] = "", assertion: Annotated[str, Form()] = ""
) -> Response:
    if grant_type != _GRANT or not is_asked_rightly(assertion, known):
        said = {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
        return JSONResponse(said, 400)
    return JSONResponse({"access_token": token(known), "expires_in": LASTS, "token_type": "Bearer"})


@router.post("/v1/projects/{project}/messages:send")
async def send(project: str, request: Request, exchange: Current, known: Account) -> Response:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme != "Bearer" or not is_token(given, known):
        return errors.unauthenticated()
    if project != known.get("project_id"):
        return errors.plain(404, "NOT_FOUND", "Requested entity was not found.")
    try:
        body = await request.json()
    except ValueError:
        return errors.plain(400, "INVALID_ARGUMENT", "Invalid JSON payload received.")
    if refused := fault(body):
        return refused
    return await exchange.take(written(body, project, uuid4().hex))
