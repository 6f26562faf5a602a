"""SendGrid's errors: a list of messages, each with the field at fault."""

from starlette.responses import JSONResponse

_HELP = "http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html"
_TEXTS = {
    401: "The provided authorization grant is invalid, expired, or revoked",
    403: "The from address does not match a verified Sender Identity. Mail cannot be sent until "
    "this error is resolved.",
    429: "too many requests",
}


def error(status: int, message: str | None = None, field: str | None = None) -> JSONResponse:
    text = message or _TEXTS.get(status, "The request was refused")
    detail = {
        "message": text,
        "field": field,
        "help": f"{_HELP}#message.{field}" if field else None,
    }
    return JSONResponse({"errors": [detail]}, status)
