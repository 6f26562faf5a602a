"""Push through the whole system: sent, opened on a device, and answered there."""

import json
from typing import Any

import pytest

from tests.push import TOKEN
from tests.world import Addresses, Asked, World, eventually

PUSH = {"channel": "push", "wait": 60}
SMS = {"channel": "sms", "wait": 60}


@pytest.fixture(scope="module")
def world(everyday: World) -> World:
    return everyday


class Person(Addresses):
    """With a device; `device` is what the simulator calls it."""

    def __init__(self, push: str) -> None:
        super().__init__()
        self.push = push


async def with_app(world: World) -> tuple[Person, str]:
    person = Person("")
    person.push = f"{TOKEN}{person.phone[1:]}"  # of their own
    return person, person.push


async def with_browser(world: World) -> tuple[Person, str]:
    answer = await world.http.post("/simulator/subscriptions", json={})
    browser = answer.json()
    return Person(browser["address"]), browser["id"]


async def shown(world: World, device: str) -> dict[str, Any]:
    item: dict[str, Any] = await eventually(lambda: world.sent(device), lambda found: found[-1:])
    return item


async def state(asked: Asked, wanted: str) -> Any:
    async def look() -> Any:
        return (await asked.seen()).attempts

    return await eventually(look, lambda found: [a for a in found if a.state == wanted])


async def act(world: World, item: dict[str, Any], verb: str, **body: str) -> None:
    answer = await world.http.post(f"/simulator/messages/{item['id']}/{verb}", json=body)
    answer.raise_for_status()
    assert answer.json().get("status") in (200, "read")


WITH = [
    pytest.param(with_app, "fcm", id="app"),
    pytest.param(with_browser, "webpush", id="browser"),
]


@pytest.mark.parametrize(("device_of", "provider"), WITH)
async def test_a_push_is_delivered_read_and_answered(
    world: World, device_of: Any, provider: str
) -> None:
    person, device = await device_of(world)
    asked = await world.ask(PUSH, SMS, of=person)
    item = await shown(world, device)

    delivered = await state(asked, "delivered")
    await act(world, item, "read")
    await state(asked, "read")
    await act(world, item, "press", choice="yes")

    result = await asked.ended()
    assert result.outcome == "responded"
    [response] = result.responses
    assert (response.choice, response.channel, response.provider) == ("yes", "push", provider)
    assert delivered.provider == provider
    assert await world.sent(person.phone) == []
    told = json.dumps(result.model_dump(mode="json"))
    assert person.push not in told
    assert "p256dh" not in told


async def test_a_step_asks_the_provider_whose_address_it_is(world: World) -> None:
    person, device = await with_browser(world)
    asked = await world.ask(PUSH, of=person, until="delivered")
    await shown(world, device)

    result = await asked.ended()
    assert result.outcome == "reached"
    tried = [(a.provider, a.state, a.failure and a.failure.code) for a in result.attempts]
    assert tried == [("fcm", "refused", "NOT_A_TOKEN"), ("webpush", "delivered", None)]


async def test_a_device_that_is_gone_is_left_for_the_next_channel(world: World) -> None:
    person, device = await with_browser(world)
    gone = await world.http.delete(f"/simulator/subscriptions/{device}")
    gone.raise_for_status()
    asked = await world.ask({**PUSH, "providers": ["webpush"]}, SMS, of=person)

    item = await asked.arrived("sms")
    await asked.reply(item, "Yes")
    result = await asked.ended()
    assert (result.attempts[0].channel, result.attempts[0].state) == ("push", "refused")
    failure = result.attempts[0].failure
    assert failure
    assert failure.kind == "address"


@pytest.mark.parametrize(("device_of", "provider"), WITH)
async def test_a_device_that_is_never_heard_of_is_left_after_its_time(
    world: World, device_of: Any, provider: str
) -> None:
    person, device = await device_of(world)
    await world.script(do="silent", to=device)
    asked = await world.ask({**PUSH, "deliver_within": 1, "providers": [provider]}, SMS, of=person)

    item = await asked.arrived("sms")
    assert len(await world.sent(device)) == 1
    await asked.reply(item, "Yes")
    assert (await asked.ended()).outcome == "responded"


@pytest.mark.parametrize(("device_of", "provider"), WITH)
async def test_the_device_s_word_settles_a_send_of_unknown_outcome(
    world: World, device_of: Any, provider: str
) -> None:
    person, device = await device_of(world)
    await world.script(do="drop_after_accept", to=device, times=1)
    asked = await world.ask({**PUSH, "providers": [provider]}, of=person, until="delivered")

    result = await asked.ended()
    assert result.outcome == "reached"
    assert len(await world.sent(device)) == 1


async def test_a_press_after_the_push_was_left_behind_still_counts(world: World) -> None:
    person, device = await with_app(world)
    asked = await world.ask({**PUSH, "wait": 1}, SMS, of=person)
    item = await shown(world, device)
    await asked.arrived("sms")

    await act(world, item, "press", choice="no")
    result = await asked.ended()
    assert (result.outcome, result.responses[0].choice) == ("responded", "no")


async def test_stop_typed_into_a_notification_ends_the_message(world: World) -> None:
    person, device = await with_app(world)
    asked = await world.ask(PUSH, SMS, of=person)
    item = await shown(world, device)
    await state(asked, "delivered")

    await act(world, item, "reply", text="STOP")
    assert (await asked.ended()).outcome == "opted_out"
    again = await world.ask(PUSH, SMS, of=person)
    result = await again.ended()
    assert result.attempts[0].state == "refused"
    assert len(await world.sent(device)) == 1
