"""What the workflow was given: read by hand, since what does not decode must not block it."""

from collections.abc import Callable
from datetime import UTC
from inspect import Parameter, Signature, signature
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from pydantic import BaseModel, ValidationError

    from activities.checking import in_one, no_zone
    from activities.offers import Offered, Wanted
    from activities.rendering import with_said
    from activities.zones import numbers_of
    from failover.conversation import Conversation
    from failover.events import Reply
    from failover.faults import faults
    from failover.message import InvalidMessage, Message, parse_message
    from failover.names import workflow_id
    from failover.notify import Targets

Signal = TypeVar("Signal", bound=BaseModel)
Function = TypeVar("Function", bound=Callable[..., Any])


class Unreadable(ValueError):
    """A signal that is not what the contract says. Names the fields at fault, not their values."""


def as_one_payload(takes: Function) -> Function:
    """Let a function of `*given: RawValue` be called with anything.

    The SDK hands over a raw payload only where the signature has just as many parameters, and
    an input of two for a function of one would fail the task for ever.
    """
    one = Parameter("given", Parameter.POSITIONAL_OR_KEYWORD, annotation=RawValue)
    own = next(iter(signature(takes).parameters.values()))
    takes.__signature__ = Signature([own, one])  # type: ignore[attr-defined]
    return takes


def read_message(given: tuple[RawValue, ...]) -> Message:
    """The message. Raises `InvalidMessage`; input that does not decode would retry for ever."""
    if len(given) != 1:
        raise InvalidMessage(f"invalid message: should be one JSON object, not {len(given)} inputs")
    return _read(given[0])


def _read(given: RawValue) -> Message:
    encoding = given.payload.metadata.get("encoding", b"").decode(errors="replace")
    if encoding not in ("json/plain", "binary/plain"):
        raise InvalidMessage(f"invalid message: should be JSON, not {encoding or 'nothing at all'}")
    message = parse_message(given.payload.data)
    if workflow.info().workflow_id != workflow_id(message.id):
        named = workflow_id(message.id)
        raise InvalidMessage(f"invalid message: id: the workflow should have the id {named}")
    return message


def read_reply(given: tuple[RawValue, ...]) -> Reply:
    """What the webhooks, or an operator, started an `InboundMessage` with. Raises `Unreadable`."""
    if len(given) != 1:
        raise Unreadable(f"invalid reply: should be one JSON object, not {len(given)} inputs")
    try:
        reply = Reply.model_validate_json(given[0].payload.data)
    except ValidationError as error:
        raise Unreadable(f"invalid reply: {faults(error)}") from None
    at = reply.at or workflow.now()
    return reply.model_copy(update={"at": at if at.tzinfo else at.replace(tzinfo=UTC)})


def read_signal(kind: type[Signal], given: tuple[Any, ...]) -> Signal:
    try:
        return kind.model_validate(given[0] if given else None)
    except ValidationError as error:
        raise Unreadable(f"{kind.__name__}: {faults(error)}") from None
    except Exception as error:
        # A fault of a validator of ours must not block the message.
        raise Unreadable(f"{kind.__name__}: {type(error).__name__}") from None


def check_offers(conversation: Conversation) -> None:
    """A message that needs a provider which is not offered is refused before anything is sent."""
    wrong = []
    for number, step in enumerate(conversation.message.steps):
        offered = conversation.offers.get(step.channel, ())
        missing = [name for name in step.providers or () if name not in offered]
        if missing:
            by = " and ".join(missing)
            wrong.append(f"steps.{number}.providers: {step.channel} by {by} is not offered")
        elif not conversation.providers(number):
            wrong.append(f"steps.{number}.channel: {step.channel} is not offered")
    if wrong:
        raise refusal("invalid message: " + "; ".join(wrong))


def check_plan(offered: Offered) -> None:
    """All that was found before anything is sent, in one refusal. What began before has none."""
    if offered.faults:
        raise refusal(f"invalid message: {in_one(offered.faults)}")


def say_as_rendered(conversation: Conversation, offered: Offered) -> None:
    """From here on the message has texts instead of templates: those in the recorded answer."""
    conversation.rendered |= {step for one in offered.said for step in one.steps}
    conversation.message = with_said(conversation.message, offered.said)


def wanted_at_first(conversation: Conversation) -> list[Wanted]:
    """Whether it can be sent as it is planned is asked once, before anything is."""
    asked = next(iter(wanted(conversation)), Wanted())
    return [asked.model_copy(update={"message": conversation.message})]


def wanted(conversation: Conversation) -> list[Wanted]:
    """What is asked besides: the time zones of the numbers, where nobody says them."""
    numbers = numbers_of(conversation.message)
    return [Wanted(numbers=numbers)] if numbers else []


def check_zones(conversation: Conversation) -> None:
    """Where the zones of a number are not known, nobody can say when its hours are."""
    asked = next(iter(wanted(conversation)), Wanted())
    unknown = [number for number in asked.numbers if not conversation.zones.get(number)]
    if unknown:
        raise refusal(f"invalid message: {no_zone(unknown)}")


def check_notify(conversation: Conversation, targets: Targets) -> None:
    """A service that could never be told is not found out at the end."""
    if fault := targets.fault(conversation.message.notify):
        raise refusal(f"invalid message: notify: {fault}")


def refusal(why: str) -> ApplicationError:
    return ApplicationError(why, type="InvalidMessage", non_retryable=True)


def never_looked_at() -> ApplicationError:
    why = "no worker came to an end of looking at the message; none of it was sent"
    return ApplicationError(why, type="NeverLookedAt", non_retryable=True)
