"""Messages by Twilio, on every channel but calls: one request a send, found again by recipient,
time and text.

Before it there may be requests for the template that shows the choices; they send nothing.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from twilio.rest import Client

from failover.channels import Channel
from failover.media import Media
from providers.base import (
    Accepted,
    LookUpImpossible,
    Outbound,
    ProviderUnavailable,
    Refused,
    SendUnknown,
)
from providers.media import attached, saying
from providers.postback import reply_key
from providers.reply_keys import pair_key, reply_token, sent_key
from providers.twilio.addresses import callback_url, channel_address
from providers.twilio.contents import Contents
from providers.twilio.errors import ended, found, sent
from providers.twilio.filled import MARKED, Filled, filled
from providers.wording import as_text

NAME = "twilio"

#: What Twilio takes as `ValidityPeriod`, in seconds (Messages resource).
_VALID = range(1, 36001)
#: ContentSid, ContentVariables: refused for the template, and not for what is said.
_OF_TEMPLATES = ("21654", "21655", "21656")
#: Files that go with one message (pages "Accepted content types for media" and "Send and receive
#: media messages": one on the channels with a prefix). An SMS with one would be an MMS.
_MEDIA = {Channel.MMS: 10, Channel.WHATSAPP: 1, Channel.RCS: 1, Channel.MESSENGER: 1}
#: Twilio's clock and ours may differ, and its times are whole seconds.
CLOCKS = timedelta(minutes=1)


class Messages:
    """The sender of one channel. `sender` is a number, an id, or a Messaging Service (`MG...`).

    With `contents` it shows choices as buttons and lists.
    """

    def __init__(
        self,
        client: Client,
        channel: Channel,
        sender: str,
        *,
        base_url: str,
        key: str,
        contents: Contents | None = None,
    ) -> None:
        self._messages, self._contents = client.messages, contents
        self._channel, self._base_url, self._key = channel, base_url, key
        service = sender.startswith("MG")
        self._ours = sender if service else channel_address(channel, sender)
        self._from = {"messaging_service_sid" if service else "from_": self._ours}

    def send(self, outbound: Outbound) -> Accepted | Refused:
        media, plain = divided(outbound)
        kept = self._kept(outbound)
        rich = None if kept else self._rich(media, plain)
        sid = self._contents.sid(rich) if self._contents and rich else None
        made = _as_template(sid, rich) if sid and rich else None
        said = kept or made or self._as_text(media, plain)
        took = sent(
            lambda: self._messages.create(
                to=channel_address(self._channel, outbound.to),
                status_callback=callback_url(self._base_url, "status", outbound.reference),
                validity_period=validity(outbound.valid_for),
                **said,
                **self._from,
            )
        )
        if not isinstance(took, Refused):
            took = ended(took) or self._accepted(outbound, took)
        if isinstance(took, Refused) and took.failure.code in _OF_TEMPLATES:
            self._without_the_template(rich, took)
        return took

    def _kept(self, outbound: Outbound) -> dict[str, str] | None:
        """The service's own template, on the channels that have any."""
        kept = outbound.content.template and outbound.content.template.twilio
        if not kept or not self._contents:
            return None
        return {"content_sid": kept.sid, "content_variables": json.dumps(kept.variables)}

    def _rich(self, media: Sequence[Media], outbound: Outbound) -> Filled | None:
        """Twilio takes either a template or files of ours beside the text."""
        if not self._contents:
            return None
        token = reply_token(self._key, outbound.reference) if self._channel in MARKED else None
        return filled(outbound, files=media, token=token)

    def _as_text(self, media: Sequence[Media], outbound: Outbound) -> dict[str, Any]:
        said: dict[str, Any] = {"body": as_text(outbound)}
        if media:
            return {**said, "media_url": [one.url for one in media]}
        return {**said, "send_as_mms": True} if self._channel == Channel.MMS else said

    def _without_the_template(self, rich: Filled | None, refused: Refused) -> None:
        """Not taken: the next try is made without it, as lines of text."""
        if self._contents and rich:
            self._contents.refused(rich)
            raise ProviderUnavailable(refused.failure)

    def look_up(self, outbound: Outbound, since: datetime) -> Accepted | None:
        """Twilio has no filter by our reference, and no `DateSent` before it is sent.

        A message is known by its text, which of a template of the service's only Twilio has.
        """
        if self._kept(outbound):
            raise LookUpImpossible("what a template of the service's says is not known here")
        to = channel_address(self._channel, outbound.to)
        by = {"from_": self._ours} if "from_" in self._from else {}
        listed = found(lambda: self._messages.list(to=to, limit=50, page_size=50, **by))
        media, plain = divided(outbound)
        said = self._may_have_said(media, plain)
        ours = (m for m in listed if self._is_ours(m, media) and _body(m).endswith(said))
        match = nearest(ours, since)
        return match and self._accepted(outbound, match)

    def _may_have_said(self, media: Sequence[Media], plain: Outbound) -> tuple[str, ...]:
        """Of a template Twilio lists the text without the choices."""
        rich = self._rich(media, plain)
        return tuple({as_text(plain).strip(), *([rich.said] if rich else [])})

    def _is_ours(self, message: Any, media: Sequence[Media]) -> bool:
        # SMS and MMS have the same two numbers, and two steps may have the same text. With files
        # it is MM; whether `SendAsMms` without one is, no page of Twilio's says.
        mms = str(message.sid).startswith("MM")
        other = {Channel.SMS: mms, Channel.MMS: bool(media) and not mms}.get(self._channel, False)
        if message.direction == "inbound" or other:
            return False
        return "from_" in self._from or message.messaging_service_sid == self._ours

    def _accepted(self, outbound: Outbound, message: Any) -> Accepted:
        if not isinstance(message.sid, str) or not message.sid:
            raise SendUnknown("an answer without a sid")
        theirs = message.from_ if isinstance(message.from_, str) else None
        ours = dict.fromkeys(filter(None, (self._ours, theirs)))
        pairs = (pair_key(self._key, self._channel, outbound.to, sender) for sender in ours)
        marks = [reply_key(self._key, outbound.reference)] if self._channel in MARKED else []
        keys = (*pairs, sent_key(self._key, NAME, message.sid), *marks)
        return Accepted(provider_id=message.sid, reply_keys=tuple(dict.fromkeys(keys)))


def divided(outbound: Outbound) -> tuple[Sequence[Media], Outbound]:
    """The files that go with it, and the send with all that is said of them in its text."""
    media, rest = attached(outbound, _MEDIA.get(outbound.channel, 0))
    return media, saying(rest, *(one.caption for one in media))


def _body(message: Any) -> str:
    return (message.body or "").strip()


def _as_template(sid: str, rich: Filled) -> dict[str, str]:
    return {"content_sid": sid, "content_variables": rich.content_variables}


def validity(valid_for: timedelta) -> int:
    return max(_VALID.start, min(int(valid_for.total_seconds()), _VALID.stop - 1))


def nearest(listed: Iterable[Any], since: datetime) -> Any:
    """The message or call that began nearest to `since`, and not before it; None if none did."""
    dated = [made for made in listed if made.date_created and made.date_created > since - CLOCKS]
    return min(dated, key=lambda made: abs(made.date_created - since), default=None)
