"""What calls have in common, whoever puts them through: how long, and why in vain."""

import re
from datetime import timedelta

from failover.events import Failure, FailureClass
from providers.codes import codes

#: Seconds to let it ring; a minute reaches most people's voicemail.
_RING = range(5, 46)
#: Seconds a call may last, so that a machine which presses keys does not hold the line.
LONGEST = 600
#: Seconds to press a key after the last word.
PATIENCE = 6

#: Why a call failed, in the words of the network.
_SIP = codes("providers", "sip", "sip.toml")


def ring(valid_for: timedelta) -> int:
    """Seconds to let it ring: never past the end of the step's wait."""
    return max(_RING.start, min(int(valid_for.total_seconds()), _RING.stop - 1))


def not_put_through(sip: str, detail: str) -> Failure:
    """A call that failed with this SIP response, which may be empty."""
    network = FailureClass.PROVIDER if re.fullmatch(r"5\d\d", sip) else FailureClass.UNREACHABLE
    code = f"sip {sip}" if re.fullmatch(r"[1-6]\d\d", sip) else None
    known = _SIP.get(sip)
    return Failure(kind=known.kind if known else network, code=code, detail=detail)
