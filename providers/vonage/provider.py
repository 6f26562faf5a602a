"""Vonage: SMS and WhatsApp by its Messages API."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NoReturn

import requests
from pydantic import ValidationError
from vonage_http_client.errors import HttpRequestError
from vonage_messages.models import BaseMessage

from failover.channels import Channel
from failover.events import Failure, FailureClass
from providers.base import (
    Accepted,
    CallbackReader,
    LookUpImpossible,
    Outbound,
    Refused,
    Sender,
    SendUnknown,
)
from providers.reply_keys import pair_key, sent_key
from providers.settings import PublicSettings
from providers.vonage import errors
from providers.vonage.callbacks import VonageCallbacks
from providers.vonage.client import Line
from providers.vonage.messages import WRITERS, common
from providers.vonage.settings import VonageSettings

NAME = "vonage"


def senders(settings: VonageSettings, public: PublicSettings) -> dict[Channel, Sender]:
    """One sender for each channel that has a sender of ours."""
    line, secret = Line(settings), public.address_key.get_secret_value()
    status_url = f"{public.public_base_url}/vonage/status"
    return {
        channel: MessagesSender(line, secret, ours, status_url, settings.api_key)
        for channel in WRITERS
        if (ours := settings.sender_of(channel))
    }


def callbacks(settings: VonageSettings, public: PublicSettings) -> CallbackReader:
    previous = settings.signature_secret_previous
    return VonageCallbacks(
        secret=public.address_key.get_secret_value(),
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
            message = write(outbound, common(outbound, self.ours, self.status_url))
        except ValidationError as error:
            return Refused(failure=_unfit(error))
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

    def _post(self, outbound: Outbound, message: BaseMessage) -> Accepted | Refused:
        try:
            answer = self.line.vonage.messages.send(message)
        except HttpRequestError as error:
            return errors.refusal(error.response)
        except Exception as error:
            # Dropped, timed out, redirected, or a success that cannot be read.
            self._raise(error)
        return self._accepted(outbound, answer.message_uuid)

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
        return Accepted(
            provider_id=message_uuid,
            reply_keys=(pair, sent_key(self.secret, NAME, message_uuid)),
        )

    def _raise(self, error: Exception) -> NoReturn:
        if isinstance(error, requests.RequestException) and not self.line.edge.went_out:
            raise errors.unreachable(error) from None
        raise SendUnknown(f"vonage: {type(error).__name__}") from None


def _unfit(error: ValidationError) -> Failure:
    """The SDK's own model refuses it; its message would hold the text and the address."""
    faults = error.errors(include_input=False, include_url=False, include_context=False)
    where = {str(fault["loc"][0]) for fault in faults}
    detail = "; ".join(f"{fault['loc'][0]}: {fault['msg']}" for fault in faults)[:300]
    kind = FailureClass.ADDRESS if "to" in where else FailureClass.CONTENT
    return Failure(kind=kind, detail=detail)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
