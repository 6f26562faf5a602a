"""Until when an agent has a conversation.

Workflow code, like the policy.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from failover.attempts import Attempt
from failover.channels import Channel
from failover.events import Act, AgentAct
from failover.message import Message

#: How long an agent may take who takes over a message that has no step for it.
HANDLED_WITHIN = timedelta(days=1)


def claimed_until(
    message: Message, attempts: Sequence[Attempt], acts: Sequence[AgentAct]
) -> datetime | None:
    """When the agent who has it will have given it up; None where nobody has it.

    It is the time of the step by which agents were asked last.
    """
    claims = [act for act in acts if act.act == Act.CLAIMED]
    if not claims or acts[-1].act == Act.CLOSED:
        return None
    asked = [made.step for made in attempts if made.channel == Channel.AGENT and made.provider]
    ahead = [n for n, step in enumerate(message.steps) if step.channel == Channel.AGENT]
    for number in (*asked[-1:], *ahead[:1]):
        return claims[-1].at + message.steps[number].handle_within
    return claims[-1].at + HANDLED_WITHIN
