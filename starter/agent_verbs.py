"""The verbs of agents, and the one that shows them a whole conversation."""

from typing import Annotated

import typer

from failover.events import AgentSays
from starter import agents, conversations
from starter.errors import BadInput
from starter.options import Id, Json, argument, option
from starter.temporal import perform

Agent = Annotated[
    str, typer.Option(default_factory=agents.somebody, metavar="NAME", help="Who acts.")
]
ChoiceId = Annotated[str | None, option("ID", "Which of the answers offered it comes to.")]


def claim(id: Id, agent: Agent) -> int:
    """Take a conversation over: no step is taken while you have it."""
    return perform(lambda client, screen: agents.claim(client, screen, id, _named(agent)))


def answer(
    id: Id,
    text: Annotated[str, argument("TEXT", "What is said to the person.")],
    agent: Agent,
    choice: ChoiceId = None,
    keep_open: Annotated[bool, typer.Option("--keep-open", help="Go on after it.")] = False,
) -> int:
    """Answer the person, on the channel that the person wrote on; that ends the message."""
    if not text.strip():
        raise BadInput("what should be said to the person?")
    says = AgentSays(agent=_named(agent), text=text, choice=choice, keep_open=keep_open)
    return perform(lambda client, screen: agents.answer(client, screen, id, says))


def close(
    id: Id,
    agent: Agent,
    choice: ChoiceId = None,
    note: Annotated[str | None, option("TEXT", "Kept with it; the person does not see it.")] = None,
) -> int:
    """End a message without a word to the person."""
    says = AgentSays(agent=_named(agent), text=note, choice=choice)
    return perform(lambda client, screen: agents.close(client, screen, id, says))


def conversation(
    id: Annotated[str, argument("CONVERSATION", "Its id, as messages have it.")],
    json: Json = False,
) -> int:
    """All that was said in a conversation: every message, every channel, in order."""
    return perform(lambda client, screen: conversations.show(client, screen, id, as_json=json))


def _named(agent: str) -> str:
    if not agent.strip():
        raise BadInput("--agent: who acts?")
    return agent.strip()
