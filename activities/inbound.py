"""One look for the message that a reply belongs to, from the workflow that keeps the reply."""

from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError
from temporalio import activity
from temporalio.api.common.v1 import Payloads
from temporalio.client import Client
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.answering import answer, signal
from activities.finding import Ended, TemporalOutOfReach, asked, find_ended, find_running
from activities.opt_outs import Said, remember
from failover.choices import chosen, exact_choice
from failover.content import Choice
from failover.events import OptOut, Reply, Response
from failover.message import Message
from failover.names import Signal, message_id
from failover.notify import Notify

DELIVER, REMEMBER = "deliver_reply", "remember_reply"
_SIGNALS: dict[str, type[Response | OptOut]] = {
    Signal.RESPONDED: Response,
    Signal.OPTED_OUT: OptOut,
}
Model = TypeVar("Model", bound=BaseModel)


class Whose(BaseModel):
    """The message that it belongs to, as far as what follows asks for it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    message_id: str
    conversation: str | None = None
    recipient: str | None = None
    context: dict[str, JsonValue] | None = None
    notify: Notify | None = None
    #: The choice that the answer is, and whether it says just that.
    choice: str | None = None
    exactly: bool = False


class Delivery(BaseModel):
    """What came of one look. `ended` is final where `exact`: the reply names the message."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    found: Literal["running", "ended", "nothing"]
    whose: Whose | None = None
    exact: bool = False
    #: Where the installation wants to hear of what belongs to nobody.
    unmatched: Notify | None = None


class Inbound:
    """`unmatched` is the URL that hears of what belongs to nobody."""

    def __init__(self, unmatched: str | None = None) -> None:
        self._unmatched = unmatched

    @activity.defn(name=DELIVER)
    async def deliver(self, reply: Reply) -> Delivery:
        """Where Temporal limits us it looks again: nobody's words are given up for that."""
        try:
            return await self._look(activity.client(), reply)
        except TemporalOutOfReach as error:
            benign = ApplicationErrorCategory.BENIGN
            raise ApplicationError(str(error), type="TemporalOutOfReach", category=benign) from None

    @activity.defn(name=REMEMBER)
    async def remember(self, reply: Reply) -> None:
        """Nothing is sent to this person's address from now on."""
        assert reply.person
        said = Said(channel=reply.channel, provider=reply.provider, at=reply.at)
        await remember(activity.client(), reply.person, said)

    async def _look(self, client: Client, reply: Reply) -> Delivery:
        running = await find_running(client, reply)
        ended = None if running else await find_ended(client, reply)
        if isinstance(ended, str):
            running = ended
        if running:
            if await answer(client, running, reply):
                return Delivery(found="running", whose=Whose(message_id=message_id(running)))
            # It has just ended, and the search does not know yet.
            return Delivery(found="nothing", unmatched=self._unmatched)
        if isinstance(ended, Ended):
            return await _of_ended(client, ended, reply)
        return Delivery(found="nothing", unmatched=self._unmatched)


async def _of_ended(client: Client, ended: Ended, reply: Reply) -> Delivery:
    message, heard = await _read(client, ended.workflow_id, reply)
    whose = Whose(message_id=message_id(ended.workflow_id))
    if message:
        whose = _whose(message, reply)
    # A look whose answer was lost, or the same callback a second time, has ended the message.
    return Delivery(found="running" if heard else "ended", whose=whose, exact=ended.exact)


def _whose(message: Message, reply: Reply) -> Whose:
    choices = _choices(message, reply.channel)
    _, told = signal(reply.model_copy(update={"stop": False}))
    assert isinstance(told, Response)
    choice = chosen(told, choices, message.recipient.locale)
    return Whose(
        message_id=message.id,
        conversation=message.conversation,
        recipient=message.recipient.id,
        context=message.context,
        notify=message.notify,
        choice=choice.id if choice else None,
        exactly=bool(exact_choice(reply.text or "", choices)),
    )


def _choices(message: Message, channel: str) -> list[Choice]:
    said = [message.said(step) for step in message.steps if step.channel == channel]
    offered = [choice for content in (*said, message.content) for choice in content.choices]
    return list(dict.fromkeys(offered))


async def _read(client: Client, workflow: str, reply: Reply) -> tuple[Message | None, bool]:
    """The message, by the first event of its history, and whether it has this reply already."""
    handle = client.get_workflow_handle(workflow)
    try:
        history = await asked(handle.fetch_history)
    except LookupError:
        return None, False
    started = history.events[0].workflow_execution_started_event_attributes
    message = await _decoded(client, started.input, Message)
    for event in history.events:
        told = event.workflow_execution_signaled_event_attributes
        kind = _SIGNALS.get(told.signal_name)
        heard = await _decoded(client, told.input, kind) if kind else None
        if heard and (heard.provider, heard.provider_id) == (reply.provider, reply.provider_id):
            return message, True
    return message, False


async def _decoded(client: Client, given: Payloads, kind: type[Model]) -> Model | None:
    """Nothing where it is not what it should be: a message that was refused, say."""
    try:
        [value] = await client.data_converter.decode_wrapper(given, [kind])
    except (ValidationError, ValueError, KeyError, RuntimeError):
        return None
    # What has no JSON in it is decoded to something else, whatever is asked for.
    return value if isinstance(value, kind) else None
