"""Whatever is given as a message or a signal is one, or its faults are named without values."""

import copy
import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from failover.channels import Channel, Goal
from failover.events import OptOut, Report, Response
from failover.message import InvalidMessage, parse_message
from tests.plans import plan
from workflows.given import Unreadable, read_signal

#: In every text and every address that is given; nothing that is told may hold it.
SECRET = "Zx9secret"
PHONE = "+14155550177"
EMAIL = f"{SECRET}@example.com"

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20).map(
    lambda text: f"{SECRET} {text}"
)
SPANS = st.integers(0, 366 * 24 * 3600) | st.sampled_from(["PT30M", "P1D", "PT0S", 1.5])
CHOICES = st.lists(st.sampled_from("abcdefghi"), max_size=9, unique_by=str.casefold).map(
    lambda ids: [{"id": id, "label": f"{SECRET} {id}"} for id in ids]
)
CONTENT = st.fixed_dictionaries({"text": TEXTS}, optional={"subject": TEXTS, "choices": CHOICES})
STEP = st.fixed_dictionaries(
    {"channel": st.sampled_from([Channel.SMS, Channel.EMAIL, Channel.VOICE]), "wait": SPANS},
    optional={
        "deliver_within": SPANS,
        "send_within": SPANS,
        "providers": st.lists(st.sampled_from(["twilio", "vonage"]), min_size=1, unique=True),
        "until": st.sampled_from(Goal),
        "content": CONTENT,
    },
)
RECIPIENT = st.fixed_dictionaries(
    {"addresses": st.just({"phone": PHONE, "email": EMAIL})},
    optional={"id": st.just("cust-42"), "name": TEXTS, "locale": st.sampled_from(["en", "pt-BR"])},
)
VALID = st.fixed_dictionaries(
    {
        "id": st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=90),
        "recipient": RECIPIENT,
        "content": CONTENT,
        "steps": st.lists(STEP, min_size=1, max_size=5),
    },
    optional={
        "conversation": st.just("order-1234"),
        "until": st.sampled_from(Goal),
        "deadline": st.datetimes().map(lambda at: f"{at.isoformat()}+02:00"),
        "on_unknown": st.sampled_from(["next", "resend", "stop"]),
        "on_opt_out": st.sampled_from(["stop", "skip_channel"]),
        "evidence_within": SPANS,
    },
)
BAD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from([SECRET, PHONE, EMAIL, f"{SECRET}\x00", f"{SECRET}\ud800", 10**400, "\ud800"])
    | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "text", "channel", "other", PHONE]), inner, max_size=3
        )
    ),
    max_leaves=6,
)


