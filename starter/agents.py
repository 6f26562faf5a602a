"""The verbs `claim`, `answer` and `close`: an agent takes a conversation over, and ends it."""

import os
from typing import Any

from temporalio.client import Client, WorkflowHandle

from failover.asides import Purpose
from failover.attempts import Attempt, Result
from failover.channels import Channel
from failover.events import Act, AgentAct, AgentSays
from failover.names import Signal
from starter.acting import offered_choice, over, under_way, unless_ended
from starter.errors import NotDone
from starter.history import asked
from starter.look import asked_itself
from starter.screen import Screen
from starter.spans import show_moment
from starter.temporal import describe
from starter.timeline import label, one_line

Run = WorkflowHandle[Any, Any]


def somebody() -> str:
    """Who acts where nobody says so."""
    return os.environ.get("USER") or "operator"


async def claim(client: Client, screen: Screen, id: str, agent: str) -> int:
    """Raises `NotDone` when somebody else has it."""
    run, says = await _at_hand(client, id, AgentSays(agent=agent), "there is nothing to claim")
    result = await _tell(client, id, run, Signal.CLAIMED, says)
    if result is None:
        screen.say(f"{id}: told; no worker answers, so nobody can say yet who has it")
        return 0
    holds = _holder(result)
    if result.outcome or holds is None:
        raise NotDone(over(id, await describe(client, id), "there is nothing to claim"))
    if holds.agent != agent:
        raise NotDone(f"{id}: {_name(holds)} has it since {show_moment(holds.at)}")
    screen.say(
        f"{id}: claimed by {one_line(agent)}; no step is taken until it is answered or closed"
    )
    return 0


async def answer(client: Client, screen: Screen, id: str, says: AgentSays) -> int:
    """Raises `NotDone` where nothing has reached the person, so that it could not be said."""
    run, says = await _at_hand(client, id, says, "nothing was said")
    before, _ = await asked_itself(run)
    if before and not any(map(_reached, before.attempts)):
        raise NotDone(
            f"{id}: nothing has reached the person yet, so there is no channel to answer on; "
            "close it with a --note, or wait"
        )
    result = await _tell(client, id, run, Signal.ANSWERED, says)
    then = "the message stays open" if says.keep_open else "nothing else is sent"
    screen.say(f"{id}: {_said_where(result, says)}; {then}{_of_another(result, says)}")
    return 0


async def close(client: Client, screen: Screen, id: str, says: AgentSays) -> int:
    run, says = await _at_hand(client, id, says, "there is nothing to close")
    result = await _tell(client, id, run, Signal.CLOSED, says)
    chose = f" with {says.choice}" if says.choice else ""
    by = f" by {one_line(says.agent or '')}"
    screen.say(f"{id}: closed{chose}{by}; nothing more is sent{_of_another(result, says)}")
    return 0


async def _at_hand(
    client: Client, id: str, says: AgentSays, else_what: str
) -> tuple[Run, AgentSays]:
    """The run to tell, and a choice as it was offered. Raises `NotDone` and `BadInput`."""
    described = await under_way(client, id, else_what)
    run = client.get_workflow_handle(described.id, run_id=described.run_id)
    if says.choice and (message := await asked(client, run)):
        says = says.model_copy(update={"choice": offered_choice(says.choice, message)})
    return run, says


async def _tell(
    client: Client, id: str, run: Run, signal: Signal, says: AgentSays
) -> Result | None:
    """What the message says once it has heard of it; None where no worker answers."""
    await unless_ended(run.signal(signal, says), client, id)
    result, _ = await asked_itself(run)
    return result


def _holder(result: Result) -> AgentAct | None:
    claims = [act for act in result.agents if act.act == Act.CLAIMED]
    return claims[-1] if claims else None


def _reached(attempt: Attempt) -> bool:
    reaches = attempt.channel != Channel.AGENT and not attempt.purpose
    return attempt.open and attempt.provider is not None and reaches


def _said_where(result: Result | None, says: AgentSays) -> str:
    attempts = result.attempts if result else ()
    said = [a for a in attempts if a.purpose == Purpose.ANSWER and a.said == says.text]
    if said:
        return f"answered on {label(said[-1].channel)}"
    if result and result.outcome:
        return "recorded, and not said: the person can be written to on no channel that is left"
    return "the answer is on its way"


def _of_another(result: Result | None, says: AgentSays) -> str:
    holds = _holder(result) if result else None
    return f" ({_name(holds)} had claimed it)" if holds and holds.agent != says.agent else ""


def _name(act: AgentAct) -> str:
    return one_line(act.agent or "an agent")
