"""FCM's errors, in the shape of Google's APIs."""

from typing import Any

from starlette.responses import JSONResponse

_KIND = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
#: The page "ErrorCode": the HTTP status, Google's word for it, and the message.
CODES = {
    "INVALID_ARGUMENT": (400, "INVALID_ARGUMENT", "Request contains an invalid argument."),
    "UNREGISTERED": (404, "NOT_FOUND", "Requested entity was not found."),
    "SENDER_ID_MISMATCH": (403, "PERMISSION_DENIED", "SenderId mismatch"),
    "QUOTA_EXCEEDED": (429, "RESOURCE_EXHAUSTED", "Quota exceeded."),
    "UNAVAILABLE": (503, "UNAVAILABLE", "The service is currently unavailable."),
    "INTERNAL": (500, "INTERNAL", "Internal error encountered."),
    "THIRD_PARTY_AUTH_ERROR": (401, "UNAUTHENTICATED", "Auth error from APNS or Web Push Service"),
}


def error(code: str, message: str | None = None, status: int | None = None) -> JSONResponse:
    number, word, usual = CODES.get(code, (400, "INVALID_ARGUMENT", "The message was rejected"))
    details = [{"@type": _KIND, "errorCode": code}]
    return plain(status or number, word, message or usual, details)


def field(name: str, description: str) -> JSONResponse:
    """A field that is wrong; FCM's own code is not there then."""
    violation = {"field": name, "description": description}
    kind = "type.googleapis.com/google.rpc.BadRequest"
    details = [{"@type": kind, "fieldViolations": [violation]}]
    return plain(400, "INVALID_ARGUMENT", description, details)


def unauthenticated() -> JSONResponse:
    return plain(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")


def plain(status: int, word: str, message: str, details: list[Any] | None = None) -> JSONResponse:
    said = {"code": status, "message": message, "status": word}
    return JSONResponse({"error": said | ({"details": details} if details else {})}, status)
