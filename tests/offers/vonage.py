"""Vonage's answers and callbacks, of messages; `vonage_voice.py` has those of calls.

After the Messages API's specification 1.20.0 and the tests of Vonage/vonage-java-sdk at 609f524.
"""

import json
from functools import partial
from typing import Any

from failover.channels import Channel
from failover.content import Choice
from failover.events import FailureClass
from providers.base import Callback
from providers.vonage.provider import callbacks
from providers.vonage.settings import VonageSettings
from tests.callbacks import BASE_URL
from tests.callbacks_vonage import UUID, vonage_callback, vonage_settings
from tests.canned import Answer
from tests.offers.offer import (
    ON_THE_PAGE,
    OURS,
    PAGE,
    PUBLIC,
    Account,
    Comes,
    Failed,
    Never,
    Offer,
    Sent,
)
from tests.offers.reasons import HEARD, IN_WORDS, KEYS_ALONE, NO_RECEIPTS

ANSWERED = "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ac"


def _settings(url: str, **more: Any) -> VonageSettings:
    given = {"from": OURS, "whatsapp_from": OURS, "messenger_from": PAGE, "api_base_url": url}
    named = {"viber_from": "Deliveries", "rcs_from": "Deliveries"}
    return vonage_settings(**given, **named, **more)


_OTHER = vonage_settings(signature_secret="another account's secret of 32 bytes")
VONAGE = Account(name="vonage", settings=_settings, stranger=callbacks(_OTHER, PUBLIC), dated=True)


def problem(status: int, about: str, title: str, **more: Any) -> Answer:
    page = "https://developer.vonage.com/api-errors"
    said = {"type": f"{page}{about}", "title": title, "detail": "No", "instance": UUID}
    return Answer(status, json.dumps({**said, **more}))


def posted(url: str, said: dict[str, Any]) -> Callback:
    """To a URL that we gave."""
    timed = {"timestamp": "2026-11-22T12:14:25.010Z", **said}
    return vonage_callback(url.removeprefix(f"{BASE_URL}/vonage/"), timed)


def _status(sent: Sent, status: str, **more: Any) -> Callback:
    kept = {name: sent.body[name] for name in ("to", "from", "channel", "client_ref")}
    said = {"message_uuid": sent.offer.provider_id, "status": status, **kept}
    usage = {"usage": {"currency": "EUR", "price": "0.0333"}}
    return posted(sent.body["webhook_url"], {**said, **usage, **more})


def _rejected(code: int) -> Comes:
    """The title is a number here, as in the tests of Vonage's own SDK."""
    page = "https://developer.vonage.com/api-errors/messages"
    error = {"type": f"{page}#{code}", "title": code, "detail": "No", "instance": UUID}
    return partial(_status, status="rejected", error=error)


def _inbound(sent: Sent, text: str | None = None, **more: Any) -> Callback:
    told = {"to": sent.body["from"], "from": sent.body["to"], "channel": sent.body["channel"]}
    words = {"message_type": "text", "text": text} if text is not None else {}
    said = {"message_uuid": ANSWERED, **told, **words, **more}
    return posted(f"{BASE_URL}/vonage/inbound", said)


def _on_whatsapp(sent: Sent, text: str | None = None, **more: Any) -> Callback:
    number = sent.body["to"]
    sender = {"user_id": "US.13491208655302741918", "wa_id": number}
    about = {"profile": {"name": "Dana"}, "whatsapp": {"sender": sender}}
    return _inbound(sent, text, **about, **more)


def _pressed_on_whatsapp(sent: Sent, choice: Choice) -> Callback:
    """A button or a row of a list; either quotes what it is below."""
    action = sent.body["custom"]["interactive"]["action"]
    offered = [one["reply"] for one in action.get("buttons", [])]
    offered += [row for section in action.get("sections", []) for row in section["rows"]]
    [reply] = (one for one in offered if one["title"] == choice.label)
    quoted = {"message_uuid": sent.offer.provider_id, "message_from": sent.body["from"]}
    return _on_whatsapp(sent, message_type="reply", reply=reply, context=quoted)


def _pressed_on_rcs(sent: Sent, choice: Choice) -> Callback:
    [shown] = (one for one in sent.body["suggestions"] if one["text"] == choice.label)
    reply = {"id": shown["postback_data"], "title": shown["text"]}
    return _inbound(sent, message_type="reply", reply=reply)


