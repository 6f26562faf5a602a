"""What Twilio says of a call that no person has heard."""

import re
from collections.abc import Mapping

from failover.events import Failure, FailureClass
from providers.twilio.errors import failure

#: CallStatus of a call that nobody took. A completed one is told by who answered.
_CALLS = {
    "busy": "busy",
    "no-answer": "nobody picked up",
    "canceled": "ended before anybody picked up",
    "failed": "the call could not be put through",
}

#: SipResponseCode of a failed call, where it says more than that nobody could be reached.
_SIP = {"404": FailureClass.ADDRESS, "484": FailureClass.ADDRESS, "604": FailureClass.ADDRESS}


def not_heard(fields: Mapping[str, str], said: str) -> Failure | None:
    """Why a call with this status reached nobody; None where it may have."""
    if said == "completed":
        by = fields.get("AnsweredBy", "")
        machine = "fax" if by == "fax" else "voicemail" if by.startswith("machine") else None
        return Failure(kind=FailureClass.UNREACHABLE, detail=machine) if machine else None
    if said not in _CALLS:
        return None
    if code := fields.get("ErrorCode"):
        return failure(code, fields.get("ErrorMessage", ""), _CALLS[said])
    sip = fields.get("SipResponseCode", "") if said == "failed" else ""
    network = FailureClass.PROVIDER if re.fullmatch(r"5\d\d", sip) else FailureClass.UNREACHABLE
    known = re.fullmatch(r"[1-6]\d\d", sip)
    kind, code = _SIP.get(sip, network), f"sip {sip}" if known else None
    return Failure(kind=kind, code=code, detail=_CALLS[said])
