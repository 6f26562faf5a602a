"""The providers as operators see them, and what operators drained: one workflow for all workers.

Workflow code. Its memo is the whole of what it knows, so that reading it needs no worker. It lives
for ever and continues as new; who ends it ends every drain.
"""

from datetime import timedelta
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from pydantic import AwareDatetime, BaseModel, ConfigDict

PROVIDERS_WORKFLOW = "Providers"
PROVIDERS_ID = "providers"
MEMO = "standing"
SEEN, GONE, DRAIN, RESUME = "seen", "gone", "drain", "resume"
#: In place of a channel: every one, also those to come.
EVERY = "*"
#: A worker tells every hour that it is there; one that does not has gone.
TOLD_EVERY = timedelta(hours=1)
_FORGOTTEN = 3 * TOLD_EVERY
#: Signals of one run. Each is some five events, and Temporal's advice to go on comes at 4,096.
_SIGNALS = 500


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class View(_Told):
    """Signal `seen`: the providers as one worker sees them, each by channel."""

    worker: str
    serves: dict[str, list[str]] = {}
    #: What is wrong, in an operator's words.
    troubles: dict[str, dict[str, str]] = {}
    #: For what part of the messages a provider keeps its place; those below 1.
    shares: dict[str, dict[str, float]] = {}
    at: AwareDatetime | None = None


class Drain(_Told):
    """Signals `drain` and `resume`: a provider gets no new sends on a channel, or does again."""

    provider: str
    channel: str = EVERY
    why: str | None = None
    at: AwareDatetime | None = None


class Standing(_Told):
    """What is known: of workers by their identity, and of drains in the order they came."""

    workers: dict[str, View] = {}
    drains: list[Drain] = []

    def drained(self, provider: str, channel: str) -> bool:
        return any(d.provider == provider and d.channel in (EVERY, channel) for d in self.drains)


@workflow.defn(name=PROVIDERS_WORKFLOW)
class ProvidersWorkflow:
    @workflow.init
    def __init__(self, known: Standing) -> None:
        self._workers = dict(known.workers)
        self._drains = list(known.drains)
        self._signals = 0

    @workflow.run
    async def run(self, known: Standing) -> None:
        self._show()
        await workflow.wait_condition(lambda: self._signals >= _SIGNALS)
        # Begun with it: workers read it before the new run's first task.
        workflow.continue_as_new(self._standing(), memo={MEMO: self._kept()})

    @workflow.signal(name=SEEN, description="The providers as one worker sees them")
    def seen(self, view: View) -> None:
        now = workflow.now()
        self._workers[view.worker] = view.model_copy(update={"at": now})
        for name, known in list(self._workers.items()):
            if known.at is None or now - known.at > _FORGOTTEN:
                del self._workers[name]
        self._changed()

    @workflow.signal(name=GONE, description="A worker has ended")
    def gone(self, worker: str) -> None:
        self._workers.pop(worker, None)
        self._changed()

    @workflow.signal(name=DRAIN, description="No new sends by this provider on this channel")
    def drain(self, asked: Drain) -> None:
        self._lift(asked)
        self._drains.append(asked.model_copy(update={"at": workflow.now()}))
        self._changed()

    @workflow.signal(name=RESUME, description="Sends by this provider again")
    def resume(self, asked: Drain) -> None:
        self._lift(asked)
        self._changed()

    def _lift(self, asked: Drain) -> None:
        """A drain of every channel stands for those of its channels, both ways."""

        def meant(drain: Drain) -> bool:
            return drain.provider == asked.provider and asked.channel in (EVERY, drain.channel)

        self._drains = [drain for drain in self._drains if not meant(drain)]

    def _changed(self) -> None:
        self._signals += 1
        self._show()

    def _show(self) -> None:
        standing = self._standing()
        workflow.upsert_memo({MEMO: self._kept()})
        workflow.set_current_details(_details(standing))

    def _kept(self) -> dict[str, Any]:
        """Without defaults: a memo of more than 2 kB is warned of."""
        return self._standing().model_dump(mode="json", exclude_defaults=True)

    def _standing(self) -> Standing:
        return Standing(workers=self._workers, drains=self._drains)


def _details(standing: Standing) -> str:
    lines = [
        f"- {drain.provider} is drained on {_named(drain.channel)}" for drain in standing.drains
    ]
    for name, view in standing.workers.items():
        for provider, troubles in view.troubles.items():
            lines += [
                f"- {channel} by {provider}: {why} ({name})" for channel, why in troubles.items()
            ]
    return "\n".join(lines or ["No provider is drained, and no worker passes one over."])


def _named(channel: str) -> str:
    return "every channel" if channel == EVERY else channel
