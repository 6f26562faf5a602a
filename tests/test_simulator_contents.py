"""The simulated Content API, spoken to by Twilio's own SDK, and what the handset makes of it."""

from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.rest.content.v1.content import ContentList

from tests.simulator_world import ACCOUNT, PATIENCE, PERSON, SENDER, World, twilio_client

YES = {"type": "QUICK_REPLY", "id": "yes/1", "title": "Yes"}
BUTTONS = {"twilio/quick-reply": {"body": "Home at {{1}}?", "actions": [YES]}}
ROWS = [{"id": f"at-{n}", "item": f"At {n}"} for n in range(4)]
PICTURE = "https://example.com/door.png"
LIST = {"twilio/list-picker": {"body": "{{1}}", "button": "Choose", "items": ROWS}}


@pytest.fixture
def twilio(world: World) -> Any:
    return twilio_client(world)


def make(twilio: Any, types: dict[str, Any], **more: Any) -> Any:
    given = {"friendly_name": "ours", "language": "en", "types": types, **more}
    return twilio.content.v1.contents.create(ContentList.ContentCreateRequest(given))


def send(twilio: Any, sid: str, variables: str = '{"1": "9 pm"}', channel: str = "whatsapp") -> Any:
    return twilio.messages.create(
        to=f"{channel}:{PERSON}",
        from_=f"{channel}:{SENDER}",
        content_sid=sid,
        content_variables=variables,
    )


def test_a_template_with_quick_replies_is_shown_and_answered(twilio: Any, world: World) -> None:
    sent = send(twilio, make(twilio, BUTTONS).sid)

    shown = world.message(sent.sid)
    assert (shown["text"], shown["opens"]) == ("Home at 9 pm?", None)
    assert shown["choices"] == [{"id": "yes/1", "title": "Yes"}]
    world.post(f"/messages/{sent.sid}/press", choice="yes/1")

    [inbound] = world.hooks.to("/twilio/inbound")
    assert (inbound.form["ButtonPayload"], inbound.form["ButtonText"]) == ("yes/1", "Yes")
    assert inbound.form["MessageType"] == "interactive"
    assert inbound.form["OriginalRepliedMessageSid"] == sent.sid


def test_a_list_is_opened_and_its_row_is_named_in_the_answer(twilio: Any, world: World) -> None:
    sent = send(twilio, make(twilio, LIST).sid, '{"1": "When?"}')

    shown = world.message(sent.sid)
    assert (shown["text"], shown["opens"], len(shown["choices"])) == ("When?", "Choose", 4)
    world.post(f"/messages/{sent.sid}/press", choice="at-3")

    [inbound] = world.hooks.to("/twilio/inbound")
    assert (inbound.form["ListId"], inbound.form["ListTitle"]) == ("at-3", "At 3")
    assert inbound.form["Body"] == "At 3"
    assert "ButtonPayload" not in inbound.form


def test_a_card_shows_its_picture_and_hands_back_what_an_id_was_filled_with(
    world: World,
) -> None:
    card = {
        "body": "Home at {{1}}?",
        "media": ["https://example.com/{{2}}"],
        "actions": [YES | {"id": "yes {{3}}"}],
    }
    asked: dict[str, Any] = {
        "friendly_name": "a card",
        "language": "en",
        "types": {"twilio/card": card},
    }
    made = requests.post(
        f"{world.base}/v1/Content", json=asked, auth=(ACCOUNT, "token"), timeout=PATIENCE
    )
    variables = '{"1": "9 pm", "2": "doors/1.png?as=big", "3": "abc"}'
    sent = send(twilio_client(world), made.json()["sid"], variables, channel="rcs")

    shown = world.message(sent.sid)
    assert (shown["channel"], shown["text"]) == ("rcs", "Home at 9 pm?")
    assert shown["media"] == ["https://example.com/doors/1.png?as=big"]
    [choice] = shown["choices"]
    world.post(f"/messages/{sent.sid}/press", choice=choice["id"])
    [inbound] = world.hooks.to("/twilio/inbound")
    assert inbound.form["ButtonPayload"] == "yes abc"


def test_the_text_of_a_template_is_listed(twilio: Any, world: World) -> None:
    sent = send(twilio, make(twilio, BUTTONS).sid)

    [listed] = twilio.messages.list(to=f"whatsapp:{PERSON}", limit=5)
    assert (listed.sid, listed.body) == (sent.sid, "Home at 9 pm?")


def test_whatsapp_takes_no_more_than_three_buttons_without_approval(twilio: Any) -> None:
    four = make(twilio, {"twilio/quick-reply": {"body": "Home?", "actions": [YES] * 4}})

    with pytest.raises(TwilioRestException) as refused:
        send(twilio, four.sid)
    assert refused.value.code == 63005


def test_a_template_is_fetched_found_by_its_name_and_deleted(twilio: Any) -> None:
    made = make(twilio, BUTTONS, friendly_name="found-by-name", variables={"1": "text"})

    fetched = twilio.content.v1.contents(made.sid).fetch()
    assert (fetched.friendly_name, fetched.types) == ("found-by-name", BUTTONS)
    found = twilio.content.v2.contents.list(content_name="found-by-name", limit=5)
    assert [one.sid for one in found] == [made.sid]
    assert twilio.content.v1.contents(made.sid).delete()
    assert twilio.content.v2.contents.list(content_name="found-by-name", limit=5) == []


@pytest.mark.parametrize(
    "types",
    [
        {},
        {"twilio/quick-reply": {"body": "Home?", "actions": []}},
        {"twilio/quick-reply": {"body": "Home?", "actions": [YES] * 11}},
        {"twilio/card": {"body": "Home?", "actions": [YES | {"title": "a" * 21}]}},
        {"twilio/card": {"body": "a" * 1601, "actions": [YES]}},
        {"twilio/quick-reply": {"body": "a" * 1025, "actions": [YES]}},
        {"twilio/quick-reply": {"body": "Home?", "actions": [YES], "media": [PICTURE]}},
        {"twilio/quick-reply": {"body": "", "actions": [YES]}},
        {"twilio/quick-reply": {"body": "Home?", "actions": [YES | {"title": "a" * 21}]}},
        {"twilio/list-picker": {"body": "Home?", "items": ROWS}},
        {"twilio/list-picker": {"body": "Home?", "button": "Choose", "items": ROWS * 3}},
        {"twilio/quick-reply": "Home?"},
    ],
    ids=str,
)
def test_what_no_channel_would_show_is_refused(world: World, types: dict[str, Any]) -> None:
    answer = requests.post(
        f"{world.base}/v1/Content",
        json={"friendly_name": "odd", "language": "en", "types": types},
        auth=(ACCOUNT, "token"),
        timeout=PATIENCE,
    )

    assert (answer.status_code, answer.json()["code"]) == (400, 20001)


@pytest.mark.parametrize("value", ["", "a\\nb", "a\\tb", "a     b"])
def test_a_variable_that_twilio_refuses_is_refused(twilio: Any, value: str) -> None:
    sid = make(twilio, BUTTONS).sid

    with pytest.raises(TwilioRestException) as refused:
        send(twilio, sid, f'{{"1": "{value}"}}')
    assert refused.value.code == 21656


def test_templates_are_the_accounts_alone(world: World) -> None:
    answer = requests.get(f"{world.base}/v2/Content", auth=(ACCOUNT, "no"), timeout=PATIENCE)

    assert answer.status_code == 401
