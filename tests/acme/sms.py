"""SMS by Acme: one request a send, found again by our reference."""

import json
from dataclasses import dataclass
from datetime import datetime

from providers.acme import errors
from providers.acme.client import Dropped, Line, NotReached
from providers.base import Accepted, Outbound, Refused, SendUnknown
from providers.media import attached
from providers.reply_keys import pair_key
from providers.wording import as_text

#: Seconds that Acme takes as `expires_in` ("Send a message").
_SHORTEST, _LONGEST = 60, 172_800


@dataclass(frozen=True)
class SmsSender:
    """From one number of ours."""

    line: Line
    secret: str
    ours: str
    status_url: str

    def send(self, outbound: Outbound) -> Accepted | Refused:
        try:
            answer = self.line.post(json.dumps(self._written(outbound)).encode())
        except NotReached as error:
            raise errors.unreachable(error) from None
        except Dropped as error:
            raise SendUnknown(f"acme: {error}") from None
        if answer.status_code != 201:
            return errors.refusal(answer)
        try:
            return self._accepted(outbound, json.loads(answer.content)["id"])
        except (ValueError, TypeError, KeyError, RecursionError):
            raise SendUnknown("acme answered 201 with what cannot be read") from None

    def look_up(self, outbound: Outbound, since: datetime) -> Accepted | None:
        """By our reference, which no other message has: `since` is no part of the question."""
        try:
            answer = self.line.get({"reference": outbound.reference})
        except NotReached as error:
            raise errors.unreachable(error) from None
        if answer.status_code != 200:
            errors.not_looked_up(answer)
        try:
            found = [message["id"] for message in json.loads(answer.content)["messages"]]
            return self._accepted(outbound, found[0]) if found else None
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise errors.unreachable(error) from None

    def _written(self, outbound: Outbound) -> dict[str, object]:
        _, rest = attached(outbound, 0)
        valid = int(outbound.valid_for.total_seconds())
        return {
            "to": outbound.to,
            "from": self.ours,
            "text": as_text(rest),
            "reference": outbound.reference,
            "status_url": self.status_url,
            "expires_in": min(max(valid, _SHORTEST), _LONGEST),
        }

    def _accepted(self, outbound: Outbound, id: str) -> Accepted:
        pair = pair_key(self.secret, outbound.channel, outbound.to, self.ours)
        return Accepted(provider_id=id, reply_keys=(pair,))
