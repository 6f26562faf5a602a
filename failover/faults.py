"""What is wrong with what was given, in words: fields at fault, and none of their values."""

from pydantic import ValidationError

from failover.addresses import scrub

#: Faults named; the rest are counted, as an error has limits of its own.
_TOLD = 20
#: Places that are of the models and not of what was given.
UNTOLD = ("(whole)", "(changes)")


def faults(error: ValidationError) -> str:
    """Each field at fault with what is wrong, without the values; the first twenty of many."""
    told = error.errors(include_input=False, include_url=False, include_context=False)
    places = {fault["loc"] for fault in told}
    outer = {place[:depth] for place in places for depth in range(len(place))}
    # A list whose items are at fault is called too short as well.
    kept = [f for f in told if not (f["type"] == "too_short" and f["loc"] in outer)]
    found = [_told(fault["loc"], fault["msg"]) for fault in kept[:_TOLD]]
    more = [f"and {len(kept) - _TOLD} more"] if len(kept) > _TOLD else []
    return "; ".join([*found, *more])


def _told(place: tuple[int | str, ...], what: str) -> str:
    """Names of fields are people's, too: an address may stand where a channel should."""
    where = ".".join(scrub(str(part)[:60]) for part in place if part not in UNTOLD)
    what = what.removeprefix("Value error, ")[:1000]
    return f"{where}: {what}" if where else what
