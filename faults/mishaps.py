"""What goes wrong with a send, in the words of the simulator's scripts, and how often."""

from random import Random
from typing import Any

Script = dict[str, Any]

#: Longer than a worker's patience with a provider (`system.HTTP_TIMEOUT`).
_HANG = 6
_TAKEN_AND_NOT_SAID = ("error_after_accept", "drop_after_accept", "hang_after_accept", "bad_body")
#: The callbacks of a send that was taken while its answer was lost: with nothing to prove it by,
#: with a proof that comes late, and with a usual one.
_THEN = (None, None, "silent", "late")

_REFUSALS: dict[str, dict[str, Script]] = {
    "twilio": {"address": {"code": "21211"}, "account": {"code": "20003", "status": 401}},
    "vonage": {"address": {"code": "1170"}, "account": {"code": "1080", "status": 401}},
    "sendgrid": {"address": {"status": 400}, "account": {"status": 401}},
}
#: Reports of a failure after acceptance: the network's fault, and the handset's.
_FAILURES = {"twilio": ("30001", "30003"), "vonage": ("1100", "1260"), "sendgrid": (None, None)}

#: Per hundred sends.
_WEIGHTS = {
    "none": 36,
    "refuse_address": 6,
    "refuse_account": 6,
    "throttle": 9,
    "error": 4,
    "drop": 4,
    "hang": 3,
    "taken_and_not_said": 12,
    "fail": 6,
    "silent": 4,
    "late": 4,
    "twice": 3,
    "shuffled": 3,
}


def mishap(dice: Random, provider: str, channel: str) -> Script | None:
    """What happens to one send by this provider on this channel; None for nothing."""
    (kind,) = dice.choices(list(_WEIGHTS), list(_WEIGHTS.values()))
    if kind == "none":
        return None
    return {"provider": provider, "channel": channel, **_script(dice, kind, provider, channel)}


def _script(dice: Random, kind: str, provider: str, channel: str) -> Script:
    match kind:
        case "refuse_address" | "refuse_account":
            refusal = _REFUSALS[provider][kind.removeprefix("refuse_")]
            return {"do": "refuse", **refusal}
        case "throttle":
            return {"do": "throttle", "retry_after": dice.randint(1, 2), "times": 2}
        case "hang":
            return {"do": "hang", "seconds": _HANG, "times": 1}
        case "taken_and_not_said":
            do, then = dice.choice(_TAKEN_AND_NOT_SAID), dice.choice(_THEN)
            return {"do": do, "then": then, "seconds": _HANG, "times": 1}
        case "fail":
            return {**_failure(dice, provider, channel), "after": dice.choice((0.2, 1.5))}
        case "late":
            return {"do": "late", "seconds": dice.choice((2, 5, 12))}
        case "error" | "drop":
            return {"do": kind, "times": 1}
    return {"do": kind}


def _failure(dice: Random, provider: str, channel: str) -> Script:
    if channel == "voice":
        return {"do": "fail", "code": dice.choice(("busy", "no-answer"))}
    if provider == "sendgrid":
        return {"do": "bounce", "classification": dice.choice(("Invalid Address", "Reputation"))}
    return {"do": "fail", "code": dice.choice(_FAILURES[provider])}
