"""How large a fault run is: how many messages, how fast they are asked for, how often what dies."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    messages: int
    #: Messages asked for in a second.
    rate: float
    #: Seconds between two kills of a worker, of all workers or of the webhooks.
    kills_every: float
    server_kills: int
    #: A worker stopped for longer than its heartbeats may be missing, and let go on.
    freezes: int
    #: Times that the link of the second worker to the server is cut, blocked or slow.
    cuts: int
    #: Seconds after the last message was asked for; what is open then is stuck.
    patience: float
    #: Seconds that a step waits for the person, at most.
    longest_wait: float = 5
    #: Sends without a clear answer after which a worker passes a provider over; 0 is never.
    breaker_sends: int = 0


SIZES = {
    "smoke": Size(
        messages=20,
        rate=8,
        kills_every=3,
        server_kills=1,
        freezes=1,
        cuts=1,
        patience=60,
        longest_wait=2,
    ),
    "default": Size(
        messages=200, rate=4, kills_every=5, server_kills=3, freezes=2, cuts=3, patience=150
    ),
    "nightly": Size(
        messages=2_000, rate=5, kills_every=8, server_kills=20, freezes=12, cuts=18, patience=240
    ),
    "release": Size(
        messages=10_000, rate=5, kills_every=10, server_kills=100, freezes=60, cuts=90, patience=300
    ),
}
