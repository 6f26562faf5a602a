"""The simulated Twilio, spoken to by Twilio's own SDK and checked by its own validator."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.simulator_world import (
    ACCOUNT,
    PERSON,
    SENDER,
    World,
    assert_signed_by_twilio,
    simulated,
    twilio_client,
)


@pytest.fixture(scope="module")
def running_simulator() -> Iterator[World]:
    with simulated(twilio_api_key_sid="SK1", twilio_api_key_secret="secret") as running:
        yield running


@pytest.fixture
def twilio(world: World) -> Any:
    return twilio_client(world)


def send(twilio: Any, world: World, **changes: Any) -> Any:
    values = {
        "to": PERSON,
        "from_": SENDER,
        "body": "Can you be home at 9?",
        "status_callback": f"{world.hooks.url}/twilio/status?m=order-1.2",
    }
    return twilio.messages.create(**(values | changes))


def test_a_message_is_queued_and_the_sdk_reads_all_of_it(twilio: Any, world: World) -> None:
    sent = send(twilio, world)

    assert sent.sid.startswith("SM")
    assert len(sent.sid) == 34
    assert (sent.status, sent.to, sent.from_) == ("queued", PERSON, SENDER)
    assert sent.date_created <= datetime.now(UTC)
    assert sent.error_code is None


def test_status_callbacks_are_signed_and_bring_the_reference_back(
    twilio: Any, world: World
) -> None:
    sent = send(twilio, world, status_callback=f"{world.hooks.url}/twilio/status?m=order-1.2#rc=2")

    first, second = world.hooks.wait("/twilio/status", 2)

    assert [first.form["MessageStatus"], second.form["MessageStatus"]] == ["sent", "delivered"]
    assert first.path == "/twilio/status?m=order-1.2"
    assert second.form["MessageSid"] == sent.sid
    assert_signed_by_twilio(world, first)
    assert_signed_by_twilio(world, second)


def test_a_messaging_service_accepts_and_picks_the_sender(twilio: Any, world: World) -> None:
    sent = send(twilio, world, from_=None, messaging_service_sid="MG" + "0" * 32)

    assert (sent.status, sent.from_) == ("accepted", None)
    assert world.message(sent.sid)["from"] == SENDER


def test_media_makes_it_an_mms(twilio: Any, world: World) -> None:
    sent = send(twilio, world, media_url=["https://example.com/1.png", "https://example.com/2.png"])

    assert sent.sid.startswith("MM")
    assert world.message(sent.sid)["channel"] == "mms"


def test_a_text_may_go_as_an_mms(twilio: Any, world: World) -> None:
    sent = send(twilio, world, send_as_mms=True)

    assert sent.sid.startswith("MM")
    assert (world.message(sent.sid)["channel"], world.message(sent.sid)["media"]) == ("mms", [])


def test_files_are_kept_apart_from_the_text(twilio: Any, world: World) -> None:
    files = ["https://example.com/1.png", "https://example.com/2.png"]
    sent = send(twilio, world, media_url=files)

    assert world.message(sent.sid)["media"] == files
    [listed] = twilio.messages.list(to=PERSON, limit=5)
    assert (listed.num_media, listed.body) == ("2", world.message(sent.sid)["text"])


def test_lists_and_fetches_find_a_message_by_recipient_and_time(twilio: Any, world: World) -> None:
    sent = send(twilio, world)
    world.hooks.wait("/twilio/status", 2)
    since = datetime.now(UTC) - timedelta(minutes=1)

    found = twilio.messages.list(to=PERSON, from_=SENDER, date_sent_after=since, limit=20)

    assert [one.sid for one in found] == [sent.sid]
    assert twilio.messages(sent.sid).fetch().status == "delivered"
    assert twilio.messages.list(to="+14155550199", limit=20) == []
    later = datetime.now(UTC) + timedelta(minutes=1)
    assert twilio.messages.list(to=PERSON, date_sent_after=later, limit=20) == []


def test_lists_come_in_pages(twilio: Any, world: World) -> None:
    sids = [send(twilio, world).sid for _ in range(5)]

    found = twilio.messages.list(page_size=2)

    assert [one.sid for one in found] == sids[::-1]


def test_an_api_key_is_as_good_as_the_token(world: World) -> None:
    assert send(twilio_client(world, "SK1", "secret"), world).status == "queued"


@pytest.mark.parametrize(("user", "password"), [(ACCOUNT, "wrong"), ("SK1", "token"), ("", "")])
def test_wrong_credentials_are_refused(world: World, user: str, password: str) -> None:
    with pytest.raises(TwilioRestException) as refused:
        send(twilio_client(world, user or "x", password or "x"), world)

    assert (refused.value.status, refused.value.code) == (401, 20003)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"to": ""}, 21604),
        ({"from_": None}, 21603),
        ({"body": None}, 21602),
        ({"to": "+1415"}, 21211),
        ({"to": "4155550100"}, 21211),
        ({"from_": "not a sender!"}, 21212),
        ({"body": "x" * 1601}, 21617),
        ({"status_callback": "nowhere"}, 21609),
        ({"validity_period": 0}, 21624),
        ({"content_sid": "HX1"}, 21655),
        ({"to": "+15005550001"}, 21211),
        ({"to": "+15005550002"}, 21612),
        ({"to": "+15005550003"}, 21408),
        ({"to": "+15005550004"}, 21610),
        ({"to": "+15005550009"}, 21614),
        ({"from_": "+15005550007"}, 21606),
        ({"from_": "+15005550008"}, 21611),
    ],
    ids=str,
)
def test_a_bad_request_gets_twilios_own_code(
    twilio: Any, world: World, changes: dict[str, Any], code: int
) -> None:
    with pytest.raises(TwilioRestException) as refused:
        send(twilio, world, **changes)

    assert (refused.value.status, refused.value.code) == (400, code)


def test_the_undelivered_number_reports_30003(twilio: Any, world: World) -> None:
    sent = send(twilio, world, to="+15005550010")

    last = world.hooks.wait("/twilio/status", 2)[-1]

    assert (last.form["MessageStatus"], last.form["ErrorCode"]) == ("undelivered", "30003")
    assert twilio.messages(sent.sid).fetch().error_code == 30003


def test_a_reply_reaches_the_webhook(twilio: Any, world: World) -> None:
    sent = send(twilio, world)

    answer = world.post(f"/messages/{sent.sid}/reply", text="Yes")

    (hook,) = world.hooks.to("/twilio/inbound")
    assert answer["status"] == 200
    assert (hook.form["Body"], hook.form["From"], hook.form["To"]) == ("Yes", PERSON, SENDER)
    assert_signed_by_twilio(world, hook)


def test_a_whatsapp_reply_is_read_first_and_may_quote(twilio: Any, world: World) -> None:
    sent = send(twilio, world, to=f"whatsapp:{PERSON}", from_=f"whatsapp:{SENDER}")
    world.hooks.wait("/twilio/status", 2)

    world.post(f"/messages/{sent.sid}/reply", text="Yes", quote=True)

    read, (inbound,) = world.hooks.wait("/twilio/status", 3)[-1], world.hooks.to("/twilio/inbound")
    assert (read.form["MessageStatus"], read.form["EventType"]) == ("read", "READ")
    assert inbound.form["From"] == f"whatsapp:{PERSON}"
    assert inbound.form["OriginalRepliedMessageSid"] == sent.sid


def test_a_described_template_shows_its_words_and_buttons(twilio: Any, world: World) -> None:
    sid = "HX" + "1" * 32
    choices = [{"id": "yes:{{2}}", "title": "Yes"}]
    world.post("/templates", sid=sid, body="Home at {{1}}?", choices=choices)
    whatsapp = {"to": f"whatsapp:{PERSON}", "from_": f"whatsapp:{SENDER}", "body": None}
    variables = '{"1": "9 pm", "2": "order-1"}'
    sent = send(twilio, world, **whatsapp, content_sid=sid, content_variables=variables)

    world.post(f"/messages/{sent.sid}/press", choice="yes:order-1")

    (inbound,) = world.hooks.to("/twilio/inbound")
    assert world.message(sent.sid)["text"] == "Home at 9 pm?"
    assert inbound.form["ButtonPayload"] == "yes:order-1"
    assert inbound.form["ButtonText"] == "Yes"
    assert inbound.form["OriginalRepliedMessageSid"] == sent.sid
