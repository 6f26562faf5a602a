"""Calls by Vonage against canned HTTP: what is said, for how long, and what became of it.

Read 2026-11-22: Nexmo/api-specification's voice.yml at ad04200, the pages "NCCO reference" and
"How does Machine Detection Parameter work?", and Vonage/vonage-java-sdk's issue 63 for a 400.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from failover.channels import Channel
from failover.content import Choice, Content
from failover.events import FailureClass
from providers.base import Accepted, LookUpImpossible, Outbound, ProviderUnavailable, Refused
from providers.reply_keys import pair_key, sent_key
from providers.settings import PublicSettings
from providers.vonage.provider import senders
from tests.callbacks import BASE_URL, KEY
from tests.callbacks_vonage import UUID, vonage_settings
from tests.canned import Answer, Canned, canned_server

OURS, PERSON = "+15005550006", "+14155550100"
PUBLIC = PublicSettings.model_validate({"public_base_url": BASE_URL, "address_key": KEY})
TEXT = "Can you be home at 9 pm?"
YES_NO = (Choice(id="yes", label="Yes"), Choice(id="no", label="No"))
CALL = {"uuid": UUID, "status": "started", "direction": "outbound", "conversation_uuid": "CON-1"}


@pytest.fixture
def vonage() -> Iterator[Canned]:
    with canned_server() as canned:
        canned.answer = Answer(201, json.dumps(CALL))
        yield canned


def sender(url: str, **more: Any) -> Any:
    given = {"from": OURS, "api_base_url": url, **more}
    return senders(vonage_settings(**given), PUBLIC)[Channel.VOICE]


def outbound(**more: Any) -> Outbound:
    given = {
        "reference": "order-1.2",
        "channel": Channel.VOICE,
        "provider": "vonage",
        "to": PERSON,
        "content": Content(text=TEXT, choices=YES_NO),
        "valid_for": timedelta(minutes=20),
    }
    return Outbound.model_validate({**given, **more})


def placed(vonage: Canned) -> Any:
    [request] = vonage.requests
    assert (request.method, request.path) == ("POST", "/v1/calls")
    return json.loads(request.body)


def said(call: Any) -> list[str]:
    return [action["text"] for action in call["ncco"] if action["action"] == "talk"]


def test_a_call_reads_the_message_and_the_keys_twice_and_hears_one_key(vonage: Canned) -> None:
    result = sender(vonage.url).send(outbound())

    pair = pair_key(KEY, "voice", PERSON, OURS)
    assert result == Accepted(provider_id=UUID, reply_keys=(pair, sent_key(KEY, "vonage", UUID)))
    call = placed(vonage)
    assert said(call) == [TEXT, "Press 1 for Yes.", "Press 2 for No."] * 2
    *talks, key = call["ncco"]
    assert all(talk["bargeIn"] for talk in talks)
    [url] = key.pop("eventUrl")
    assert key == {
        "action": "input",
        "type": ["dtmf"],
        "dtmf": {"maxDigits": 1, "timeOut": 6, "submitOnHash": False},
        "eventMethod": "POST",
    }
    assert url.startswith(f"{BASE_URL}/vonage/voice?m=order-1.2&keys=2&lang=en&s=")
    del call["ncco"]
    assert call == {
        "to": [{"type": "phone", "number": "14155550100"}],
        "from": {"type": "phone", "number": "15005550006"},
        "event_url": [url],
        "event_method": "POST",
        "machine_detection": "hangup",
        "ringing_timer": 45,
        "length_timer": 600,
    }


@pytest.mark.parametrize(
    ("wait", "ring"),
    [(timedelta(0), 5), (timedelta(seconds=20.9), 20), (timedelta(days=1), 45)],
)
def test_it_rings_no_longer_than_its_step_waits(vonage: Canned, wait: timedelta, ring: int) -> None:
    sender(vonage.url).send(outbound(valid_for=wait))

    assert placed(vonage)["ringing_timer"] == ring


def test_a_call_without_choices_asks_for_a_confirmation_in_the_persons_language(
    vonage: Canned,
) -> None:
    sender(vonage.url).send(outbound(content=Content(text=TEXT), locale="de-AT"))

    call = placed(vonage)
    assert said(call) == [TEXT, "Drücken Sie zur Bestätigung die 1."] * 2
    assert {talk["language"] for talk in call["ncco"][:-1]} == {"de-DE"}
    assert "keys=1&lang=de-AT&s=" in call["event_url"][0]


@pytest.mark.parametrize(
    ("locale", "spoken"),
    [
        pytest.param("pt_BR", "pt-BR", id="as it is"),
        pytest.param("pt", "pt-PT", id="its usual country"),
        pytest.param("es-AR", "es-MX", id="a country that is not spoken"),
        pytest.param("en-IE", "en-GB", id="English of a country that is not spoken"),
        pytest.param("ar", "ar", id="a language without countries"),
        pytest.param("fi", "fi-FI", id="a language with one country"),
        pytest.param("zh-TW", "cmn-TW", id="Chinese by what is spoken"),
        pytest.param("zh", "cmn-CN", id="Chinese"),
        pytest.param("sw", "en-US", id="a language that is not spoken"),
    ],
)
def test_the_message_is_spoken_in_the_nearest_language(
    vonage: Canned, locale: str, spoken: str
) -> None:
    sender(vonage.url).send(outbound(locale=locale))

    assert placed(vonage)["ncco"][0]["language"] == spoken


def test_a_long_text_is_read_in_parts(vonage: Canned) -> None:
    words = "word " * 700
    sender(vonage.url).send(outbound(content=Content(text=words), locale="en"))

    texts = said(placed(vonage))
    assert all(len(text) <= 1500 for text in texts)
    assert " ".join(texts[:3]) == words.strip()


@pytest.mark.parametrize("choices", [1, 9])
def test_each_key_is_a_choice(vonage: Canned, choices: int) -> None:
    all_of_them = [Choice(id=f"c{n}", label=f"At {n}") for n in range(choices)]
    sender(vonage.url).send(outbound(content=Content(text=TEXT, choices=all_of_them)))

    call = placed(vonage)
    assert said(call)[choices] == f"Press {choices} for At {choices - 1}."
    assert f"keys={choices}&" in call["event_url"][0]


def test_only_a_number_can_call() -> None:
    assert Channel.VOICE not in senders(vonage_settings(**{"from": "Acme"}), PUBLIC)
    only_voice = senders(vonage_settings(voice_from=OURS), PUBLIC)
    assert only_voice.keys() == {Channel.VOICE}


def refusal(status: int, **told: Any) -> Answer:
    return Answer(status, json.dumps(told))


REFUSALS = {
    "the number": (
        refusal(400, type=400, title="Bad Request", invalid_parameters=[{"name": "to[0].number"}]),
        FailureClass.ADDRESS,
        "400",
    ),
    "another parameter": (
        refusal(400, type="BAD_REQUEST", invalid_parameters=[{"name": "topic"}, {"name": "ncco"}]),
        FailureClass.CONTENT,
        "400",
    ),
    "no parameter": (refusal(400, invalid_parameters="to"), FailureClass.CONTENT, "400"),
    "not in JSON": (Answer(404, "<html>"), FailureClass.CONTENT, "404"),
    "wrong credentials": (refusal(401, type="UNAUTHORIZED"), FailureClass.ACCOUNT, "401"),
    "no credit": (refusal(402), FailureClass.ACCOUNT, "402"),
    "no permission": (refusal(403), FailureClass.ACCOUNT, "403"),
}


@pytest.mark.parametrize(("answer", "kind", "code"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_says_whose_fault_it_is(
    vonage: Canned, answer: Answer, kind: FailureClass, code: str
) -> None:
    vonage.answer = answer
    result = sender(vonage.url).send(outbound())

    assert isinstance(result, Refused)
    assert (result.failure.kind, result.failure.code) == (kind, code)
    assert len(vonage.requests) == 1


def listed(*calls: Any, more: bool = False) -> Answer:
    links = {"self": {"href": "/calls"}} | (
        {"next": {"href": "/calls?record_index=100"}} if more else {}
    )
    return Answer(200, json.dumps({"_embedded": {"calls": calls}, "_links": links}))


def record(uuid: str = UUID, to: Any = "14155550100", ours: Any = "15005550006") -> Any:
    phones = {"to": {"type": "phone", "number": to}, "from": {"type": "phone", "number": ours}}
    return {**CALL, **phones, "uuid": uuid}


def test_a_look_up_finds_the_newest_call_to_the_person_from_our_number(vonage: Canned) -> None:
    app = {**record("1"), "to": {"type": "app", "user": "dana"}}
    others = [app, record("2", to="14155550101"), record("3", ours="15005550007"), None]
    vonage.answer = listed(*others, record(), record("an older one"))
    since = datetime.now(UTC) - timedelta(seconds=30)

    found = sender(vonage.url).look_up(outbound(), since)

    assert found is not None
    assert found.provider_id == UUID
    [asked] = vonage.requests
    assert (asked.method, asked.path, asked.field("order")) == ("GET", "/v1/calls", "desc")
    start = datetime.fromisoformat(asked.field("date_start") or "")
    assert start < since < datetime.fromisoformat(asked.field("date_end") or "")


def test_a_look_up_that_finds_nothing_says_so(vonage: Canned) -> None:
    vonage.answer = listed(record(to="14155550101"))

    assert sender(vonage.url).look_up(outbound(), datetime.now(UTC)) is None


def test_a_look_up_turns_the_pages_and_then_gives_up(vonage: Canned) -> None:
    vonage.answer = listed(record(to="14155550101"), more=True)

    with pytest.raises(LookUpImpossible):
        sender(vonage.url).look_up(outbound(), datetime.now(UTC))
    at = [request.field("record_index") for request in vonage.requests]
    assert at == [str(100 * page) for page in range(10)]


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_an_account_that_may_not_ask_cannot_look_up(vonage: Canned, status: int) -> None:
    vonage.answer = Answer(status, "{}")

    with pytest.raises(LookUpImpossible):
        sender(vonage.url).look_up(outbound(), datetime.now(UTC))


@pytest.mark.parametrize(
    "answer",
    [Answer(429, "{}", {"Retry-After": "3"}), Answer(500), Answer(200, "<"), Answer(drop=True)],
    ids=["429", "500", "bad body", "dropped"],
)
def test_a_look_up_can_be_asked_again(vonage: Canned, answer: Answer) -> None:
    vonage.answer = answer

    with pytest.raises(ProviderUnavailable):
        sender(vonage.url).look_up(outbound(), datetime.now(UTC))
