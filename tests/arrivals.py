"""How a provider's code comes to us: in the answer to a send, or later in a callback.

Each goes through the provider's real SDK and sender, or through its real reader with a signature.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import providers.fcm.provider as fcm
import providers.sendgrid.provider as sendgrid
import providers.twilio.provider as twilio
import providers.vonage.provider as vonage
import providers.webpush.provider as webpush
from failover.channels import Channel
from failover.content import Content
from failover.events import DeliveryReport
from providers.base import Accepted, Callback, Outbound, Refused, Sender
from providers.settings import PublicSettings
from providers.twilio.settings import TwilioSettings
from tests.callbacks import BASE_URL, KEY, TOKEN
from tests.callbacks_sendgrid import sendgrid_settings
from tests.callbacks_vonage import vonage_settings
from tests.canned import Answer, Canned
from tests.meant_codes import MEANT, Meant
from tests.push import TOKEN as DEVICE
from tests.push import Browser, fcm_settings, webpush_settings

OURS, PERSON = "+15005550006", "+14155550100"
SID = "0" * 31 + "1"
REFERENCE = "m-1.1"
PUBLIC = PublicSettings.model_validate({"public_base_url": BASE_URL, "address_key": KEY})
CHANNELS = {
    "twilio": Channel.SMS,
    "vonage": Channel.SMS,
    "sendgrid": Channel.EMAIL,
    "fcm": Channel.PUSH,
    "webpush": Channel.PUSH,
}


@dataclass(frozen=True)
class Told:
    """One code of one list, in an answer (`Answer`) or in a callback."""

    provider: str
    section: str
    code: str
    by: Answer | Callback
    file: str = "codes.toml"

    def __str__(self) -> str:
        return f"{self.provider} {self.section} {self.code}"

    @property
    def known(self) -> Meant:
        """By the second list, not by the table that is tested."""
        by = "network" if self.file == "sip.toml" else self.provider
        return MEANT[by, self.section][self.code]

    @property
    def channel(self) -> Channel:
        return CHANNELS[self.provider]


def send(edge: Canned, told: Told) -> Accepted | Refused:
    """What the sender makes of this answer. Raises as senders do."""
    assert isinstance(told.by, Answer)
    edge.answer, edge.answers["/token"] = told.by, Answer(200, '{"access_token": "ya29"}')
    to = {
        "sendgrid": "dana@example.com",
        "fcm": DEVICE,
        "webpush": Browser(f"{edge.url}/push/1").address,
    }
    outbound = Outbound(
        reference=REFERENCE,
        channel=told.channel,
        provider=told.provider,
        to=to.get(told.provider, PERSON),
        content=Content(text="Can you be home at 9 pm?"),
        valid_for=timedelta(minutes=20),
    )
    return _senders(edge.url, told.provider)[told.channel].send(outbound)


def reported(told: Told) -> DeliveryReport:
    """What the reader makes of this callback."""
    assert isinstance(told.by, Callback)
    [event] = _readers()[told.provider].read(told.by)
    assert isinstance(event, DeliveryReport)
    return event


@cache
def _senders(url: str, provider: str) -> dict[Channel, Sender]:
    own: dict[str, Callable[[], dict[Channel, Sender]]] = {
        "twilio": lambda: twilio.senders(_twilio(url), PUBLIC),
        "vonage": lambda: vonage.senders(
            vonage_settings(**{"from": OURS, "api_base_url": url}), PUBLIC
        ),
        "sendgrid": lambda: sendgrid.senders(sendgrid_settings(api_base_url=url), PUBLIC),
        "fcm": lambda: fcm.senders(fcm_settings(url), PUBLIC),
        "webpush": lambda: webpush.senders(webpush_settings(url.removeprefix("http://")), PUBLIC),
    }
    return own[provider]()


@cache
def _readers() -> dict[str, Any]:
    return {
        "twilio": twilio.callbacks(_twilio(None), PUBLIC),
        "vonage": vonage.callbacks(vonage_settings(), PUBLIC),
        "sendgrid": sendgrid.callbacks(sendgrid_settings(), PUBLIC),
    }


def _twilio(url: str | None) -> TwilioSettings:
    given = {"account_sid": f"AC{SID}", "auth_token": TOKEN, "from": OURS, "api_base_url": url}
    return TwilioSettings.model_validate(given)
