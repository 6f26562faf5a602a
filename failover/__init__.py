"""Message Failover: keep trying a person's channels, one at a time, until they answer.

from failover import Message, start_options

handle = await client.start_workflow("Message", message, **start_options(message))
result = await handle.result()
"""

from failover.attempts import Attempt, Outcome, Result, State
from failover.channels import Channel, Goal
from failover.content import Choice, Content
from failover.events import Failure, FailureClass, OptOut, Report, Response
from failover.message import InvalidMessage, Message, parse_message
from failover.names import MESSAGE_WORKFLOW, TASK_QUEUE, Signal, workflow_id
from failover.notices import Notice, parse_notice
from failover.notify import NotifyWorkflow
from failover.recipient import Recipient
from failover.start import start_options
from failover.step import Step

__all__ = [
    "MESSAGE_WORKFLOW",
    "TASK_QUEUE",
    "Attempt",
    "Channel",
    "Choice",
    "Content",
    "Failure",
    "FailureClass",
    "Goal",
    "InvalidMessage",
    "Message",
    "Notice",
    "NotifyWorkflow",
    "OptOut",
    "Outcome",
    "Recipient",
    "Report",
    "Response",
    "Result",
    "Signal",
    "State",
    "Step",
    "parse_message",
    "parse_notice",
    "start_options",
    "workflow_id",
]