def places(within: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something stands in this JSON, and so could stand something else."""
    inner = within.items() if isinstance(within, dict) else enumerate(within)
    found = []
    for key, value in inner:
        found.append((*at, key))
        if isinstance(value, dict | list):
            found += places(value, (*at, key))
    return found


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """A valid message with a few values changed, taken away or added."""
    given: dict[str, Any] = copy.deepcopy(draw(VALID))
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from(places(given) or [("id",)]))
        within: Any = given
        for key in way:
            within = within[key]
        what = draw(st.sampled_from(["change", "drop", "add"]))
        if what == "drop":
            del within[last]
        elif what == "add" and isinstance(within, dict):
            within[draw(st.sampled_from(["untill", "other", "to", "hours", PHONE]))] = draw(BAD)
        else:
            within[last] = draw(BAD)
    return given


def told(raw: Any) -> str | None:
    """What is wrong with it. None of a message, which is the same after a trip through JSON."""
    try:
        parsed = parse_message(raw)
    except InvalidMessage as error:
        return str(error)
    assert parse_message(parsed.model_dump_json()) == parsed
    return None


@given(VALID)
def test_every_message_by_the_rules_is_taken(given: dict[str, Any]) -> None:
    assert told(json.dumps(given)) is None


@given(mutated(), st.sampled_from([json.dumps, dict]))
def test_of_a_faulty_message_the_fields_are_named_and_no_values(
    given: dict[str, Any], shape: Callable[[Any], Any]
) -> None:
    fault = told(shape(given))

    if fault is not None:
        assert re.match(r"invalid message: ([\w.+•]+|Invalid JSON): \w", fault)
        assert not secrets(fault)


def secrets(said: str) -> bool:
    return SECRET in said or PHONE in said


DEEP = '{"id":' + "[" * 100_000 + "]" * 100_000 + "}"
NESTED = '{"recipient":' * 50_000 + "1" + "}" * 50_000
RAW: dict[str, Any] = {
    "a list in a list": DEEP,
    "an object in an object": NESTED,
    "not closed": "[" * 200_000,
    "ten megabytes of text": json.dumps({"content": {"text": SECRET * 1_200_000}}),
    "a hundred thousand fields": json.dumps({f"f{n}": SECRET for n in range(100_000)}),
    "a number with many digits": '{"id": ' + "9" * 100_000 + "}",
    "a number beyond all": '{"evidence_within": 1e999}',
    "no number": '{"evidence_within": NaN, "deadline": Infinity}',
    "no UTF-8": b'{"id": "\xff\xfe"}',
    "UTF-16": '{"id": "a"}'.encode("utf-16"),
    "half a surrogate": '{"id": "\ud800"}',
    "half a surrogate, written out": '{"id": "\\ud800"}',
    "a surrogate in a dict": {"id": "\ud800", "\udfff": 1},
    "keys that are no text": {1: 2, None: 3, ("a",): 4},
    "a year beyond all": '{"deadline": "99999-01-01T00:00:00Z"}',
    "a date in seconds": '{"deadline": 1e308}',
}


@pytest.mark.parametrize("raw", RAW.values(), ids=RAW)
def test_what_is_too_deep_too_long_or_no_text_is_invalid(raw: Any) -> None:
    fault = told(raw)

    assert fault is not None
    assert fault.startswith("invalid message: ")
    assert len(fault) < 10_000
    assert not secrets(fault)


#: As much as Temporal takes for one input, all of it faults.
CROWDS: dict[str, Any] = {
    "steps": {"steps": [{}] * 600_000},
    "choices": {"content": {"text": "a", "choices": [{}] * 600_000}},
    "providers": {"steps": [{"channel": "sms", "wait": 1, "providers": [""] * 500_000}]},
    "days": {"hours": {"days": [""] * 500_000, "from": "08:00", "to": "09:00"}},
    "addresses": {"recipient": {"addresses": {str(number): "1" for number in range(120_000)}}},
}


@pytest.mark.parametrize("crowd", CROWDS.values(), ids=CROWDS)
def test_a_crowd_of_faults_costs_no_more_than_the_reading(crowd: dict[str, Any]) -> None:
    """Temporal gives up on a workflow that computes for two seconds, and tries again for ever."""
    raw = json.dumps({**plan(), **crowd})
    reading = min(spent(lambda: json.loads(raw)) for _ in range(3))
    refusing = min(spent(lambda: told(raw)) for _ in range(3))

    assert told(raw) is not None
    assert refusing < 20 * reading


def spent(call: Callable[[], object]) -> float:
    """Processor time, which other processes do not lengthen."""
    before = time.process_time()
    call()
    return time.process_time() - before


def test_of_a_key_that_is_there_twice_the_last_one_counts() -> None:
    twice = json.dumps(plan(id="first")).replace('{"id"', '{"id": "a b", "id"', 1)

    assert parse_message(twice).id == "first"


KINDS: list[type[BaseModel]] = [Response, Report, OptOut]
SIGNALS = st.sampled_from(KINDS)
PAYLOADS = st.dictionaries(
    st.sampled_from([*Response.model_fields, *Report.model_fields, "class", "other"]), BAD
)


@given(kind=SIGNALS, payload=PAYLOADS | BAD)
def test_any_signal_is_read_or_its_fields_are_named(kind: type[BaseModel], payload: Any) -> None:
    said = ""
    try:
        read = read_signal(kind, (payload,))
    except Unreadable as error:
        said = str(error)
    else:
        assert kind.model_validate_json(read.model_dump_json()) == read

    assert said == "" or said.startswith(kind.__name__)
    assert not secrets(said)


@pytest.mark.parametrize("kind", [Response, Report, OptOut])
def test_a_signal_without_a_payload_or_too_deep_is_unreadable(kind: type[BaseModel]) -> None:
    deep: Any = "end"
    for _ in range(100_000):
        deep = [deep]

    for payload in ((), (None,), (deep,), ({"channel": deep, "attempt": deep},)):
        with pytest.raises(Unreadable):
            read_signal(kind, payload)
