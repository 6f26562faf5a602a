"""Twilio's errors: the JSON shape, and the text of the codes the simulator gives by itself."""

from starlette.responses import JSONResponse

#: From Twilio's error dictionary.
TEXTS = {
    "20001": "Invalid parameter",
    "20003": "Authenticate",
    "20404": "The requested resource was not found",
    "20429": "Too Many Requests",
    "20500": "An internal server error has occurred",
    "21201": "No 'To' number is specified",
    "21205": "Url parameter is required.",
    "21211": "Invalid 'To' Phone Number",
    "21212": "Invalid From Number (caller ID)",
    "21213": "Caller phone number is required",
    "21214": "'To' phone number cannot be reached",
    "21408": "Permission to send an SMS has not been enabled for the region indicated by the "
    "'To' number",
    "21602": "Message body is required.",
    "21603": "A 'From' or 'MessagingServiceSid' parameter is required to send a message",
    "21604": "A 'To' phone number is required.",
    "21606": "The 'From' phone number provided is not a valid message-capable Twilio phone number "
    "for this destination.",
    "21609": "Invalid 'StatusCallback'",
    "21610": "Attempt to send to unsubscribed recipient",
    "21611": "This 'From' number has exceeded the maximum number of queued messages",
    "21612": "The 'To' phone number is not currently reachable via SMS",
    "21614": "'To' number is not a valid mobile number",
    "21617": "The concatenated message body exceeds the 1600 character limit",
    "21620": "Invalid media URL(s)",
    "21621": "The 'From' phone number is not enabled for MMS messaging",
    "21623": "Number of media files exceeds allowed limit",
    "21624": "Invalid validity period value",
    "21655": "The ContentSid is Invalid",
    "21656": "The ContentVariables Parameter is invalid",
    "21658": "Parameter exceeded character limit",
    "63005": "Channel did not accept given content",
    "63007": "Twilio could not find a Channel with the specified From address",
    "21701": "The Messaging Service does not exist",
}


def error(code: str, status: int = 400, detail: str | None = None) -> JSONResponse:
    body = {
        "code": int(code),
        "message": detail or TEXTS.get(code, "The request was refused"),
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    return JSONResponse(body, status)
