"""Which sends carry a link, and that a look-up asks for the same text."""

from collections.abc import Iterator
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from providers.base import SendUnknown
from tests.fake_senders import FakeProvider, broken
from tests.pages_app import LINKS
from tests.plans import message, plan
from tests.running import serving

SMS = {"channel": "sms", "wait": "PT20M"}
EMAIL = {"channel": "email", "wait": "PT2H"}


@pytest.fixture
def acme() -> FakeProvider:
    return FakeProvider()


@pytest.fixture(autouse=True)
def still(env: WorkflowEnvironment) -> Iterator[None]:
    with env.with_time_skipping_disabled():
        yield


@pytest.mark.parametrize(
    ("step", "content", "links"),
    [
        (EMAIL, {}, (True, True)),
        (EMAIL, {"choices": []}, (False, True)),
        (SMS, {}, (False, False)),
        (SMS, {"confirm_link": True}, (True, False)),
        (SMS, {"confirm_link": True, "choices": []}, (True, False)),
        ({"channel": "voice", "wait": 60}, {"confirm_link": True}, (False, False)),
    ],
    ids=["mail", "mail without choices", "sms", "sms with a link", "sms to be written to", "call"],
)
async def test_a_send_and_its_look_up_have_the_same_links(
    client: Client,
    acme: FakeProvider,
    step: dict[str, Any],
    content: dict[str, Any],
    links: tuple[bool, bool],
) -> None:
    acme.then(step["channel"], broken(SendUnknown("no answer")))
    asked = message(steps=[step], evidence_within=0, content={**plan()["content"], **content})
    async with serving(client, unserved=("acme",)) as queue:
        queue.links = LINKS
        async with queue.send_worker("acme", acme):
            handle = await queue.start(asked)
            await handle.result()

    [sent], looked_up = acme.sent[:1], acme.asked[0]
    assert (sent.link, sent.unsubscribe) == (looked_up.link, looked_up.unsubscribe)
    assert (bool(sent.link), bool(sent.unsubscribe)) == links
    assert sent.link in (None, LINKS.answer(asked.id, 1))
