"""Caps against toll fraud: before a send the workflow that counts for a cap is asked for leave.

The counts live in Temporal, one workflow of type `Cap` for each thing that is counted, so they hold
over all workers and across restarts.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from weakref import WeakValueDictionary

import phonenumbers
from pydantic import BaseModel, ConfigDict
from temporalio import activity
from temporalio.client import (
    RPCError,
    WithStartWorkflowOperation,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError

from failover.channels import PHONE_CHANNELS
from failover.events import Failure, FailureClass
from failover.names import TASK_QUEUE
from providers.base import Outbound, ProviderUnavailable, Refused
from providers.spelling import normal

CAP_WORKFLOW = "Cap"
CAPS_QUEUE = f"{TASK_QUEUE}-caps"
TAKE, GIVE_BACK = "take", "give_back"
#: The type of the error by which a cap says no.
REACHED = "CapReached"
#: For all questions of one send; longer, and the send could outlive its own timeouts.
PATIENCE = 5.0
_RPC_TIMEOUT = timedelta(seconds=PATIENCE)


class Take(BaseModel):
    """May this be counted, with at most so many in the last hour?

    The worker's settings come with every question, so that a changed one counts at once.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    key: str
    most: int


class Counted(BaseModel):
    """What a run begins with: keys with their times in Unix milliseconds, the oldest first."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    taken: dict[str, int] = {}


@dataclass(frozen=True)
class Limits:
    """The most in an hour. None is no cap; a country without a number of its own has `""`'s."""

    recipients: int | None = None
    sends_per_address: int | None = None
    sends_per_country: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Cap:
    name: str  #: as in the environment
    id: str  #: what is counted, in the open: no address
    take: Take
    what: str  #: as operators read it


class Caps:
    """Asked by every send, right before its request."""

    def __init__(
        self, limits: Limits, secret: str, *, queue: str = CAPS_QUEUE, prefix: str = "cap"
    ) -> None:
        self._limits, self._secret = limits, secret
        self._queue, self._prefix = queue, prefix
        #: Temporal takes ten updates of a workflow at once, and more in waiting keep its task from
        #: coming to an end (tried with fifty), so a process asks a cap one question at a time.
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def refusal(self, outbound: Outbound) -> Refused | None:
        """Why it may not be sent; None where it may, and it is counted then.

        Raises `ProviderUnavailable` when Temporal does not answer: never sent uncounted.
        """
        taken: list[_Cap] = []
        try:
            async with asyncio.timeout(PATIENCE):
                for cap in self._on(outbound):
                    async with self._turns.setdefault(cap.id, asyncio.Lock()):
                        allowed = await self._taken(cap)
                    if not allowed:
                        await self._give_back(taken)
                        activity.logger.warning("not sent: %s is reached: %s", cap.name, cap.what)
                        return _refused(cap)
                    taken.append(cap)
        except (TimeoutError, RPCError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
            why = f"cap: no answer from Temporal: {type(error).__name__}"
            raise ProviderUnavailable(Failure(kind=FailureClass.PROVIDER, detail=why)) from None
        return None

    def _on(self, outbound: Outbound) -> list[_Cap]:
        """The caps on this send. That on recipients is last: it alone cannot be given back."""
        limits, found = self._limits, []
        send, person = self._hash(outbound.reference), self._hash(normal(outbound.to))
        if (most := limits.sends_per_address) is not None:
            what, id = f"{most} sends to one address an hour", f"address-{person}"
            found.append(
                _Cap("CAP_SENDS_PER_ADDRESS_PER_HOUR", id, Take(key=send, most=most), what)
            )
        if limits.sends_per_country and outbound.channel in PHONE_CHANNELS:
            land = country(outbound.to)
            most = limits.sends_per_country.get(land, limits.sends_per_country.get(""))
            if most is not None:
                what, id = f"{most} sends to {land} an hour", f"country-{land}"
                found.append(
                    _Cap("CAP_SENDS_PER_COUNTRY_PER_HOUR", id, Take(key=send, most=most), what)
                )
        if (most := limits.recipients) is not None:
            what = f"{most} recipients an hour"
            cap = _Cap("CAP_RECIPIENTS_PER_HOUR", "recipients", Take(key=person, most=most), what)
            found.append(cap)
        return found

    async def _taken(self, cap: _Cap) -> bool:
        if cap.take.most == 0:
            return False
        start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            CAP_WORKFLOW,
            Counted(),
            id=f"{self._prefix}-{cap.id}",
            task_queue=self._queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            static_summary=f"cap: {cap.id.partition('-')[0]}",
        )
        try:
            await activity.client().execute_update_with_start_workflow(
                TAKE, cap.take, start_workflow_operation=start, rpc_timeout=_RPC_TIMEOUT
            )
        except WorkflowUpdateFailedError as error:
            if isinstance(error.cause, ApplicationError) and error.cause.type == REACHED:
                return False
            raise TimeoutError from None
        return True

    async def _give_back(self, taken: list[_Cap]) -> None:
        for cap in taken:
            handle = activity.client().get_workflow_handle(f"{self._prefix}-{cap.id}")
            await handle.signal(GIVE_BACK, cap.take.key, rpc_timeout=_RPC_TIMEOUT)

    def _hash(self, text: str) -> str:
        said = f"cap {text}".encode()
        return hmac.digest(self._secret.encode(), said, hashlib.sha256).hex()[:32]


def country(number: str) -> str:
    """`GB` for +44…; `001` for numbers of no country, such as satellite phones; `ZZ` for nonsense.

    >>> country("+447400123456"), country("+881612345678"), country("+99912345678")
    ('GB', '001', 'ZZ')
    """
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return "ZZ"
    # A number that its country does not give out is still charged as one there.
    found = phonenumbers.region_code_for_number(parsed)
    return found or phonenumbers.region_code_for_country_code(parsed.country_code or 0)


def _refused(cap: _Cap) -> Refused:
    return Refused(failure=Failure(kind=FailureClass.POLICY, detail=f"cap: {cap.what}"))
