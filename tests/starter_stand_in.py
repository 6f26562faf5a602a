"""A small stand-in for the workflow, so that the command line is tested by itself."""

from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy, SearchAttributeKey
from temporalio.exceptions import ApplicationError

from failover.attempts import Attempt, Outcome, Result
from failover.conversation import Conversation
from failover.events import OptOut, Report, Response
from failover.message import Message
from failover.names import SearchAttribute


@activity.defn
async def send_sms(to: str) -> None:
    raise ApplicationError(f"connection refused by {to}")


@workflow.defn(name="Message")
class StandIn:
    """Every send is accepted at once and delivered, except where the provider is called `down`."""

    @workflow.init
    def __init__(self, message: Message) -> None:
        self._known = Conversation(message)
        self._skipped = -1

    @workflow.run
    async def run(self, message: Message) -> Result:
        if message.content.text == "invalid":
            raise ApplicationError("invalid message: steps.0: no", non_retryable=True)
        if message.content.text == "a bug":
            raise ValueError("no such thing")
        self._publish("open", Channel=None)
        for number, step in enumerate(message.steps):
            if await self._held(number, (step.providers or ("twilio",))[0], step.wait):
                break
        self._known.outcome = Outcome.RESPONDED if self._known.responses else Outcome.EXHAUSTED
        self._publish(self._known.outcome, Channel=None)
        return self._known.result()

    async def _held(self, number: int, provider: str, wait: timedelta) -> bool:
        attempt = self._known.begin(number, provider, workflow.now())
        if provider == "down":
            await self._try(attempt)
        self._known.accepted(attempt.number, "SM1", workflow.now())
        self._publish("open", Channel=attempt.channel)
        try:
            await workflow.wait_condition(
                lambda: bool(self._known.responses) or self._skipped == number,
                timeout=wait,
                timeout_summary=f"wait for a reply on {attempt.channel.label}",
            )
        except TimeoutError:
            return False
        return bool(self._known.responses)

    async def _try(self, attempt: Attempt) -> None:
        await workflow.execute_activity(
            send_sms,
            str(attempt.provider),
            summary=f"{attempt.number}: SMS by {attempt.provider} to {attempt.to}",
            start_to_close_timeout=timedelta(seconds=5),
            retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1)),
        )

    def _publish(self, status: str, **more: str | None) -> None:
        message = self._known.message
        known = {
            SearchAttribute.MESSAGE_STATUS: status,
            SearchAttribute.RECIPIENT: message.recipient.id,
            SearchAttribute.CONVERSATION: message.conversation,
            **more,
        }
        workflow.upsert_search_attributes(
            [SearchAttributeKey.for_keyword(k).value_set(v) for k, v in known.items() if v]
        )

    @workflow.query
    def conversation(self) -> Result:
        return self._known.result()

    @workflow.signal
    def responded(self, response: Response) -> None:
        self._known.respond(response, workflow.now())

    @workflow.signal
    def reported(self, report: Report) -> None:
        self._known.report(report, workflow.now())

    @workflow.signal
    def opted_out(self, opt_out: OptOut) -> None:
        self._known.opt_out(opt_out, workflow.now())

    @workflow.signal
    def skip(self) -> None:
        self._skipped = len(self._known.attempts) - 1
