"""The verbs `opt-outs …`: who said stop, told without an address, and what to do about one."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import ValidationError
from temporalio.client import Client, WorkflowExecution
from temporalio.service import RPCError, RPCStatusCode

from activities.opt_outs import OptOuts, Said, remember
from failover.addresses import EMAIL, mask
from failover.names import OPT_OUT_WORKFLOW, opt_out_id
from providers.settings import ConfigurationError, KeySettings, load
from starter.errors import BadInput, NotDone
from starter.flags import phone_number
from starter.screen import Screen, complain
from starter.spans import show_moment
from starter.temporal import PATIENCE
from starter.timeline import label

COLUMNS = ("since", "channel", "provider", "why", "id")
BY_HAND = "an operator"


@dataclass(frozen=True)
class Line:
    since: datetime
    said: Said
    id: str

    def cells(self) -> list[str]:
        channel = label(self.said.channel) if self.said.channel else "-"
        told = (channel, self.said.provider or "-", self.said.why or "-", self.id)
        return [show_moment(self.since), *told]


@dataclass(frozen=True)
class Named:
    """An address that somebody has typed."""

    masked: str
    key: str


async def show(client: Client, screen: Screen, *, limit: int, as_json: bool) -> int:
    query = f"WorkflowType = '{OPT_OUT_WORKFLOW}' AND ExecutionStatus = 'Running'"
    lines = [await _line(run) async for run in client.list_workflows(query, limit=limit)]
    if as_json:
        screen.write(json.dumps([_as_json(line) for line in lines], indent=2))
    elif lines:
        screen.columns([list(COLUMNS), *(line.cells() for line in lines)])
    else:
        complain("nobody has said stop")
    if len(lines) == limit and not as_json:
        complain(f"{limit} shown; there may be more: --limit {limit * 5}")
    return 0


async def check(client: Client, screen: Screen, whom: Named) -> int:
    """Raises `NotDone` where nothing keeps us from writing there."""
    line = await _found(client, whom)
    if line is None:
        raise NotDone(f"{whom.masked}: has not said stop")
    where = f" on {label(line.said.channel)}" if line.said.channel else ""
    screen.say(f"{whom.masked}: said stop{where}, {show_moment(line.since)}")
    return 0


async def end(client: Client, screen: Screen, whom: Named, reason: str) -> int:
    """At once, and without a worker. Raises `NotDone` where there is none."""
    try:
        handle = client.get_workflow_handle(opt_out_id(whom.key))
        await handle.terminate(reason=reason or "ended by an operator", rpc_timeout=PATIENCE)
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise
        raise NotDone(f"{whom.masked}: has not said stop; there is nothing to end") from None
    screen.say(f"{whom.masked}: is written to again")
    return 0


async def add(client: Client, screen: Screen, whom: Named, reason: str) -> int:
    said = Said(why=reason or BY_HAND, at=datetime.now(UTC))
    await remember(client, whom.key, said)
    screen.say(f"{whom.masked}: nothing is sent there from now on")
    return 0


def named(written: str, region: str | None) -> Named:
    """Raises `BadInput`, and `NotDone` without the key that addresses are hashed with."""
    address = written.strip()
    if not EMAIL.fullmatch(address):
        try:
            address = phone_number(address, region)
        except ValueError as error:
            raise BadInput(f"{error}; or write an email address") from None
    try:
        secret = load(KeySettings).address_key.get_secret_value()
    except ConfigurationError as error:
        raise NotDone(f"{error}; by its hashes alone addresses are known") from None
    return Named(mask(address), OptOuts(secret).key(address))


async def _found(client: Client, whom: Named) -> Line | None:
    try:
        handle = client.get_workflow_handle(opt_out_id(whom.key))
        about = await handle.describe(rpc_timeout=PATIENCE)
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise
        return None
    return await _line(about) if about.close_time is None else None


async def _line(run: WorkflowExecution) -> Line:
    """Whoever starts one by hand may give it any memo."""
    try:
        said = Said.model_validate(await run.memo())
    except ValidationError:
        said = Said()
    id = run.id.removeprefix(opt_out_id(""))
    return Line(said.at or run.start_time, said, id)


def _as_json(line: Line) -> dict[str, str | None]:
    said = line.said.model_dump(include={"channel", "provider", "why"})
    return {"id": line.id, "since": line.since.isoformat(), **said}
