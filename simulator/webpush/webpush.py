"""Plays a browser's push service and, behind it, the browser with its service worker."""

from starlette.responses import Response

from simulator import push
from simulator.outbox import Outbox
from simulator.records import Choice, Said, Sent
from simulator.scripts import Script
from simulator.timeline import Step
from simulator.webpush.browsers import Browser


class WebPush:
    course = ("delivered",)

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self.browsers: dict[str, Browser] = {}

    def accepted(self, sent: Sent) -> Response:
        return Response(status_code=201, headers={"Location": f"/push/message/{sent.id}"})

    def refused(self, script: Script) -> Response:
        """Its code is the HTTP status."""
        code = script.code or "400"
        return Response(status_code=script.status or (int(code) if code.isdigit() else 400))

    def throttled(self, retry_after: int) -> Response:
        return Response(status_code=429, headers={"Retry-After": str(retry_after)})

    def broken(self, status: int) -> Response:
        return Response(status_code=status)

    def forbidden(self) -> Response:
        return Response(status_code=403)

    def failure(self, script: Script) -> Step:
        """Nobody hears of it: it never comes up in the browser."""
        return Step(0, "failed", script.code, script.detail)

    async def report(self, sent: Sent, step: Step) -> None:
        await push.acknowledge(self._outbox, sent, step)

    async def reply(self, said: Said, to: Sent | None, choice: Choice | None) -> int | None:
        return await push.answer(self._outbox, said, to, choice)
