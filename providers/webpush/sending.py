"""Sends one push to one browser: encrypted and signed by pywebpush, posted by a client of ours.

pywebpush's own posts go wherever the endpoint leads, follow redirects, and wait for three hours.
"""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime

import aiohttp
from py_vapid import Vapid02
from pywebpush import WebPusher
from yarl import URL

from providers.base import Accepted, LookUpImpossible, Outbound, Refused, SendUnknown
from providers.outside import Answered, NotAllowed, post, public
from providers.push.payload import Payload
from providers.push.tickets import Tickets
from providers.reply_keys import pair_key
from providers.request_body import RequestBody
from providers.webpush import errors
from providers.webpush.capabilities import LARGEST, written
from providers.webpush.services import Services
from providers.webpush.settings import WebPushSettings
from providers.webpush.subscription import Subscription

#: Seconds; RFC 8292 has a day at most.
_SIGNED_FOR = 12 * 3600
_LONGEST_ID = 500


@dataclass(frozen=True)
class WebPushSender:
    """An address is a subscription in JSON."""

    vapid: Vapid02
    subject: str
    services: Services
    tickets: Tickets
    timeout: float

    @classmethod
    def by(cls, settings: WebPushSettings, tickets: Tickets) -> "WebPushSender":
        services = Services(settings.own_services)
        return cls(Vapid02(settings.key), settings.subject, services, tickets, settings.timeout)

    def send(self, outbound: Outbound) -> Accepted | Refused:
        if not outbound.to.startswith("{"):
            return errors.known("not_a_subscription")
        to = Subscription.read(outbound.to)
        if to is None:
            return errors.known("bad_subscription")
        if not self.services.allow(to.host, https=to.is_https):
            return errors.known("unknown_service")
        payload = Payload.of(outbound, self.tickets)
        said = written(payload)
        if len(said) > LARGEST:
            return errors.known("too_large")
        answer = self._post(to, payload, said)
        return (
            self._accepted(outbound, answer)
            if answer.status in errors.TAKEN
            else errors.refusal(answer)
        )

    def look_up(self, outbound: Outbound, since: datetime) -> Accepted | None:
        raise LookUpImpossible  # no push service tells what it took; the service worker's word does

    def _post(self, to: Subscription, payload: Payload, said: bytes) -> Answered:
        encrypted = WebPusher(to.model_dump()).encode(said)["body"]
        body = RequestBody(encrypted)
        own = self.services.are_own(to.host)
        request = post(
            # As it is: a token in it may not be spelt in another way.
            URL(to.endpoint, encoded=True),
            body,
            self._headers(to, payload),
            may_reach=(lambda _: True) if own else public,
            within=self.timeout,
        )
        try:
            return asyncio.run(request)
        except NotAllowed as error:
            raise errors.unreachable(error) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            if not body.asked_for:
                raise errors.unreachable(error) from None
            raise SendUnknown(f"webpush: {type(error).__name__}") from None

    def _headers(self, to: Subscription, payload: Payload) -> dict[str, str]:
        expires = int(time.time()) + _SIGNED_FOR
        claims = {"aud": to.origin, "sub": self.subject, "exp": expires}
        signed: dict[str, str] = self.vapid.sign(claims)
        return {
            **signed,
            "Content-Type": "application/octet-stream",
            "Content-Encoding": "aes128gcm",
            "TTL": str(payload.ttl),
            "Urgency": "high",
            "Topic": payload.tag,
        }

    def _accepted(self, outbound: Outbound, answer: Answered) -> Accepted:
        key = pair_key(self.tickets.secret, outbound.channel, outbound.to, outbound.provider)
        return Accepted(provider_id=_id(answer), reply_keys=(key,))


def _id(answer: Answered) -> str | None:
    """The last part of the message's own URL, which as a whole lets anybody delete it."""
    named = (answer.location or "").rstrip("/").rpartition("/")[2]
    return named[:_LONGEST_ID] or None
