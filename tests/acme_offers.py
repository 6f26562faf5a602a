"""Acme's answers and callbacks, by its pages "Send a message", "Errors" and "Callbacks"."""

import json
from functools import partial
from typing import Any

from failover.channels import Channel
from failover.events import FailureClass
from providers.acme.provider import callbacks
from providers.acme.settings import AcmeSettings
from providers.base import Callback
from tests.callbacks_acme import DELIVERED, ID, SETTINGS, acme_callback
from tests.canned import Answer
from tests.offers.offer import PUBLIC, Account, Failed, Never, Offer, Sent


def settings(url: str, **more: Any) -> AcmeSettings:
    return AcmeSettings.model_validate({**SETTINGS, "api_base_url": url, **more})


_OTHER = settings("http://127.0.0.1:1", callback_secret="what another account signs with")
ACME = Account(name="acme", settings=settings, stranger=callbacks(_OTHER, PUBLIC), dated=True)


def _refusal(code: str) -> Answer:
    return Answer(400, json.dumps({"code": code, "message": "in Acme's words"}))


def _status(sent: Sent, status: str, **more: str) -> Callback:
    kept = {name: sent.body[name] for name in ("to", "from", "reference")}
    return acme_callback("status", {**DELIVERED, **kept, "status": status, **more})


def _inbound(sent: Sent, text: str) -> Callback:
    addresses = {"from": sent.body["to"], "to": sent.body["from"]}
    said = {
        "message": "in_1",
        "reference": sent.body["reference"],
        "text": text,
        "at": DELIVERED["at"],
    }
    return acme_callback("inbound", {**said, **addresses})


OFFERS = [
    Offer(
        by=ACME,
        channel=Channel.SMS,
        accepted=Answer(201, json.dumps({"id": ID, "status": "queued"})),
        provider_id=ID,
        refused=_refusal("text_too_long"),
        unreadable=Answer(201, "<html>"),
        wrong_address=_refusal("invalid_recipient"),
        opted_out=_refusal("unsubscribed"),
        delivered=partial(_status, status="delivered"),
        read=Never("an SMS has no read receipts"),
        failed=Failed(
            partial(_status, status="failed", code="switched_off"), FailureClass.UNREACHABLE
        ),
        unheard=partial(_status, status="pondering"),
        wrote=_inbound,
        pressed=Never("its choices are lines of the text, and are answered in words"),
    )
]
