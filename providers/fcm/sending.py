"""Sends one push by FCM."""

import json
from dataclasses import dataclass
from datetime import datetime

from providers.base import Accepted, LookUpImpossible, Outbound, Refused, SendUnknown
from providers.fcm import errors
from providers.fcm.client import Dropped, Line, NoToken, NotReached
from providers.fcm.messages import LARGEST, Display, data, size, written
from providers.push.payload import Payload
from providers.push.tickets import Tickets
from providers.reply_keys import pair_key


@dataclass(frozen=True)
class FcmSender:
    """An address is a registration token, as the app has it."""

    line: Line
    tickets: Tickets
    display: Display = "app"

    def send(self, outbound: Outbound) -> Accepted | Refused:
        payload = Payload.of(outbound, self.tickets)
        if outbound.to.startswith("{"):
            return Refused(failure=errors.known("NOT_A_TOKEN"))
        if size(data(payload)) > LARGEST:
            return Refused(failure=errors.known("TOO_LARGE"))
        message = written(payload, outbound.to, self.display)
        try:
            answer = self.line.post(json.dumps(message).encode())
        except NoToken as error:
            return errors.without_a_token(error)
        except NotReached as error:
            raise errors.unreachable(error) from None
        except Dropped as error:
            raise SendUnknown(f"fcm: {error}") from None
        if answer.status_code == 401:
            self.line.forget_token()
        if answer.status_code != 200:
            return errors.refusal(answer)
        return self._accepted(outbound, answer.content)

    def look_up(self, outbound: Outbound, since: datetime) -> Accepted | None:
        raise LookUpImpossible  # FCM tells nobody what it took; the app's word settles it

    def _accepted(self, outbound: Outbound, said: bytes) -> Accepted:
        key = pair_key(self.tickets.secret, outbound.channel, outbound.to, outbound.provider)
        return Accepted(provider_id=_name(said), reply_keys=(key,))


def _name(said: bytes) -> str:
    """`projects/<project>/messages/<id>`."""
    try:
        name = json.loads(said)["name"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise SendUnknown("fcm answered 200 with what cannot be read") from None
    if not isinstance(name, str) or not name:
        raise SendUnknown("fcm answered 200 without a name")
    return name
