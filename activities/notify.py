"""Tells a service of one event: by a signed request, or by a signal to a workflow of its own."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import aiohttp
from aiohttp.abc import AbstractResolver
from standardwebhooks import Webhook
from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.service import RPCError, RPCStatusCode
from yarl import URL

from activities.notification import NOTIFY, Notification
from failover.notices import MessageHandedOver, Notice
from failover.notify import NotifyWorkflow, Targets
from providers.links import Links
from providers.outside import TIMEOUT, Answered, NotAllowed, post, public
from providers.retry_after import retry_after

#: A workflow that is not there may be about to start.
NOT_THERE_YET = timedelta(minutes=10)
_RPC_TIMEOUT = timedelta(seconds=10)
#: Of all requests that are under way at once, those that one host may have.
SHARE = 4
_CROWDED = timedelta(seconds=5)
#: Redirects of one request that are followed, where any are.
HOPS = 3
_ELSEWHERE = (HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT)
_PATIENCE_ASKED = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


class Notifications:
    """Signs with each of `signers`, the current first. `at_once` is the worker's own number.

    `links` makes the one by which an agent takes a conversation over.
    """

    def __init__(
        self,
        signers: Sequence[Webhook],
        targets: Targets,
        at_once: int = 100,
        *,
        links: Links | None = None,
        within: float = TIMEOUT,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._links = links
        self._signers, self._targets = signers, targets
        # All of it together is no longer, with the redirects that may be followed.
        self._within = within / (HOPS + 1) if targets.redirects else within
        self._resolver = resolver
        self._most = max(1, at_once // SHARE)
        self._under_way: Counter[str] = Counter()

    @activity.defn(name=NOTIFY)
    async def notify(self, notification: Notification) -> None:
        """Done when the service took it. Raises ApplicationError, which says no more than a host.

        It is retried but where the service says 410, or where it is against the configuration.
        """
        notify, notice = notification.notify, self._linked(notification.notice)
        if isinstance(notify, NotifyWorkflow):
            await _signal(notify, notice)
        elif fault := self._targets.fault(notify):
            raise _never("NotAllowed", fault)
        else:
            await self._tell(_parsed(notify), notice)

    def _linked(self, notice: Notice) -> Notice:
        """An event in a history has no link: whoever has it may answer for us."""
        if self._links is None or not isinstance(notice, MessageHandedOver):
            return notice
        data = notice.data
        link = self._links.agent(data.message_id, data.attempt)
        return notice.model_copy(update={"data": data.model_copy(update={"link": link})})

    async def _tell(self, url: URL, notice: Notice) -> None:
        host = url.host or ""
        if self._under_way[host] >= self._most:
            raise _again(f"{host} has {self._most} requests under way", _CROWDED)
        self._under_way[host] += 1
        try:
            await self._post(url, host, notice)
        finally:
            self._under_way -= Counter([host])

    async def _post(self, url: URL, host: str, notice: Notice, hops: int = HOPS) -> None:
        body = notice.model_dump_json()
        try:
            answer = await post(
                url,
                body.encode(),
                self._headers(notice, body),
                may_reach=(lambda _: True) if self._targets.lax(host) else public,
                within=self._within,
                resolver=self._resolver,
            )
            there = self._redirected(url, answer) if hops else None
        except NotAllowed:
            raise _never("NotAllowed", f"{host} has a private address") from None
        except (aiohttp.InvalidURL, UnicodeError):
            raise _never("NotAllowed", f"{host} cannot be a name") from None
        except TimeoutError:
            raise _again(f"{host} did not answer in time") from None
        except (aiohttp.ClientError, OSError) as error:
            raise _again(f"{host} cannot be told: {type(error).__name__}") from None
        if there is None:
            _check(host, answer.status, answer.retry_after)
        elif fault := self._targets.fault(str(there)):
            raise _never("NotAllowed", f"{host} redirects: {fault}")
        else:
            await self._post(there, there.host or "", notice, hops - 1)

    def _redirected(self, url: URL, answer: Answered) -> URL | None:
        """Where else it is to be sent, just as it is; what is checked of a URL is checked again."""
        if not self._targets.redirects or answer.status not in _ELSEWHERE or not answer.location:
            return None
        return url.join(URL(answer.location))

    def _headers(self, notice: Notice, body: str) -> dict[str, str]:
        """By the Standard Webhooks specification; while a secret is changed both sign."""
        now = datetime.now(UTC)
        signed = (signer.sign(notice.id, now, body) for signer in self._signers)
        return {
            "content-type": "application/json",
            "user-agent": "message-failover",
            "webhook-id": notice.id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signed),
        }


def _parsed(url: str) -> URL:
    try:
        return URL(url)
    except ValueError:
        raise _never("NotAllowed", "the URL cannot be used") from None


def _check(host: str, status: int, asked: str | None) -> None:
    if 200 <= status < 300:
        return
    if status == HTTPStatus.GONE:
        raise _never("Gone", f"{host} answered 410: it wants no more of this")
    delay = retry_after(asked) if status in _PATIENCE_ASKED else None
    raise _again(f"{host} answered {status}", delay)


async def _signal(notify: NotifyWorkflow, notice: Notice) -> None:
    handle = activity.client().get_workflow_handle(notify.workflow_id)
    told = notice.model_dump(mode="json")
    try:
        await handle.signal(notify.signal, told, rpc_timeout=_RPC_TIMEOUT)
    except RPCError as error:
        info = activity.info()
        late = info.started_time - info.scheduled_time > NOT_THERE_YET
        if error.status == RPCStatusCode.NOT_FOUND and late:
            raise _never("NoSuchWorkflow", f"{notify.workflow_id} is not running") from None
        raise _again(f"{notify.workflow_id} cannot be signalled: {error.status.name}") from None


def _again(what: str, delay: timedelta | None = None) -> ApplicationError:
    return ApplicationError(
        what,
        type="NotTold",
        next_retry_delay=delay,
        category=ApplicationErrorCategory.BENIGN,
    )


def _never(kind: str, what: str) -> ApplicationError:
    return ApplicationError(what, type=kind, non_retryable=True)
