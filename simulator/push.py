"""The device's side of a push: the app or the service worker says what became of it."""

from urllib.parse import urlencode

from simulator.outbox import Callback, Outbox
from simulator.records import Choice, Said, Sent
from simulator.timeline import Step

#: What is told when the push service brings it, and when the person opens it.
_EVENTS = {"delivered": "received", "read": "opened"}
_FORM = {"Content-Type": "application/x-www-form-urlencoded;charset=UTF-8"}


async def acknowledge(outbox: Outbox, sent: Sent, step: Step) -> None:
    """Nobody is told of anything else: a push service has no callbacks."""
    event = _EVENTS.get(step.status)
    if event and sent.status_url:
        for _ in range(step.callbacks):
            await outbox.send(_callback(sent.status_url, event=event), [sent])


async def answer(outbox: Outbox, said: Said, to: Sent | None, choice: Choice | None) -> int | None:
    """A button of the notification, or what was typed into it."""
    if to is None or not to.status_url:
        return None
    what = {"choice": choice.id} if choice else {"text": said.text}
    return await outbox.deliver(_callback(to.status_url, event="action", **what), said)


def _callback(url: str, **form: str) -> Callback:
    body = urlencode(form).encode()
    return Callback(url, dict(_FORM), body, form["event"], again=_again, pause=1, tries=3)


def _again(answer: int | None) -> bool:
    """As `docs/push/service-worker.js` does."""
    return answer is None or answer >= 500
