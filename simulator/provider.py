"""What the simulator needs to know of a provider it plays."""

from collections.abc import Sequence
from typing import Protocol

from starlette.responses import Response

from simulator.records import Choice, Said, Sent
from simulator.scripts import Script
from simulator.timeline import Step


class Provider(Protocol):
    @property
    def course(self) -> Sequence[str]:
        """Statuses after acceptance, when all goes well."""

    def accepted(self, sent: Sent) -> Response:
        """The answer to a send that was taken."""

    def refused(self, script: Script) -> Response:
        """The answer to a send that will never be taken, with the script's code."""

    def throttled(self, retry_after: int) -> Response: ...

    def broken(self, status: int) -> Response:
        """A 5xx."""

    def forbidden(self) -> Response:
        """The answer to a look-up by an account that may not ask."""

    def failure(self, script: Script) -> Step:
        """The status and code of a message that was taken and then failed."""

    async def report(self, sent: Sent, step: Step) -> None:
        """Post a status, if the message asked for that; the very same one again when told to."""

    async def reply(self, said: Said, to: Sent | None, choice: Choice | None) -> int | None:
        """Post what the person said; returns what our webhook answered."""


class Refusal(Exception):
    """An answer to give at once, as when the credentials are wrong."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response
