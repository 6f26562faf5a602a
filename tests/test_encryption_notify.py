"""What Temporal keeps of an event, read as whoever holds its database would."""

from standardwebhooks import Webhook
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Worker

from activities.notification import NOTIFY_QUEUE
from activities.notify import Notifications
from failover.names import BACK_OFFICE
from failover.notify import Targets
from tests.conftest import time_skipping
from tests.fake_senders import FakeProvider
from tests.receiver import SECRET, answer, receiving
from tests.running import last_is, serving, until
from tests.test_encryption_history import accept, asked, keys, seen, stored
from workflows.encryption import Keys, data_converter
from workflows.notification import NotificationWorkflow

__all__ = ["keys"]

SECRETS = ("reply-words", "context-words", "token-words", "+1415•••0123", "4155550123")


async def test_an_event_is_kept_without_texts_and_urls(keys: Keys) -> None:
    """Without keys all of it is found, so the looking works; the services gets it in the clear."""
    async with time_skipping(data_converter=data_converter(keys)) as env:
        acme = FakeProvider()
        acme.then("whatsapp", accept)
        told = Notifications([Webhook(SECRET)], Targets())
        async with (
            receiving() as service,
            Worker(env.client, task_queue=BACK_OFFICE, workflows=[NotificationWorkflow]),
            Worker(env.client, task_queue=NOTIFY_QUEUE, activities=[told.notify]),
            serving(env.client, acme=acme) as queue,
        ):
            service.answers = [answer(410)]
            message = asked(notify=f"{service.url}?token-words", context={"said": "context-words"})
            with env.with_time_skipping_disabled():
                handle = await queue.start(message)
                await until(handle, last_is("accepted"))
                await handle.signal("responded", {"channel": "sms", "text": "reply-words"})
                await handle.result()
                await service.until(lambda service: len(service.events) == 3)
            plain = await env.connect_client(data_converter=pydantic_data_converter)
            names = ("1-accepted", "2-responded", "3-ended")
            handles = [
                plain.get_workflow_handle(f"notification-{message.id}-{name}") for name in names
            ]
            kept = await stored(plain, handles)

    assert seen(SECRETS, kept) == ([] if keys else [*SECRETS[:4]])
    assert {event["data"].get("text") for event in service.events} == {None, "reply-words"}
