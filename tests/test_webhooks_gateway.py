"""Events become signals for the right message, and nothing else."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from temporalio.api.common.v1 import GrpcStatus
from temporalio.api.errordetails.v1 import NamespaceNotFoundFailure
from temporalio.api.workflow.v1 import PendingActivityInfo, PendingWorkflowTaskInfo
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from activities.finding import TemporalOutOfReach
from failover.events import (
    DeliveryReport,
    DeliveryStatus,
    Failure,
    FailureClass,
    OptOut,
    Reply,
    Report,
    Response,
)
from failover.names import BACK_OFFICE
from webhooks.gateway import MOST_KEPT, TemporalGateway

AT = datetime(2026, 11, 21, 21, 45, tzinfo=UTC)


@dataclass
class Run:
    """As much of a `WorkflowExecution` as the gateway looks at."""

    id: str
    keys: Sequence[str] = ()
    start_time: datetime = AT
    conversation: str = ""
    recipient: str = ""

    @property
    def search_attributes(self) -> dict[str, Sequence[str]]:
        known = {
            "ReplyKeys": self.keys,
            "Conversation": [self.conversation],
            "Recipient": [self.recipient],
        }
        return {name: values for name, values in known.items() if any(values)}


@dataclass
class FakeClient:
    """Temporal with these running messages. What fails is looked up by workflow id or by key."""

    runs: Sequence[Run] = ()
    fails: dict[str, Exception] = field(default_factory=dict)
    signals: list[tuple[str, str, Any]] = field(default_factory=list)
    queries: list[str] = field(default_factory=list)
    ended: set[str] = field(default_factory=set)
    message_status: str = "open"
    sending: Sequence[str] = ()
    unheard: bool = False
    started: list[tuple[str, Reply]] = field(default_factory=list)

    async def start_workflow(self, workflow: str, reply: Reply, *, id: str, **options: Any) -> None:
        """Once: that it is started a second time says the SDK so."""
        if id in self.fails:
            raise self.fails[id]
        if id in (known for known, _ in self.started):
            raise WorkflowAlreadyStartedError(id, workflow)
        assert options["id_reuse_policy"] == WorkflowIDReusePolicy.REJECT_DUPLICATE
        assert (workflow, options["task_queue"]) == ("InboundMessage", BACK_OFFICE)
        self.started.append((id, reply))

    def get_workflow_handle(self, workflow_id: str) -> Any:
        return FakeHandle(self, workflow_id)

    async def list_workflows(
        self, query: str, *, limit: int, rpc_timeout: timedelta
    ) -> AsyncIterator[Run]:
        self.queries.append(query)
        key = query.rpartition("=")[2].strip("\"' ")
        if key in self.fails:
            raise self.fails[key]
        if key == "slow":
            await asyncio.sleep(30)
        for run in self.runs:
            if key in (*run.keys, run.conversation):
                yield run


@dataclass(frozen=True)
class Described:
    status: WorkflowExecutionStatus
    search_attributes: dict[str, Sequence[str]]
    raw_description: DescribeWorkflowExecutionResponse


@dataclass
class FakeHandle:
    client: FakeClient
    id: str

    async def describe(self, *, rpc_timeout: timedelta) -> Described:
        ended = self.id in self.client.ended
        status = WorkflowExecutionStatus.COMPLETED if ended else WorkflowExecutionStatus.RUNNING
        under_way = [PendingActivityInfo(activity_id=id) for id in self.client.sending]
        task = PendingWorkflowTaskInfo() if self.client.unheard else None
        described = DescribeWorkflowExecutionResponse(
            pending_activities=under_way, pending_workflow_task=task
        )
        return Described(status, {"MessageStatus": [self.client.message_status]}, described)

    async def signal(self, name: str, payload: Any, *, rpc_timeout: timedelta) -> None:
        if self.id in self.client.fails:
            raise self.client.fails[self.id]
        if self.id == "message-slow":
            await asyncio.sleep(30)
        self.client.signals.append((self.id, str(name), payload))


def gateway(client: FakeClient) -> TemporalGateway:
    return TemporalGateway(cast(Client, client))


def rpc_error(status: RPCStatusCode, detail: Any = None) -> RPCError:
    grpc = GrpcStatus(code=status)
    if detail is not None:
        grpc.details.add().Pack(detail)
    return RPCError("no", status, grpc.SerializeToString())


def report(reference: str = "order-1.2", **more: Any) -> DeliveryReport:
    given = {"reference": reference, "status": "delivered", "event_id": "SM1:delivered"}
    return DeliveryReport.model_validate({**given, **more})


def reply(*keys: str, **more: Any) -> Reply:
    given = {"channel": "sms", "provider": "twilio", "provider_id": "SM3", "text": "Yes"}
    return Reply.model_validate({**given, "keys": keys, "at": AT, **more})


async def test_a_report_goes_to_the_message_of_its_reference() -> None:
    client = FakeClient()
    failure = Failure(kind=FailureClass.ADDRESS, code="30005")
    told = report(
        "a.b.12", status="failed", at=AT, failure=failure, provider_id="SM1", reply_keys=("k",)
    )
    await gateway(client).deliver([told])

    expected = Report(
        attempt=12,
        status=DeliveryStatus.FAILED,
        event_id="SM1:delivered",
        at=AT,
        failure=failure,
        provider_id="SM1",
        reply_keys=("k",),
    )
    assert client.signals == [("message-a.b", "reported", expected)]


async def test_a_stop_that_names_an_ended_message_stops_the_one_that_runs() -> None:
    client = FakeClient([Run("message-2", ["k"])], ended={"message-order-1"})
    await gateway(client).deliver([reply("k", reference="order-1.2", stop=True)])

    assert [(to, name) for to, name, _ in client.signals] == [("message-2", "opted_out")]


async def test_a_reply_with_the_reference_of_a_running_message_needs_no_look_up() -> None:
    client = FakeClient()
    await gateway(client).deliver([reply("k", reference="order-1.2", choice="yes")])

    response = Response(
        channel="sms", text="Yes", choice="yes", provider="twilio", provider_id="SM3", at=AT
    )
    assert client.signals == [("message-order-1", "responded", response)]
    assert client.queries == []


async def test_a_reply_goes_to_the_running_message_that_holds_its_key() -> None:
    client = FakeClient([Run("message-1", ["k1"]), Run("message-2", ["k2"])])
    await gateway(client).deliver([reply("k2")])

    assert [(id, name) for id, name, _ in client.signals] == [("message-2", "responded")]
    assert client.queries == [
        'WorkflowType="Message" AND ExecutionStatus="Running" AND ReplyKeys="k2"'
    ]


async def test_the_most_exact_key_that_anybody_holds_decides() -> None:
    client = FakeClient([Run("message-1", ["pair"]), Run("message-2", ["pair", "quoted"])])
    await gateway(client).deliver([reply("nobodys", "quoted", "pair")])

    assert [id for id, _, _ in client.signals] == ["message-2"]
    assert len(client.queries) == 2


async def test_of_several_messages_the_one_that_wrote_last_to_the_pair_gets_it() -> None:
    late = AT + timedelta(hours=1)
    client = FakeClient(
        [
            Run("message-1", ["k", "k@1763761500000", "other@1963761500000"], late),
            Run("message-2", ["other", "k", "k@1763761500001", "k@1763761400000"]),
            Run("message-3", ["k", "k@nonsense"], late),
        ]
    )
    await gateway(client).deliver([reply("k")])

    assert [id for id, _, _ in client.signals] == ["message-2"]


async def test_without_times_the_message_started_last_gets_it() -> None:
    client = FakeClient(
        [Run("message-1", ["k"], AT + timedelta(seconds=1)), Run("message-2", ["k"])]
    )
    await gateway(client).deliver([reply("k")])

    assert [id for id, _, _ in client.signals] == ["message-1"]


async def test_a_stop_word_is_an_opt_out_and_no_answer() -> None:
    client = FakeClient([Run("message-1", ["k"])])
    await gateway(client).deliver([reply("k", text="STOP", stop=True)])

    opt_out = OptOut(channel="sms", text="STOP", provider="twilio", provider_id="SM3", at=AT)
    assert client.signals == [("message-1", "opted_out", opt_out)]


async def test_a_reply_to_nobody_is_kept_and_logged_without_text_or_address(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    client, stranger = FakeClient(), reply("k", text="my secret", provider_id="<a@example.com>")
    await gateway(client).deliver([stranger])

    [(id, kept)] = client.started
    assert (client.signals, kept) == ([], stranger)
    assert re.fullmatch("inbound-twilio-[0-9a-f]{32}", id)
    assert caplog.messages == [f"a reply by twilio on sms is kept as {id}"]


async def test_the_same_callback_again_is_the_same_kept_reply() -> None:
    client = FakeClient()
    await gateway(client).deliver([reply("k")])
    await gateway(client).deliver([reply("k")])

    assert [id for id, _ in client.started] == ["inbound-twilio-SM3"]


async def test_a_kept_reply_has_the_time_it_came() -> None:
    client, before = FakeClient(), datetime.now(UTC)
    await gateway(client).deliver([reply("k", at=None)])

    [(_, kept)] = client.started
    assert kept.at
    assert before <= kept.at <= datetime.now(UTC)


async def test_an_answer_too_long_for_a_message_is_kept_whole_first() -> None:
    client, long = FakeClient([Run("message-1", ["k"])]), "word " * 10_000
    await gateway(client).deliver([reply("k", text=long)])

    assert (client.signals, [kept.text for _, kept in client.started]) == ([], [long])


async def test_what_is_too_long_for_temporal_is_cut_and_says_so() -> None:
    client = FakeClient()
    await gateway(client).deliver([reply("k", text="x" * 300_000)])

    [(_, kept)] = client.started
    assert kept.text
    assert len(kept.text) == MOST_KEPT
    assert kept.text.endswith("[cut: this is the beginning of 300,000 characters]")


async def test_a_reply_to_a_message_that_has_just_ended_is_kept() -> None:
    gone = rpc_error(RPCStatusCode.NOT_FOUND)
    client = FakeClient([Run("message-1", ["k"])], fails={"message-1": gone})
    await gateway(client).deliver([reply("k")])

    assert [id for id, _ in client.started] == ["inbound-twilio-SM3"]


async def test_a_reply_without_a_quote_goes_to_the_last_message_of_the_thread() -> None:
    first = Run("message-1", ["k", "k@1763761500000"], AT, "order-1", "dana")
    last = Run("message-2", ["mail", "mail@1763761500009"], AT, "order-1", "dana")
    unsent = Run("message-3", [], AT + timedelta(hours=1), "order-1", "dana")
    courier = Run("message-4", ["c", "c@1763761500099"], AT, "order-1", "sam")
    client = FakeClient([first, last, unsent, courier])
    await gateway(client).deliver([reply("k"), reply("k", provider_id="SM4", exact=1)])

    assert [id for id, _, _ in client.signals] == ["message-2", "message-1"]


async def test_a_thread_of_people_without_ids_goes_by_their_addresses() -> None:
    first = Run("message-1", ["k", "k@1763761500000"], AT, "order-1")
    same = Run("message-2", ["w", "w@1763761500005", "p"], AT, "order-1")
    other = Run("message-3", ["c", "c@1763761500099"], AT, "order-1")
    client = FakeClient([first, same, other])
    await gateway(client).deliver([reply("k", person="p")])

    assert [id for id, _, _ in client.signals] == ["message-2"]


async def test_a_report_for_a_message_that_is_closed_or_unknown_needs_nothing_done(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    gone = rpc_error(RPCStatusCode.NOT_FOUND)
    client = FakeClient(fails={"message-order-1": gone})
    await gateway(client).deliver([report()])

    [said] = caplog.messages
    assert said.endswith("for order-1, which is closed or unknown")


UNREACHABLE = {
    "unavailable": rpc_error(RPCStatusCode.UNAVAILABLE),
    "too slow": rpc_error(RPCStatusCode.DEADLINE_EXCEEDED),
    "limited": rpc_error(RPCStatusCode.RESOURCE_EXHAUSTED),
    "not allowed": rpc_error(RPCStatusCode.PERMISSION_DENIED),
    "no such search attribute": rpc_error(RPCStatusCode.INVALID_ARGUMENT),
    "no such namespace": rpc_error(RPCStatusCode.NOT_FOUND, NamespaceNotFoundFailure()),
    "a lazy client that cannot connect": RuntimeError("Failed client connect"),
    "timeout": TimeoutError(),
}


@pytest.mark.parametrize("error", UNREACHABLE.values(), ids=UNREACHABLE)
async def test_a_reply_whose_message_could_not_be_looked_up_is_kept(error: Exception) -> None:
    client = FakeClient([Run("message-1", ["k"])], fails={"k": error})
    await gateway(client).deliver([reply("k")])

    assert ([id for id, _ in client.started], client.signals) == (["inbound-twilio-SM3"], [])


async def test_a_reply_whose_message_takes_too_long_to_look_up_is_kept() -> None:
    client = FakeClient()
    hurried = TemporalGateway(cast(Client, client), event_timeout=10)
    await hurried.deliver([reply("slow")])

    assert [id for id, _ in client.started] == ["inbound-twilio-SM3"]


@pytest.mark.parametrize("error", UNREACHABLE.values(), ids=UNREACHABLE)
@pytest.mark.parametrize("event", [report(), reply("k")])
async def test_what_temporal_could_not_take_is_to_be_sent_again(
    event: Any, error: Exception
) -> None:
    failing = ("message-order-1", "k", "inbound-twilio-SM3")
    client = FakeClient(fails=dict.fromkeys(failing, error))

    with pytest.raises(TemporalOutOfReach):
        await gateway(client).deliver([event])


async def test_all_events_of_a_batch_are_delivered() -> None:
    client = FakeClient()
    await gateway(client).deliver([report(f"order-{number}.1") for number in range(200)])

    assert len({id for id, _, _ in client.signals}) == 200


async def test_one_event_that_failed_fails_the_batch() -> None:
    client = FakeClient(fails={"message-order-2": UNREACHABLE["unavailable"]})

    with pytest.raises(TemporalOutOfReach):
        await gateway(client).deliver([report("order-1.1"), report("order-2.1")])


async def test_an_event_that_takes_too_long_is_to_be_sent_again() -> None:
    hurried = TemporalGateway(cast(Client, FakeClient()), event_timeout=0.05)

    with pytest.raises(TemporalOutOfReach, match=r"no answer in 0\.05 s"):
        await hurried.deliver([report("slow.1")])


async def test_a_reference_that_is_none_is_dropped() -> None:
    client = FakeClient()
    await gateway(client).deliver([report("nonsense")])

    assert client.signals == []


async def test_a_time_without_a_zone_is_utc_and_a_missing_one_is_now() -> None:
    client = FakeClient()
    before = datetime.now(UTC)
    await gateway(client).deliver([report(at=AT.replace(tzinfo=None)), report(at=None)])

    times = [payload.at for _, _, payload in client.signals]
    assert times[0] == AT
    assert before <= times[1] <= datetime.now(UTC)


@pytest.mark.parametrize(
    ("known", "passed_on"),
    [
        pytest.param({}, False, id="known from the provider's own answer"),
        pytest.param({"sending": ["attempt-2"]}, True, id="before that answer"),
        pytest.param({"sending": ["attempt-1"]}, False, id="another send is under way"),
        pytest.param({"unheard": True}, True, id="while the message has not heard of it"),
        pytest.param({"message_status": "in_doubt"}, True, id="when that answer was lost"),
    ],
)
async def test_that_it_was_taken_is_passed_on_while_nobody_knows(
    known: dict[str, Any], passed_on: bool
) -> None:
    client = FakeClient(**known)

    await gateway(client).deliver([report(status="sent", event_id="SM1:sent")])

    assert [(id, name) for id, name, _ in client.signals] == (
        [("message-order-1", "reported")] if passed_on else []
    )
