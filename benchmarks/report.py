"""What a benchmark has measured, in the shape of its JSON."""

from pydantic import BaseModel

from benchmarks.sizes import Name

#: Events above the floor: of each attempt, and of each message once.
PER_ATTEMPT, ONCE = 2, 1


class Used(BaseModel):
    """CPU seconds, of all threads, in user and in system mode."""

    server: float
    worker: float

    @property
    def total(self) -> float:
        return self.server + self.worker

    def __add__(self, other: "Used") -> "Used":
        return Used(server=self.server + other.server, worker=self.worker + other.worker)

    def __sub__(self, other: "Used") -> "Used":
        return Used(server=self.server - other.server, worker=self.worker - other.worker)


class Round(BaseModel):
    """Messages with one attempt, as fast as they go."""

    side: Name
    messages: int
    seconds: float
    used: Used
    requests: dict[str, int]


class Story(BaseModel):
    """What most histories of one kind of message have, and how many have something else."""

    side: Name
    attempts: int
    events: dict[str, int]
    transitions: int
    actions: int
    read: int
    others: int

    @property
    def length(self) -> int:
        return sum(self.events.values())


class Timing(BaseModel):
    """Seconds, of each message, at an easy pace."""

    side: Name
    #: From when the timer was due to when a worker had taken up the next send.
    late: list[float]
    #: From when the answer was given to Temporal to when the result was here.
    closed: list[float]


class Waiting(BaseModel):
    """So many messages wait for an answer at once."""

    side: Name
    messages: int
    worker_bytes: int
    worker_bytes_before: int
    disk_bytes: int


class Report(BaseModel):
    machine: str
    versions: str
    at: str
    #: Processes that wanted a core when it began and when it ended.
    load: tuple[float, float]
    size: str
    rounds: list[Round] = []
    stories: list[Story] = []
    timings: list[Timing] = []
    waiting: list[Waiting] = []

    def rounds_of(self, side: Name) -> list[Round]:
        return [one for one in self.rounds if one.side == side]

    def story(self, side: Name, attempts: int) -> Story:
        told = (one for one in self.stories if (one.side, one.attempts) == (side, attempts))
        return next(told)

    def above(self, attempts: int) -> int:
        """Events of the product's history that the floor's has not."""
        return self.story("product", attempts).length - self.story("floor", attempts).length

    def too_many_events(self) -> list[str]:
        """Where the product's histories are above their bound. Counted, so no noise excuses it."""
        tried = sorted({one.attempts for one in self.stories})
        return [
            f"{attempts} attempts: {self.above(attempts)} events above the floor"
            for attempts in tried
            if self.above(attempts) > ONCE + PER_ATTEMPT * attempts
        ]