SMS = Offer(
    by=VONAGE,
    channel=Channel.SMS,
    accepted=Answer(202, json.dumps({"message_uuid": UUID})),
    provider_id=UUID,
    refused=problem(422, "/messages#1090", "Message too long"),
    unreadable=Answer(202, "<html>"),
    wrong_address=problem(
        422,
        "/messages#1170",
        "Invalid or Missing MSISDN Param",
        invalid_parameters=[{"name": "to", "reason": "invalid value"}],
    ),
    opted_out=_rejected(1240),
    delivered=partial(_status, status="delivered"),
    read=NO_RECEIPTS,
    failed=Failed(_rejected(1210), FailureClass.POLICY),
    unheard=partial(_status, status="pondering"),
    wrote=_inbound,
    pressed=IN_WORDS,
)
MMS = SMS.but(
    channel=Channel.MMS,
    failed=Failed(partial(_status, status="undeliverable"), FailureClass.PROVIDER),
)
WHATSAPP = SMS.but(
    channel=Channel.WHATSAPP,
    refused=problem(422, "/messages#1022", "Invalid Template Params"),
    read=partial(_status, status="read"),
    failed=Failed(_rejected(1340), FailureClass.POLICY),
    wrote=_on_whatsapp,
    pressed=_pressed_on_whatsapp,
)
VIBER = SMS.but(
    channel=Channel.VIBER,
    read=partial(_status, status="read"),
    failed=Failed(_rejected(1360), FailureClass.EXPIRED),
    pressed=Never("its button leads to our page of a confirm link, which not every message has"),
)
RCS = SMS.but(
    channel=Channel.RCS,
    read=partial(_status, status="read"),
    failed=Failed(_rejected(1310), FailureClass.ADDRESS),
    pressed=_pressed_on_rcs,
)
MESSENGER = SMS.but(
    channel=Channel.MESSENGER,
    refused=problem(
        422,
        "/messages#1021",
        "Invalid Tag",
        invalid_parameters=[{"name": "messenger.tag", "reason": "invalid value"}],
    ),
    read=partial(_status, status="read"),
    failed=Failed(_rejected(1340), FailureClass.POLICY),
    pressed=Never("its API has no buttons there"),
    to=lambda url: ON_THE_PAGE,
)


def _event(sent: Sent, **said: Any) -> Callback:
    [url] = sent.body["event_url"]
    call = {"uuid": UUID, "conversation_uuid": f"CON-{UUID}", "direction": "outbound"}
    return posted(url, {**call, **said})


def _key(sent: Sent, choice: Choice) -> Callback:
    """The NCCO's own URL; `from` and `to` are those of the call."""
    [url] = sent.body["ncco"][-1]["eventUrl"]
    [person] = sent.body["to"]
    parties = {"to": person["number"], "from": sent.body["from"]["number"]}
    keyed = {"dtmf": {"digits": str(sent.number(choice)), "timed_out": False}}
    return posted(url, {"uuid": UUID, "conversation_uuid": f"CON-{UUID}", **parties, **keyed})


_PLACED = {"uuid": UUID, "status": "started", "direction": "outbound", "conversation_uuid": "C"}
VOICE = SMS.but(
    channel=Channel.VOICE,
    accepted=Answer(201, json.dumps(_PLACED)),
    refused=problem(400, "", "Bad Request", invalid_parameters=[{"name": "ncco[0].text"}]),
    unreadable=Answer(201, json.dumps({"uuid": UUID})),
    wrong_address=problem(400, "", "Bad Request", invalid_parameters=[{"name": "to[0].number"}]),
    opted_out=KEYS_ALONE,
    delivered=partial(_event, status="human", call_uuid=UUID),
    read=HEARD,
    failed=Failed(
        partial(_event, status="unanswered", detail="unavailable", sip_code=480),
        FailureClass.UNREACHABLE,
    ),
    unheard=partial(_event, status="pondering"),
    wrote=KEYS_ALONE,
    pressed=_key,
)

OFFERS = (SMS, MMS, WHATSAPP, VIBER, RCS, MESSENGER, VOICE)
