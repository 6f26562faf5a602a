"""Where apps and service workers say what became of a push, by whichever provider it came."""

from providers.integration import Callbacks, Route, form, json_of, object_of
from providers.push.callbacks import NAME, callbacks

_SAID = ("event", "choice", "text")

ACKNOWLEDGED = Callbacks(
    prefix=NAME,
    routes=(
        Route(
            "ack",
            {**form(*_SAID), **json_of(object_of(*_SAID))},
            {"ticket": "signed by us, and sent with the push"},
        ),
    ),
    reader=lambda settings, public: callbacks(public),
    # A service worker posts from the origin of its own site, and tries again what was not taken.
    headers={"Access-Control-Allow-Origin": "*"},
)
