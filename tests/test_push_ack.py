"""What an app or a service worker says of a push: at a signed URL, from any origin."""

import dataclasses
import hashlib
import json
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import Signer

from failover.events import DeliveryReport, DeliveryStatus, Reply
from providers.base import Callback, CallbackForged, CallbackMalformed, CallbackRejected
from providers.push.callbacks import callbacks
from providers.push.tickets import Tickets
from providers.reply_keys import address_key
from tests.callbacks import BASE_URL, KEY
from tests.push import FORM, PUBLIC, TOKEN, outbound, ticket_url, told
from tests.webhooks_app import Webhooks, webhooks

READER = callbacks(PUBLIC)
PERSON = address_key(KEY, TOKEN)
_digest = partial(hashlib.blake2b, digest_size=16)


def hooks(*, away: bool = False) -> Webhooks:
    return webhooks(away=away, readers={"push": READER})


@pytest.mark.parametrize(
    ("event", "status"),
    [("received", DeliveryStatus.DELIVERED), ("opened", DeliveryStatus.READ)],
)
def test_received_is_delivered_and_opened_is_read(event: str, status: DeliveryStatus) -> None:
    assert READER.read(told(event=event)) == [
        DeliveryReport(
            reference="order-1.2", status=status, event_id=f"order-1.2 {event}", person=PERSON
        )
    ]


def test_a_pressed_choice_is_a_reply_by_whoever_sent_the_push() -> None:
    [reply] = READER.read(told(ticket_url("fcm"), event="action", choice="yes"))

    assert isinstance(reply, Reply)
    assert (reply.channel, reply.provider, reply.reference) == ("push", "fcm", "order-1.2")
    assert (reply.choice, reply.text, reply.person) == ("yes", None, PERSON)
    assert not reply.stop


def test_an_answer_told_again_is_the_same_and_another_answer_is_another() -> None:
    yes, again, no = (
        READER.read(told(event="action", choice=choice)) for choice in ("yes", "yes", "no")
    )

    assert yes == again
    assert yes != no
    assert isinstance(yes[0], Reply)
    assert isinstance(no[0], Reply)
    assert yes[0].provider_id != no[0].provider_id


def test_a_typed_answer_is_a_reply_and_stop_is_stop() -> None:
    [typed] = READER.read(told(event="action", text=" at 10 "))
    [stop] = READER.read(told(event="action", text="STOP"))
    [pressed] = READER.read(told(event="action", choice="stop"))

    assert isinstance(typed, Reply)
    assert isinstance(stop, Reply)
    assert isinstance(pressed, Reply)
    assert (typed.text, typed.stop) == ("at 10", False)
    assert (stop.stop, stop.certain) == (True, True)
    assert not pressed.stop


def test_an_app_may_post_json() -> None:
    said = json.dumps({"event": "action", "choice": "no", "text": None}).encode()
    [reply] = READER.read(Callback(ticket_url(), {"content-type": "application/json"}, said))

    assert isinstance(reply, Reply)
    assert reply.choice == "no"


def test_an_event_that_nobody_knows_is_nothing() -> None:
    assert READER.read(told(event="dismissed")) == []


@pytest.mark.parametrize(
    "body", [b"", b"choice=yes", b"event=action", b"{", b'{"event":7}', b"&" * 100, b"\xff=\xff"]
)
def test_what_says_nothing_is_malformed(body: bytes) -> None:
    with pytest.raises(CallbackMalformed):
        READER.read(Callback(ticket_url(), {"content-type": FORM}, body))


def test_a_ticket_that_is_not_ours_is_forged() -> None:
    url, ours = f"{BASE_URL}/push/ack", ticket_url()
    others = Tickets("another key that is long enough", BASE_URL).url(outbound("fcm", TOKEN))
    cut, changed = ours[:-1], ours.replace("ticket=", "ticket=a")
    again = f"{ours}&{others.partition('?')[2]}"

    for forged in (url, f"{url}?ticket=", others, cut, changed, again, f"{ours}{'&a' * 30}"):
        with pytest.raises(CallbackForged):
            READER.read(told(forged, event="received"))


def test_what_was_signed_for_something_else_is_no_ticket() -> None:
    token = ticket_url().partition("ticket=")[2]
    same = Signer(KEY, salt="push ticket", digest_method=_digest)
    other = Signer(KEY, salt="answer link", digest_method=_digest)

    assert same.sign(token.rpartition(".")[0]).decode() == token
    signed = other.sign(token.rpartition(".")[0]).decode()
    with pytest.raises(CallbackForged):
        READER.read(told(f"{BASE_URL}/push/ack?ticket={signed}", event="received"))


def test_the_ticket_of_a_send_is_the_same_each_time_and_has_no_address_in_it() -> None:
    assert ticket_url() == ticket_url()
    assert TOKEN not in ticket_url()
    assert len({ticket_url(), ticket_url("fcm"), ticket_url(reference="order-1.3")}) == 3


@given(
    query=st.text(st.characters(min_codepoint=33, max_codepoint=255), max_size=200),
    body=st.binary(max_size=200),
)
def test_no_stranger_says_anything(query: str, body: bytes) -> None:
    with pytest.raises(CallbackForged):
        READER.read(Callback(f"{BASE_URL}/push/ack?{query}", {}, body))


@given(
    body=st.one_of(
        st.binary(max_size=300),
        st.dictionaries(
            st.sampled_from(["event", "choice", "text", "at"]),
            st.none()
            | st.integers()
            | st.text(st.characters(), max_size=20)
            | st.sampled_from(["received", "opened", "action"]),
        ).map(lambda said: json.dumps(said).encode()),
    )
)
def test_nothing_that_a_device_posts_breaks_the_reader(body: bytes) -> None:
    try:
        events = READER.read(Callback(ticket_url(), {"content-type": FORM}, body))
    except CallbackMalformed:
        return
    assert all(event.reference == "order-1.2" for event in events)
    assert all(event.model_dump_json() for event in events)


async def test_a_page_of_any_origin_posts_it_and_may_read_the_answer() -> None:
    site = hooks()
    response = await site.post(told(event="opened"), Origin="https://shop.example.com")

    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == "*"
    assert "set-cookie" not in response.headers
    assert len(site.gateway.events) == 1


async def test_a_scanner_that_follows_the_url_does_nothing() -> None:
    site = hooks()
    target = ticket_url().removeprefix(BASE_URL)
    seen = [await site.http.get(target), await site.http.head(target)]
    preflight = await site.http.options(target)

    assert {answer.status_code for answer in (*seen, preflight)} == {405}
    assert site.gateway.events == []


async def test_each_refusal_has_its_status_which_the_page_may_read() -> None:
    forged = dataclasses.replace(told(event="opened"), url=f"{BASE_URL}/push/ack?ticket=a.b")
    answers = [
        await hooks().post(forged),
        await hooks().post(told(event="")),
        await hooks().post(dataclasses.replace(told(), body=b"a" * 65_537)),
        await hooks(away=True).post(told(event="opened")),
    ]

    assert [answer.status_code for answer in answers] == [403, 400, 413, 503]
    assert {answer.headers["access-control-allow-origin"] for answer in answers} == {"*"}
    assert {answer.content for answer in answers} == {b""}


def test_a_refusal_says_nothing_of_what_was_in_it() -> None:
    url = f"{BASE_URL}/push/ack?ticket=secret-ticket"
    for callback in (told(url, event="action", text="secret"), told(text="secret")):
        with pytest.raises(CallbackRejected) as raised:
            READER.read(callback)
        assert "secret" not in str(raised.value)
