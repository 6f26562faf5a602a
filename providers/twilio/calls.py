"""What Twilio says of a call: whether a person took it, or why nobody has heard it."""

from collections.abc import Mapping

from failover.events import Failure
from providers.calling import not_put_through
from providers.codes import codes
from providers.twilio.errors import failure

#: CallStatus of a call that nobody took. A completed one is told by who answered.
_CALLS = codes("providers.twilio", "calls")
_MACHINES = frozenset({"machine", "fax"})
#: Somebody or something took the call; who, is in AnsweredBy.
_TAKEN = frozenset({"completed", "detected"})


def said_of(fields: Mapping[str, str]) -> str:
    """The status, or `detected` where machine detection alone tells who took the call.

    Asynchronous detection calls back while the call goes on, with a CallSid, AnsweredBy and
    MachineDetectionDuration: https://www.twilio.com/docs/voice/answering-machine-detection.
    """
    return fields.get("CallStatus", "detected" if fields.get("AnsweredBy") else "")


def heard(fields: Mapping[str, str], said: str) -> bool:
    """Whether a person took it."""
    return said in _TAKEN and fields.get("AnsweredBy") == "human"


def not_heard(fields: Mapping[str, str], said: str) -> Failure | None:
    """Why a call with this status reached nobody; None where it may have."""
    if said in _TAKEN:
        by = fields.get("AnsweredBy", "")
        said = "machine" if by.startswith("machine") else by
        return _CALLS[said].failure(None) if said in _MACHINES else None
    if said not in _CALLS or said in _MACHINES:
        return None
    if code := fields.get("ErrorCode"):
        return failure(code, fields.get("ErrorMessage", ""), _CALLS[said].means)
    sip = fields.get("SipResponseCode", "") if said == "failed" else ""
    return not_put_through(sip, _CALLS[said].means) if sip else _CALLS[said].failure(None)
