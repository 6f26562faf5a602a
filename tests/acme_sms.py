"""What Acme is asked, how its codes and callbacks are read: in the copy tests/test_acme_sms.py."""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from failover.content import Content
from failover.events import FailureClass, Reply
from failover.media import Media, MediaKind
from providers.acme.provider import callbacks
from providers.base import Accepted, CallbackForged, CallbackMalformed, LookUpImpossible, Refused
from tests.callbacks_acme import ANSWER, DELIVERED, ID, acme_callback
from tests.canned import Answer, Canned, canned_server
from tests.offers.acme import ACME, OFFERS, settings
from tests.offers.offer import OURS, PUBLIC, TEXT

[SMS] = OFFERS
ANYTHING = st.none() | st.integers() | st.floats() | st.text(st.characters(), max_size=20)


@pytest.fixture
def edge() -> Iterator[Canned]:
    with canned_server() as canned:
        yield canned


def test_the_request_is_what_acme_documents(edge: Canned) -> None:
    SMS.send(edge, SMS.accepted)

    [request] = edge.to("/v1/messages")
    assert request.headers["Authorization"] == "Bearer key"
    assert json.loads(request.body) == {
        "to": "+14155550100",
        "from": OURS,
        "text": TEXT,
        "reference": "order-1.2",
        "status_url": "https://hooks.example.com/acme/status",
        "expires_in": 1200,
    }


def test_a_file_is_a_link_in_the_text(edge: Canned) -> None:
    edge.answer = SMS.accepted
    file = Media(url="https://example.com/map.png", kind=MediaKind.IMAGE)
    content = Content(text=TEXT, media=(file,))
    outbound = SMS.outbound(edge.url).model_copy(update={"content": content})
    SMS.sender(edge.url).send(outbound)

    [request] = edge.requests
    assert json.loads(request.body)["text"] == f"{TEXT}\n\n{file.url}"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(400, '{"code": "no_credit"}'), FailureClass.ACCOUNT),
        (Answer(400, '{"code": "brand_new"}'), FailureClass.UNRECOGNIZED),
        (Answer(400, "<html>"), FailureClass.CONTENT),
    ],
)
def test_a_refusal_is_classed_by_its_code(edge: Canned, answer: Answer, kind: str) -> None:
    result = SMS.send(edge, answer)

    assert isinstance(result, Refused)
    assert result.failure.kind == kind


def looked_up(edge: Canned, answer: Answer) -> Accepted | None:
    edge.answer = answer
    return SMS.sender(edge.url).look_up(SMS.outbound(edge.url), datetime.now(UTC))


def test_a_send_is_found_again_by_our_reference(edge: Canned) -> None:
    found = looked_up(edge, Answer(200, json.dumps({"messages": [{"id": ID}]})))

    assert found
    assert found.provider_id == ID
    [request] = edge.requests
    assert (request.method, request.field("reference")) == ("GET", "order-1.2")


def test_what_acme_does_not_know_is_not_found(edge: Canned) -> None:
    assert looked_up(edge, Answer(200, '{"messages": []}')) is None


def test_a_key_that_may_not_look_up_makes_it_impossible(edge: Canned) -> None:
    with pytest.raises(LookUpImpossible):
        looked_up(edge, Answer(403, "{}"))


def test_an_answer_that_quotes_us_brings_our_reference() -> None:
    [event] = ACME.reader.read(acme_callback("inbound", ANSWER))

    assert isinstance(event, Reply)
    assert event.reference == "order-1.2"


def test_a_callback_that_is_too_old_is_refused() -> None:
    with pytest.raises(CallbackForged):
        ACME.reader.read(acme_callback("status", DELIVERED, age=301))


def test_the_secret_before_is_still_taken() -> None:
    before = "what acme signed them with before"
    reader = callbacks(settings("http://127.0.0.1:1", callback_secret_previous=before), PUBLIC)

    assert reader.read(acme_callback("inbound", ANSWER, secret=before))


@given(said=st.dictionaries(st.sampled_from([*DELIVERED, *ANSWER]), ANYTHING) | ANYTHING)
@pytest.mark.parametrize("route", ["status", "inbound"])
def test_nothing_that_is_signed_breaks_the_reader(said: object, route: str) -> None:
    with suppress(CallbackMalformed):
        assert isinstance(ACME.reader.read(acme_callback(route, said)), list)
