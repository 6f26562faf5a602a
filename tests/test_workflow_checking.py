"""A message that cannot be sent as planned is refused when it begins; one under way is not."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker

from activities.notify_settings import NotifySettings
from activities.offers import Offered, Offers, Wanted
from activities.planned import Installed
from failover.attempts import Result
from failover.channels import Channel, Goal
from failover.message import Message, parse_message
from failover.notify import NOWHERE
from failover.start import start_options
from providers.known import Provider
from providers.settings import PublicSettings
from tests.callbacks import BASE_URL, KEY
from tests.callbacks_sendgrid import sendgrid_settings
from tests.fake_senders import FakeProvider
from workers.serve import RUNNER, Installation
from workflows.message import MessageWorkflow


def planned(**more: Any) -> Message:
    raw = {
        "id": f"order-{uuid4().hex[:8]}",
        "recipient": {"addresses": {"sms": "+14155550100", "push": "{"}},
        "content": {"text": "x" * 1601},
        "steps": [{"channel": "sms", "wait": 60}, {"channel": "push", "wait": 60}],
    }
    return parse_message(raw | more)


async def begun(client: Client, message: Message, offers: Offers) -> WorkflowHandle[Any, Result]:
    """Nobody takes a send: a message that sends anything waits for ever."""
    queue = f"test-{uuid4().hex[:8]}"
    options = start_options(message) | {"task_queue": queue}
    async with Worker(
        client,
        task_queue=queue,
        workflows=[MessageWorkflow],
        workflow_runner=RUNNER,
        activities=[offers.offers],
    ):
        handle = await client.start_workflow("Message", message, result_type=Result, **options)
        with pytest.raises(WorkflowFailureError) as refused:
            await handle.result()
    assert isinstance(refused.value.cause, ApplicationError)
    assert refused.value.cause.type == "InvalidMessage"
    assert refused.value.cause.non_retryable
    return handle


async def why(handle: WorkflowHandle[Any, Result]) -> str:
    with pytest.raises(WorkflowFailureError) as refused:
        await handle.result()
    return str(refused.value.cause)


async def test_all_that_is_wrong_is_told_at_once_and_nothing_is_sent(client: Client) -> None:
    offers = Offers(Installed({"sms": ["twilio"], "push": ["fcm"]}, NOWHERE))

    handle = await begun(client, planned(notify="https://example.com/events"), offers)

    assert await why(handle) == (
        "InvalidMessage: invalid message: "
        "content.text: sms has at most 1600 characters by twilio; "
        "recipient.addresses.push: fcm takes a registration token of FCM; "
        "notify: a URL needs NOTIFY_SECRET, and this installation has none"
    )
    kinds = {event.event_type async for event in handle.fetch_history_events()}
    assert EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED not in kinds


async def test_a_plan_of_goals_that_never_come_is_refused(client: Client) -> None:
    offers = Offers(Installed({"sms": ["twilio"]}))
    message = planned(until="read", content={"text": "Hi"}, steps=[{"channel": "sms", "wait": 60}])

    assert "until: sms by twilio never reports read" in await why(
        await begun(client, message, offers)
    )


async def test_a_message_that_reaches_nobody_is_refused(client: Client) -> None:
    nobody = {"addresses": {"email": "dana@example.com"}}
    message = planned(
        recipient=nobody, content={"text": "Hi"}, steps=[{"channel": "sms", "wait": 60}]
    )

    handle = await begun(client, message, Offers(Installed({"sms": ["twilio"]})))

    assert "recipient.addresses: there is none for any step" in await why(handle)


async def test_only_what_begins_is_checked() -> None:
    offers = Offers(Installed({"sms": ["twilio"], "push": ["fcm"]}))

    async def faults(wanted: Wanted | None) -> Sequence[str]:
        return (await offers.offers(wanted)).faults

    assert len(await faults(Wanted(message=planned()))) == 2
    assert not await faults(Wanted())
    assert not await faults(None)


def test_workers_check_by_all_that_they_are_installed_with() -> None:
    public = PublicSettings.model_validate({"public_base_url": BASE_URL, "address_key": KEY})
    settings = sendgrid_settings(reply_domain=None)
    sendgrid = Provider("sendgrid", settings, {Channel.EMAIL: FakeProvider()})
    notify = NotifySettings.model_validate({"allow_private": "orders.internal"})

    by = Installation([sendgrid], public, notify).installed

    assert by.offers[Channel.EMAIL] == ["sendgrid"]
    assert by.targets == notify.targets
    assert list(by.unheard["email", "sendgrid"]) == [Goal.REPLIED]
    assert by.links.base_url == BASE_URL


def test_what_was_recorded_before_has_no_fault() -> None:
    assert not Offered.model_validate({"sms": ["twilio"]}).faults
    assert not Offered.model_validate({"channels": {"sms": ["twilio"]}, "rules": 2}).faults
