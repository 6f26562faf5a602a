"""SendGrid's answers, events and mails.

After its pages "Event Webhook Reference" and "Setting up the Inbound Parse Webhook".
"""

import json
from functools import partial
from typing import Any

from failover.channels import Channel
from failover.events import FailureClass
from providers.base import Callback
from providers.sendgrid.provider import callbacks
from providers.sendgrid.settings import SendGridSettings
from tests.callbacks_sendgrid import (
    EVENT_KEY,
    INBOUND_KEY,
    sendgrid_events,
    sendgrid_mail,
    sendgrid_settings,
    shown,
)
from tests.canned import Answer
from tests.offers.offer import PUBLIC, Account, Comes, Failed, Never, Offer, Sent


def _settings(url: str, **more: Any) -> SendGridSettings:
    return sendgrid_settings(api_base_url=url, **more)


#: Each key has its own route, and is none on the other.
_OTHER = sendgrid_settings(event_public_key=shown(INBOUND_KEY), inbound_public_key=shown(EVENT_KEY))
SENDGRID = Account(
    name="sendgrid", settings=_settings, stranger=callbacks(_OTHER, PUBLIC), dated=True
)


def _errors(field: str, message: str) -> Answer:
    said = {"message": message, "field": field, "help": None}
    return Answer(400, json.dumps({"errors": [said]}))


def _to(sent: Sent) -> str:
    return str(sent.body["personalizations"][0]["to"][0]["email"])


def _event(sent: Sent, event: str, **more: Any) -> Callback:
    """With the custom arguments of the mail as keys of its own."""
    said = {
        "email": _to(sent),
        "timestamp": 1795349665,
        "smtp-id": "<14c5d75ce93.dfd.64b469@ismtpd-555>",
        "event": event,
        "sg_event_id": "ZGVsaXZlcmVkLTAtMTIzNDU2Nw",
        "sg_message_id": f"{sent.offer.provider_id}.filterdrecv-5645d9c87f-zrbd2-1-5F6CB5F4-17.0",
    }
    return sendgrid_events([{**said, **sent.body["custom_args"], **more}])


def _says(event: str, **more: Any) -> Comes:
    return partial(_event, event=event, **more)


def _wrote(sent: Sent, text: str) -> Callback:
    """Above the mail that it answers."""
    person, ours = _to(sent), sent.body["reply_to"]["email"]
    headers = {
        "From": f"Dana <{person}>",
        "To": ours,
        "Subject": "Re: Can you be home at 9 pm?",
        "Date": "Sun, 22 Nov 2026 18:10:13 -0700",
        "Message-ID": "<CAJ0=4x@mail.example.com>",
    }
    quoted = "On Sun, Nov 22, 2026 at 5:55 PM Deliveries <hello@example.org> wrote:"
    fields = {
        "headers": "".join(f"{name}: {said}\n" for name, said in headers.items()),
        "dkim": "{@example.com : pass}",
        "to": ours,
        "from": headers["From"],
        "text": f"{text}\n\n{quoted}\n\n> Can you be home at 9 pm?\n",
        "subject": headers["Subject"],
        "envelope": json.dumps({"to": [ours], "from": person}),
        "charsets": json.dumps({"to": "UTF-8", "from": "UTF-8", "text": "UTF-8"}),
        "SPF": "pass",
    }
    return sendgrid_mail(fields)


EMAIL = Offer(
    by=SENDGRID,
    channel=Channel.EMAIL,
    accepted=Answer(202, "", {"X-Message-Id": "14c5d75ce93"}),
    provider_id="14c5d75ce93",
    refused=_errors("content", "The content value must be a string at least one character long"),
    # Mail is taken with a 202; anything else that claims success is not SendGrid's.
    unreadable=Answer(200, "", {"X-Message-Id": "14c5d75ce93"}),
    # One that is none; a mailbox that does not exist comes later, as a bounce.
    wrong_address=_errors("personalizations.0.to.0.email", "Does not contain a valid address."),
    opted_out=_says("dropped", reason="Unsubscribed Address", status="5.0.0"),
    delivered=_says("delivered", response="250 OK"),
    read=Never("mail clients and scanners open mails as well"),
    failed=Failed(
        _says(
            "bounce",
            type="bounce",
            reason="550 5.1.1 The email account that you tried to reach does not exist.",
            status="5.1.1",
            bounce_classification="Invalid Address",
        ),
        FailureClass.ADDRESS,
    ),
    unheard=_says("open", useragent="Mozilla/5.0", ip="255.255.255.255"),
    wrote=_wrote,
    pressed=Never("its buttons lead to our own page, of which SendGrid tells nothing"),
    stops=(_says("unsubscribe"), _says("group_unsubscribe", asm_group_id=10), _says("spamreport")),
    to=lambda url: "dana@example.com",
)

OFFERS = (EMAIL,)
