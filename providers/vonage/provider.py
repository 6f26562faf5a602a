"""Vonage: SMS and WhatsApp by its Messages API, calls by its Voice API."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import ValidationError
from vonage_http_client.errors import HttpRequestError
from vonage_messages.models import BaseMessage

from failover.channels import Channel
from providers.base import (
    Accepted,
    CallbackReader,
    LookUpImpossible,
    Outbound,
    Refused,
    Sender,
    SendUnknown,
)
from providers.integration import Callbacks, Integration
from providers.postback import marked, reply_key
from providers.reply_keys import pair_key, sent_key
from providers.settings import PublicSettings
from providers.vonage import errors
from providers.vonage.call_urls import CallUrls
from providers.vonage.callbacks import VonageCallbacks
from providers.vonage.client import Line
from providers.vonage.envelope import common
from providers.vonage.messages import WRITERS
from providers.vonage.posting import posted, unfit
from providers.vonage.routes import NCCO, ROUTES
from providers.vonage.settings import VonageSettings
from providers.vonage.voice import Calls

NAME = "vonage"


def senders(settings: VonageSettings, public: PublicSettings) -> dict[Channel, Sender]:
    """One sender for each channel that has a sender of ours."""
    line, secret = Line(settings), public.address_key.get_secret_value()
    status_url = f"{public.public_base_url}/vonage/status"
    offered: dict[Channel, Sender] = {
        channel: MessagesSender(line, secret, ours, status_url, settings.api_key)
        for channel in WRITERS
        if (ours := settings.sender_of(channel))
    }
    if number := settings.sender_of(Channel.VOICE):
        offered[Channel.VOICE] = Calls(line, CallUrls(secret, public.public_base_url), number)
    return offered


def callbacks(settings: VonageSettings, public: PublicSettings) -> CallbackReader:
    previous, secret = settings.signature_secret_previous, public.address_key.get_secret_value()
    return VonageCallbacks(
        secret=secret,
        call_urls=CallUrls(secret, public.public_base_url),
        signature_secrets=tuple(
            known.get_secret_value() for known in (settings.signature_secret, previous) if known
        ),
    )


@dataclass(frozen=True)
class MessagesSender:
    """One channel of the Messages API, from one sender of ours."""

    line: Line
    secret: str
    ours: str
    status_url: str
    account: str | None = None

    def send(self, outbound: Outbound) -> Accepted | Refused:
        try:
            write = WRITERS[outbound.channel]
            message = write(self._marked(outbound), common(outbound, self.ours, self.status_url))
        except ValidationError as error:
            return Refused(failure=unfit(error))
        return self._post(outbound, message)

    def look_up(self, outbound: Outbound, since: datetime) -> Accepted | None:
        """By the Reports API, whose records bring our reference back; it knows a day at most."""
        start = since - timedelta(minutes=1)
        end = min(datetime.now(UTC) + timedelta(minutes=1), start + timedelta(hours=24))
        query = {
            "product": "MESSAGES",
            "direction": "outbound",
            "date_start": _moment(start),
            "date_end": _moment(end),
        }
        if self.account:
            query["account_id"] = self.account
        records, more = self._reported(query)
        for record in records:
            found = record.get("message_uuid") or record.get("message_id")
            if record.get("client_ref") == outbound.reference and isinstance(found, str):
                return self._accepted(outbound, found)
        if more:  # not among the first of many is no denial
            raise LookUpImpossible
        return None

    def _marked(self, outbound: Outbound) -> Outbound:
        """Where a press names no message, what it brings back does."""
        return marked(self.secret, outbound) if outbound.channel == Channel.RCS else outbound

    def _post(self, outbound: Outbound, message: BaseMessage) -> Accepted | Refused:
        took = posted(self.line, lambda: self.line.vonage.messages.send(message))
        if isinstance(took, Refused):
            return took
        if not took.message_uuid:
            raise SendUnknown("an answer without a message_uuid")
        return self._accepted(outbound, took.message_uuid)

    def _reported(self, query: dict[str, str]) -> tuple[list[dict[str, object]], bool]:
        """The records of the first page, and whether there are more."""
        edge, auth = self.line.vonage.http_client, "basic" if self.account else "jwt"
        try:
            said = edge.get(self.line.host, "/v2/reports/records", query, auth, "query_params")
            records = [record for record in said["records"] if isinstance(record, dict)]
            return records, bool((said.get("_links") or {}).get("next"))
        except HttpRequestError as error:
            errors.not_looked_up(error.response)
        except Exception as error:
            raise errors.unreachable(error) from None

    def _accepted(self, outbound: Outbound, message_uuid: str) -> Accepted:
        pair = pair_key(self.secret, outbound.channel, outbound.to, self.ours)
        keys = [pair, sent_key(self.secret, NAME, message_uuid)]
        if outbound.channel == Channel.RCS:
            keys.append(reply_key(self.secret, outbound.reference))
        return Accepted(provider_id=message_uuid, reply_keys=tuple(keys))


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


PROVIDER = Integration(
    name=NAME,
    title="Vonage",
    settings=VonageSettings,
    senders=senders,
    # Vonage does not repeat after a 401; what comes without a token it repeats, signed, after a
    # 503.
    callbacks=Callbacks(NAME, ROUTES, callbacks, bearer=True, forged=401, taken=NCCO),
)
