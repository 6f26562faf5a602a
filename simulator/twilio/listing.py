"""A page of a Twilio list: filters by To, From and time, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from starlette.responses import JSONResponse

from simulator.records import Sent
from simulator.twilio.form import address, plain


@dataclass(frozen=True)
class Listing:
    path: str
    query: list[tuple[str, str]]
    number: int
    size: int
    found: Sequence[Sent]

    @property
    def shown(self) -> Sequence[Sent]:
        return self.found[self.number * self.size : (self.number + 1) * self.size]

    def page(self, name: str, resources: list[dict[str, Any]]) -> JSONResponse:
        start = self.number * self.size
        more = len(self.found) > start + self.size
        body = {
            name: resources,
            "start": start,
            "end": start + max(0, len(resources) - 1),
            "page": self.number,
            "page_size": self.size,
            "uri": self._uri(self.number),
            "first_page_uri": self._uri(0),
            "next_page_uri": self._uri(self.number + 1) if more else None,
            "previous_page_uri": self._uri(self.number - 1) if self.number else None,
        }
        return JSONResponse(body)

    def _uri(self, number: int) -> str:
        kept = [(key, value) for key, value in self.query if key not in ("Page", "PageSize")]
        return f"{self.path}?{urlencode([*kept, ('PageSize', self.size), ('Page', number)])}"


def listing(request: Request, kept: Sequence[Sent], time_field: str) -> Listing:
    query = request.query_params
    found = [
        sent
        for sent in reversed(kept)
        if _matches(sent, query.get("To"), sent.to)
        and _matches(sent, query.get("From"), sent.sender)
        and _in_time(sent.sent_at, time_field, dict(query))
        and sent.looked_up()
    ]
    size = min(max(int(query.get("PageSize", 50)), 1), 1000)
    return Listing(request.url.path, query.multi_items(), int(query.get("Page", 0)), size, found)


def _matches(sent: Sent, asked: str | None, has: str) -> bool:
    if not asked:
        return True
    channel = address(asked)[0]
    same_channel = sent.channel in ("sms", "mms", "voice") if channel == "sms" else True
    return plain(asked) == has and (same_channel and channel in ("sms", sent.channel))


def _in_time(sent_at: datetime | None, field: str, query: dict[str, str]) -> bool:
    """A message not sent yet has no date: a filter by date never finds it."""
    day, after, before = (query.get(field + sign) for sign in ("", ">", "<"))
    if not (day or after or before):
        return True
    if sent_at is None:
        return False
    sent_at = sent_at.replace(microsecond=0)
    if day and sent_at.date() != _moment(day).date():
        return False
    if after and sent_at < _moment(after).replace(microsecond=0):
        return False
    return not before or sent_at <= _moment(before) + (_whole_day(before))


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _whole_day(text: str) -> timedelta:
    return timedelta(days=1) if len(text) == len("2026-01-31") else timedelta()
