"""What a log says of a request that could not be served."""

from traceback import extract_tb

from activities.finding import TemporalOutOfReach
from providers.base import CallbackRejected
from webhooks.reception import TooLarge, TooMany, TooSlow


def why(error: Exception) -> str:
    """What to look at. A reader's own words hold nothing of the callback; others' might."""
    if isinstance(error, CallbackRejected | TemporalOutOfReach):
        return str(error)
    if isinstance(error, TooLarge | TooSlow | TooMany):
        return error.__doc__ or ""
    last = extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {last.filename}:{last.lineno}, a fault of ours"
