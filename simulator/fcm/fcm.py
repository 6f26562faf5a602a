"""Plays FCM and, behind it, the app on the person's phone."""

from starlette.responses import JSONResponse, Response

from simulator import push
from simulator.fcm import errors
from simulator.outbox import Outbox
from simulator.records import Choice, Said, Sent
from simulator.scripts import Script
from simulator.timeline import Step


class Fcm:
    course = ("delivered",)

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def accepted(self, sent: Sent) -> Response:
        return JSONResponse({"name": f"projects/{sent.sender}/messages/{sent.id}"})

    def refused(self, script: Script) -> Response:
        return errors.error(script.code or "INVALID_ARGUMENT", script.detail, script.status)

    def throttled(self, retry_after: int) -> Response:
        response = errors.error("QUOTA_EXCEEDED")
        response.headers["Retry-After"] = str(retry_after)
        return response

    def broken(self, status: int) -> Response:
        return errors.error("INTERNAL" if status == 500 else "UNAVAILABLE", status=status)

    def forbidden(self) -> Response:
        return errors.plain(403, "PERMISSION_DENIED", "The caller does not have permission")

    def failure(self, script: Script) -> Step:
        """Nobody hears of it: it never comes up on the phone."""
        return Step(0, "failed", script.code, script.detail)

    async def report(self, sent: Sent, step: Step) -> None:
        await push.acknowledge(self._outbox, sent, step)

    async def reply(self, said: Said, to: Sent | None, choice: Choice | None) -> int | None:
        return await push.answer(self._outbox, said, to, choice)
