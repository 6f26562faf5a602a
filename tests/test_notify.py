"""One event by one request: real HTTP, and signatures checked by the specification's library."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from aiohttp import ClientConnectorError, web
from aiohttp.abc import AbstractResolver, ResolveResult
from standardwebhooks import Webhook
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment
from yarl import URL

from activities.notification import Notification
from activities.notify import Notifications
from failover.notices import AboutEnd, AboutHandOver, MessageEnded, MessageHandedOver
from failover.notify import EVERY, Targets
from providers.links import Links
from providers.outside import NotAllowed, post, public
from tests.receiver import PREVIOUS, SECRET, Receiver, answer, receiving
from tests.self_signed import self_signed

ANYWHERE = Targets(private=(EVERY,))
PUBLIC_ONLY = Targets(private=("not-this-one.example.com",))
NOTICE = MessageEnded(
    id="evt_1",
    timestamp=datetime(2026, 11, 22, tzinfo=UTC),
    data=AboutEnd(message_id="order-1", outcome="responded", context={"said": "Grüße"}),
)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


class Names(AbstractResolver):
    """What a test says that names resolve to; one answer after the other."""

    def __init__(self, *addresses: str | list[str]) -> None:
        self.asked = 0
        self._answers = [[one] if isinstance(one, str) else one for one in addresses]

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked += 1
        found = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return [self._result(host, port, address) for address in found]

    async def close(self) -> None:
        pass

    @staticmethod
    def _result(host: str, port: int, address: str) -> ResolveResult:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return ResolveResult(
            hostname=host, host=address, port=port, family=family, proto=0, flags=0
        )


def notifications(
    targets: Targets = ANYWHERE,
    *,
    secrets: tuple[str, ...] = (SECRET,),
    at_once: int = 100,
    timeout: float = 10,
    names: Names | None = None,
) -> Notifications:
    signers = [Webhook(secret) for secret in secrets]
    return Notifications(signers, targets, at_once, within=timeout, resolver=names)


async def told(url: str, by: Notifications | None = None) -> None:
    notification = Notification(notify=url, notice=NOTICE)
    await ActivityEnvironment().run((by or notifications()).notify, notification)


async def fault(url: str, by: Notifications | None = None) -> ApplicationError:
    with pytest.raises(ApplicationError) as raised:
        await told(url, by)
    return raised.value


async def test_an_event_is_signed_as_the_specification_says(receiver: Receiver) -> None:
    await told(receiver.url)

    [event] = receiver.verified()
    [(path, headers, body)] = receiver.requests
    assert path == "/events"
    assert headers["webhook-id"] == event["id"] == "evt_1"
    assert headers["content-type"] == "application/json"
    assert body.decode() == NOTICE.model_dump_json()


async def test_while_the_secret_is_changed_both_verify(receiver: Receiver) -> None:
    await told(receiver.url, notifications(secrets=(SECRET, PREVIOUS)))

    assert receiver.verified(SECRET) == receiver.verified(PREVIOUS)


async def test_the_timestamp_is_that_of_the_request_not_of_the_event(receiver: Receiver) -> None:
    """A retry after an hour would be refused as too old."""
    old = MessageEnded(
        id="evt_2",
        timestamp=datetime(2020, 1, 1, tzinfo=UTC),
        data=NOTICE.data,
    )

    notification = Notification(notify=receiver.url, notice=old)
    await ActivityEnvironment().run(notifications().notify, notification)

    assert receiver.verified()[0]["timestamp"] == "2020-01-01T00:00:00Z"


@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_any_2xx_is_delivered(receiver: Receiver, status: int) -> None:
    receiver.always = answer(status)

    await told(receiver.url)

    assert len(receiver.requests) == 1


@pytest.mark.parametrize("status", [302, 307, 400, 401, 404, 429, 500, 503])
async def test_what_is_no_2xx_is_tried_again(receiver: Receiver, status: int) -> None:
    receiver.always = answer(status, Location="/elsewhere")

    error = await fault(receiver.url)

    assert not error.non_retryable
    assert error.message == f"127.0.0.1 answered {status}"
    assert error.next_retry_delay is None
    assert [path for path, _, _ in receiver.requests] == ["/events"]


async def test_gone_is_not_tried_again(receiver: Receiver) -> None:
    receiver.always = answer(410)

    error = await fault(receiver.url)

    assert error.non_retryable
    assert error.type == "Gone"


@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after_is_heeded(receiver: Receiver, status: int) -> None:
    receiver.always = answer(status, Retry_After="120")

    assert (await fault(receiver.url)).next_retry_delay == timedelta(minutes=2)


async def test_retry_after_may_be_a_date(receiver: Receiver) -> None:
    then = datetime.now(UTC) + timedelta(minutes=30)
    receiver.always = answer(503, Retry_After=format_datetime(then, usegmt=True))

    delay = (await fault(receiver.url)).next_retry_delay

    assert delay
    assert timedelta(minutes=20) < delay <= timedelta(minutes=30)


async def test_a_service_that_does_not_answer_is_given_up_for_now(receiver: Receiver) -> None:
    over = asyncio.Event()

    async def hang(_: web.Request) -> web.StreamResponse:
        await over.wait()
        return web.Response()

    receiver.always = hang
    error = await fault(receiver.url, notifications(timeout=0.5))
    over.set()

    assert not error.non_retryable
    assert error.message == "127.0.0.1 did not answer in time"


async def test_a_service_that_drips_its_answer_is_given_up_as_well(receiver: Receiver) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not writer.is_closing():
            writer.write(b"H")
            await asyncio.sleep(0.05)

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        error = await fault(f"http://127.0.0.1:{port}/", notifications(timeout=1))

    assert not error.non_retryable


async def test_the_body_of_an_answer_is_not_read(receiver: Receiver) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        stream = web.StreamResponse()
        await stream.prepare(request)
        while True:
            await stream.write(b"x" * 65536)

    receiver.always = endless

    await told(receiver.url)

    assert len(receiver.requests) == 1


async def test_nobody_there_is_tried_again() -> None:
    error = await fault("http://127.0.0.1:1/")

    assert not error.non_retryable
    assert "ClientConnectorError" in error.message


LITERALS = (
    *("127.0.0.1", "127.1", "127.8.9.10", "2130706433", "0x7f000001", "0177.0.0.1", "localhost"),
    *("0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254"),
    *("192.0.0.8", "198.18.0.1", "203.0.113.5", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
    *("[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:a9fe:a9fe]", "[::127.0.0.1]"),
    *("[fe80::1]", "[fec0::1]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]"),
    *("[64:ff9b::127.0.0.1]", "[64:ff9b:1::1]", "[2002:7f00:1::1]", "[2001::1]", "[2001:db8::1]"),
)


@pytest.mark.parametrize("host", LITERALS)
async def test_no_spelling_of_a_private_address_is_reached(receiver: Receiver, host: str) -> None:
    error = await fault(f"https://{host}:{receiver.port}/", notifications(PUBLIC_ONLY))

    assert error.non_retryable
    assert error.type == "NotAllowed"
    assert receiver.requests == []


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["::1"], ["127.0.0.1", "::1"], ["169.254.169.254"], ["::ffff:10.0.0.1"]],
    ids=str,
)
async def test_no_name_of_a_private_address_is_reached(
    receiver: Receiver, addresses: list[str]
) -> None:
    by = notifications(PUBLIC_ONLY, names=Names(addresses))

    error = await fault(f"https://shop.example.com:{receiver.port}/", by)

    assert error.non_retryable
    assert error.message == "shop.example.com has a private address"
    assert receiver.requests == []


async def test_a_name_that_turns_private_after_a_first_look_is_not_reached(
    receiver: Receiver,
) -> None:
    """The address that is looked at is the one that is connected to, at every request."""
    names = Names("127.0.0.2", "127.0.0.1")

    with pytest.raises(ClientConnectorError):
        await posted(receiver, names)
    with pytest.raises(NotAllowed):
        await posted(receiver, names)

    assert names.asked == 2
    assert receiver.requests == []


async def test_a_private_address_beside_a_public_one_is_left_out(receiver: Receiver) -> None:
    with pytest.raises(ClientConnectorError):
        await posted(receiver, Names(["127.0.0.1", "127.0.0.2"]))

    assert receiver.requests == []


async def posted(receiver: Receiver, names: Names) -> None:
    """As if 127.0.0.2, where nobody listens, was public, and 127.0.0.1 private."""
    url = URL(f"http://shop.example.com:{receiver.port}/")
    await post(url, b"{}", {}, may_reach=lambda address: address != "127.0.0.1", resolver=names)


async def test_a_host_that_is_allowed_may_be_private_and_plain(receiver: Receiver) -> None:
    allowed = Targets(private=("orders.internal",))
    by = notifications(allowed, names=Names("127.0.0.1"))

    await told(f"http://orders.internal:{receiver.port}/a", by)
    error = await fault(f"http://other.internal:{receiver.port}/b", by)

    assert [path for path, _, _ in receiver.requests] == ["/a"]
    assert error.non_retryable
    assert "should be an https URL" in error.message


async def test_without_a_secret_nothing_is_told(receiver: Receiver) -> None:
    error = await fault(receiver.url, notifications(Targets(signs=False)))

    assert error.non_retryable
    assert "NOTIFY_SECRET" in error.message
    assert receiver.requests == []


@pytest.mark.parametrize(
    "url", ["https://" + "a" * 64 + ".example.com/", "https://a..example.com/"]
)
async def test_a_name_that_cannot_be_one_fails_with_few_words(url: str) -> None:
    error = await fault(url, notifications(PUBLIC_ONLY))

    assert error.message.endswith(("cannot be a name", "ClientConnectorDNSError"))


async def test_proxies_of_the_environment_are_not_used(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They would be asked for addresses that nobody has looked at."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    await told(receiver.url)

    assert len(receiver.requests) == 1


async def test_certificates_are_checked(tmp_path: Path) -> None:
    async with Receiver().serving(self_signed(tmp_path, "shop.example.com")) as receiver:
        by = notifications(names=Names("127.0.0.1"))
        error = await fault(f"https://shop.example.com:{receiver.port}/", by)

    assert not error.non_retryable
    assert "CertificateError" in error.message
    assert receiver.requests == []


async def test_one_host_has_a_part_of_the_requests_so_that_others_have_theirs(
    receiver: Receiver,
) -> None:
    over = asyncio.Event()

    async def hang(_: web.Request) -> web.StreamResponse:
        await over.wait()
        return web.Response()

    receiver.always = hang
    by = notifications(at_once=8)
    held = [asyncio.create_task(told(receiver.url, by)) for _ in range(2)]
    await receiver.until(lambda receiver: len(receiver.requests) == 2)
    crowded = await fault(receiver.url, by)
    elsewhere = await fault("http://127.0.0.2:1/", by)
    over.set()
    await asyncio.gather(*held)
    receiver.always = answer(204)
    await told(receiver.url, by)

    assert crowded.next_retry_delay == timedelta(seconds=5)
    assert "ClientConnectorError" in elsewhere.message
    assert len(receiver.requests) == 3


async def test_neither_texts_nor_the_secrets_of_a_url_are_logged_or_raised(
    receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    receiver.always = answer(500)

    error = await fault(f"{receiver.url}?token=hush-hush", notifications())

    said = caplog.text + repr(error)
    assert "hush-hush" not in said
    assert "Grüße" not in said


@pytest.mark.parametrize(
    "address",
    ["93.184.215.14", "8.8.8.8", "2606:4700::1111", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8"],
)
def test_what_is_on_the_internet_is_public(address: str) -> None:
    assert public(address)


@pytest.mark.parametrize("address", ["fe80::1%eth0", "192.88.99.1", "3fff::1", "5f00::1", "100::1"])
def test_special_purposes_are_not_public(address: str) -> None:
    assert not public(address)


FOLLOWING = Targets(private=("127.0.0.1",), redirects=True)


@pytest.mark.parametrize("status", [307, 308])
async def test_a_redirect_is_followed_where_that_is_allowed(
    receiver: Receiver, status: int
) -> None:
    receiver.answers = [answer(status, Location="/elsewhere")]

    await told(receiver.url, notifications(FOLLOWING))

    assert [path for path, _, _ in receiver.requests] == ["/events", "/elsewhere"]
    assert len(receiver.verified()) == 2


async def test_a_redirect_that_would_make_a_get_of_it_is_not_followed(receiver: Receiver) -> None:
    receiver.always = answer(302, Location="/elsewhere")

    failed = await fault(receiver.url, notifications(FOLLOWING))

    assert not failed.non_retryable
    assert len(receiver.requests) == 1


async def test_redirects_come_to_an_end(receiver: Receiver) -> None:
    receiver.always = answer(307, Location="/events")

    failed = await fault(receiver.url, notifications(FOLLOWING))

    assert not failed.non_retryable
    assert len(receiver.requests) == 4


async def test_a_redirect_leads_nowhere_that_the_url_could_not(receiver: Receiver) -> None:
    receiver.answers = [answer(307, Location="http://localhost:1/private")]

    failed = await fault(receiver.url, notifications(FOLLOWING))

    assert (failed.type, failed.non_retryable) == ("NotAllowed", True)
    assert len(receiver.requests) == 1


async def test_who_is_told_of_a_handing_over_gets_the_agents_link(receiver: Receiver) -> None:
    links = Links("a secret of some length", "https://hooks.example.com")
    by = Notifications([Webhook(SECRET)], ANYWHERE, links=links)
    data = AboutHandOver(message_id="order-1", attempt=2, step=1, channel="agent")
    notice = MessageHandedOver(id="evt_3", timestamp=datetime.now(UTC), data=data)

    told = Notification(notify=receiver.url, notice=notice)
    await ActivityEnvironment().run(by.notify, told)

    token = receiver.verified()[0]["data"]["link"].rpartition("/")[2]
    assert links.handled(token) == ("order-1", 2)
