"""Vonage's errors: problem JSON whose `type` ends in #code."""

from uuid import uuid4

from starlette.responses import JSONResponse

_MESSAGES = "https://developer.vonage.com/api-errors/messages"
#: From the Messages API's list of error codes.
TEXTS = {
    "1000": "Throttled - You have exceeded the submission capacity allowed on this account. "
    "Please wait and retry",
    "1020": "The value of one or more parameters is invalid.",
    "1030": "Internal error - There was an error processing your request in the Platform.",
    "1021": "Invalid Tag",
    "1090": "The message is too long",
    "1120": "Illegal Sender Address - rejected",
    "1130": "Invalid TTL",
    "1160": "Non White-listed Destination",
    "1170": "Invalid or Missing Msisdn Param",
    "1440": "Message type is not supported by the channel",
    "1450": "The client reference is too long",
    "1240": "Illegal Number - User has sent STOP",
    "1250": "Unroutable",
    "1260": "Destination unreachable",
    "1310": "Not suitable device",
}


def error(code: str, status: int = 422, parameter: str | None = None) -> JSONResponse:
    body = problem(code)
    if parameter:
        body["invalid_parameters"] = [{"name": parameter, "reason": "invalid value"}]
    if code == "1020":
        body["title"] = "Invalid params"
    return JSONResponse(body, status, media_type="application/problem+json")


def problem(code: str, detail: str | None = None) -> dict[str, object]:
    """The error of a status callback; also the body of a refusal."""
    return {
        "type": f"{_MESSAGES}#{code}",
        "title": code,
        "detail": detail or TEXTS.get(code, "The message was rejected"),
        "instance": uuid4().hex,
    }


def plain(status: int, name: str, title: str, detail: str) -> JSONResponse:
    body = {"type": f"https://developer.vonage.com/api-errors#{name}", "title": title}
    return JSONResponse(body | {"detail": detail, "instance": uuid4().hex}, status)


def unauthorized() -> JSONResponse:
    return plain(401, "unauthorized", "Unauthorized", "You did not provide correct credentials.")
