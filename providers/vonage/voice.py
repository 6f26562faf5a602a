"""Calls by Vonage that read the message aloud and take a pressed key for an answer."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import ValidationError
from vonage_http_client.errors import HttpRequestError
from vonage_voice.models import CreateCallRequest, Phone, ToPhone

from failover.channels import Channel
from providers import calling
from providers.base import Accepted, LookUpImpossible, Outbound, Refused, SendUnknown
from providers.reply_keys import pair_key, sent_key
from providers.vonage import errors, ncco
from providers.vonage.call_urls import CallUrls
from providers.vonage.calls import not_heard
from providers.vonage.client import Line
from providers.vonage.posting import posted, unfit

#: Records in a page of a look-up, and pages before it is given up.
_PAGE, _PAGES = 100, 10
#: Vonage's clock and ours may differ.
_CLOCKS = timedelta(minutes=1)


@dataclass(frozen=True)
class Calls:
    """The sender of the channel voice."""

    line: Line
    urls: CallUrls
    ours: str

    def send(self, outbound: Outbound) -> Accepted | Refused:
        try:
            request = self._request(outbound)
        except ValidationError as error:
            return Refused(failure=unfit(error))
        placed = posted(self.line, lambda: self.line.vonage.voice.create_call(request))
        if isinstance(placed, Refused):
            return placed
        # A call that is over in the answer that takes it.
        if why := not_heard({}, placed.status):
            return Refused(failure=why)
        if not placed.uuid:
            raise SendUnknown("an answer without a uuid")
        return self._accepted(outbound, placed.uuid)

    def look_up(self, outbound: Outbound, since: datetime) -> Accepted | None:
        """The newest call to the person from our number: Vonage has no filter by either."""
        end = datetime.now(UTC) + _CLOCKS
        query = {"date_start": _moment(since - _CLOCKS), "date_end": _moment(end), "order": "desc"}
        for page in range(_PAGES):
            at = {"page_size": str(_PAGE), "record_index": str(page * _PAGE)}
            calls, more = self._listed(query | at)
            for call in calls:
                if uuid := self._is_ours(call, outbound):
                    return self._accepted(outbound, uuid)
            if not more:
                return None
        raise LookUpImpossible  # not among the first of many is no denial

    def _request(self, outbound: Outbound) -> CreateCallRequest:
        url = self.urls.of(outbound)
        return CreateCallRequest(
            ncco=ncco.question(outbound.content, outbound.locale, url),
            to=[ToPhone(number=outbound.to.removeprefix("+"))],
            from_=Phone(number=self.ours.removeprefix("+")),
            event_url=[url],
            event_method="POST",  # what comes by GET has no body, and is not signed
            machine_detection="hangup",  # which says `machine` first; the advanced one costs extra
            ringing_timer=calling.ring(outbound.valid_for),
            length_timer=calling.LONGEST,
        )

    def _listed(self, query: dict[str, str]) -> tuple[list[dict[str, Any]], bool]:
        """One page, and whether there are more. The SDK's model knows not every kind of call."""
        edge = self.line.vonage.http_client
        try:
            said = edge.get(self.line.host, "/v1/calls", query)
            calls = [call for call in said["_embedded"]["calls"] if isinstance(call, dict)]
            return calls, bool((said.get("_links") or {}).get("next"))
        except HttpRequestError as error:
            errors.not_looked_up(error.response)
        except Exception as error:
            raise errors.unreachable(error) from None

    def _is_ours(self, call: dict[str, Any], outbound: Outbound) -> str | None:
        uuid, to, ours = (call.get(name) for name in ("uuid", "to", "from"))
        wanted = outbound.to.removeprefix("+"), self.ours.removeprefix("+")
        return uuid if (_number(to), _number(ours)) == wanted and isinstance(uuid, str) else None

    def _accepted(self, outbound: Outbound, uuid: str) -> Accepted:
        pair = pair_key(self.urls.secret, Channel.VOICE, outbound.to, self.ours)
        return Accepted(
            provider_id=uuid, reply_keys=(pair, sent_key(self.urls.secret, "vonage", uuid))
        )


def _number(endpoint: Any) -> str | None:
    return endpoint.get("number") if isinstance(endpoint, dict) else None


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
