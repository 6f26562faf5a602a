"""Twilio's answers and callbacks.

Built from its pages "Track the message status", "Receive inbound messages" and "Call resource".
What it posts of a pressed reply is documented for WhatsApp alone.
"""

import json
import re
from functools import partial
from typing import Any
from xml.etree import ElementTree

from failover.channels import Channel
from failover.content import Choice
from failover.events import FailureClass
from providers.base import Callback
from providers.twilio.provider import callbacks
from providers.twilio.settings import TwilioSettings
from tests.callbacks import BASE_URL, TOKEN, twilio_callback
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

SID, MADE, LISTED = "00000000000000000000000000000001", "/v1/Content", "/v2/Content"


def _settings(url: str, **more: Any) -> TwilioSettings:
    given = {"account_sid": f"AC{SID}", "auth_token": TOKEN, "from": OURS, "whatsapp_from": OURS}
    others = {"rcs_from": "deliveries_agent", "messenger_from": PAGE, "api_base_url": url}
    return TwilioSettings.model_validate({**given, **others, **more})


TWILIO = Account(
    name="twilio",
    settings=_settings,
    stranger=callbacks(_settings("http://127.0.0.1:1", auth_token="of another account"), PUBLIC),
    dated=False,
    asides={
        LISTED: Answer(200, '{"contents": [], "meta": {"key": "contents", "next_page_url": null}}'),
        MADE: Answer(201, json.dumps({"sid": f"HX{SID}"})),
    },
)


def _refusal(code: int, message: str) -> Answer:
    return Answer(400, json.dumps({"code": code, "message": message, "status": 400}))


def _posted(url: str, fields: dict[str, str]) -> Callback:
    """To a URL that we gave; the fragment is for Twilio alone."""
    route = url.partition("#")[0].removeprefix(f"{BASE_URL}/twilio/")
    given = {"AccountSid": f"AC{SID}", "ApiVersion": "2010-04-01", **fields}
    return twilio_callback(route, given)


def _field(sent: Sent, name: str) -> str:
    return sent.request.field(name) or ""


def _status(sent: Sent, status: str, **more: str) -> Callback:
    sid, to, ours = sent.offer.provider_id, _field(sent, "To"), _field(sent, "From")
    fields = {"MessageSid": sid, "SmsSid": sid, "MessageStatus": status, "SmsStatus": status}
    return _posted(_field(sent, "StatusCallback"), {**fields, "To": to, "From": ours, **more})


def _undelivered(code: int) -> Comes:
    return partial(_status, status="undelivered", ErrorCode=str(code))


def _inbound(sent: Sent, text: str, **more: str) -> Callback:
    sid = f"SM{SID[:-1]}3"
    fields = {"MessageSid": sid, "SmsSid": sid, "SmsMessageSid": sid, "SmsStatus": "received"}
    said = {"Body": text, "NumMedia": "0", "NumSegments": "1"}
    addresses = {"From": _field(sent, "To"), "To": _field(sent, "From")}
    return _posted(f"{BASE_URL}/twilio/inbound", {**fields, **said, **addresses, **more})


def _on_whatsapp(sent: Sent, text: str, **more: str) -> Callback:
    about = {"WaId": _field(sent, "To").removeprefix("whatsapp:+"), "ProfileName": "Dana"}
    return _inbound(sent, text, **about, **{"MessageType": "text", **more})


def _button(sent: Sent, choice: Choice) -> dict[str, str]:
    """Of the template that was made for it."""
    [shown] = sent.to(MADE)["types"].values()
    [pressed] = (one for one in shown["actions"] if one["title"] == choice.label)
    variables = json.loads(_field(sent, "ContentVariables"))
    payload = re.sub(r"{{(\d+)}}", lambda found: variables[found[1]], pressed["id"])
    return {"ButtonText": pressed["title"], "ButtonPayload": payload}


def _pressed(sent: Sent, choice: Choice) -> Callback:
    return _inbound(sent, choice.label, **_button(sent, choice))


def _pressed_on_whatsapp(sent: Sent, choice: Choice) -> Callback:
    kinds = sent.to(MADE)["types"]
    quoted = {
        "OriginalRepliedMessageSid": sent.offer.provider_id,
        "OriginalRepliedMessageSender": _field(sent, "From"),
        "MessageType": "interactive",
    }
    if "twilio/quick-reply" in kinds:
        return _on_whatsapp(sent, choice.label, **_button(sent, choice), **quoted)
    rows = kinds["twilio/list-picker"]["items"]
    [row] = (one for one in rows if one["item"] == choice.label)
    return _on_whatsapp(sent, row["item"], ListId=row["id"], ListTitle=row["item"], **quoted)


SMS = Offer(
    by=TWILIO,
    channel=Channel.SMS,
    accepted=Answer(201, json.dumps({"sid": f"SM{SID}", "status": "queued"})),
    provider_id=f"SM{SID}",
    refused=_refusal(21617, "The concatenated message body exceeds the 1600 character limit."),
    unreadable=Answer(201, "<html>"),
    wrong_address=_refusal(21211, "Invalid 'To' Phone Number"),
    opted_out=_refusal(21610, "Attempt to send to unsubscribed recipient"),
    delivered=partial(_status, status="delivered", RawDlrDoneDate="2611212145"),
    read=NO_RECEIPTS,
    failed=Failed(_undelivered(30007), FailureClass.POLICY),
    unheard=partial(_status, status="pondering"),
    wrote=_inbound,
    pressed=IN_WORDS,
    # With Advanced Opt-Out, which has words of the account's own.
    stops=(partial(_inbound, text="Baja", OptOutType="STOP"),),
)
MMS = SMS.but(
    channel=Channel.MMS,
    accepted=Answer(201, json.dumps({"sid": f"MM{SID}", "status": "queued"})),
    provider_id=f"MM{SID}",
    failed=Failed(_undelivered(30008), FailureClass.UNREACHABLE),
)
WHATSAPP = SMS.but(
    channel=Channel.WHATSAPP,
    wrong_address=_refusal(63003, "Channel could not find To address"),
    read=partial(_status, status="read", EventType="READ", ChannelPrefix="whatsapp"),
    failed=Failed(_undelivered(63016), FailureClass.POLICY),
    wrote=_on_whatsapp,
    pressed=_pressed_on_whatsapp,
)
RCS = SMS.but(
    channel=Channel.RCS,
    read=partial(_status, status="read", EventType="READ", ChannelPrefix="rcs"),
    failed=Failed(_undelivered(63036), FailureClass.UNREACHABLE),
    pressed=_pressed,
)
MESSENGER = SMS.but(
    channel=Channel.MESSENGER,
    wrong_address=_refusal(63003, "Channel could not find To address"),
    opted_out=_undelivered(63014),
    read=Never("read receipts are documented for WhatsApp and RCS"),
    failed=Failed(_undelivered(63016), FailureClass.POLICY),
    pressed=_pressed,
    stops=(),
    to=lambda url: ON_THE_PAGE,
)


def _of_call(sent: Sent) -> dict[str, str]:
    fields = {"CallSid": sent.offer.provider_id, "Direction": "outbound-api"}
    return {**fields, "To": _field(sent, "To"), "From": _field(sent, "From")}


def _call(sent: Sent, status: str, **more: str) -> Callback:
    said = {"CallStatus": status, "CallbackSource": "call-progress-events", **more}
    return _posted(_field(sent, "StatusCallback"), {**_of_call(sent), **said})


def _key(sent: Sent, choice: Choice) -> Callback:
    action = ElementTree.fromstring(_field(sent, "Twiml")).findall("Gather")[-1].attrib["action"]
    keyed = {"Digits": str(sent.number(choice)), "FinishedOnKey": "", "msg": "Gather End"}
    return _posted(action, {**_of_call(sent), "CallStatus": "in-progress", **keyed})


VOICE = SMS.but(
    channel=Channel.VOICE,
    accepted=Answer(201, json.dumps({"sid": f"CA{SID}", "status": "queued"})),
    provider_id=f"CA{SID}",
    refused=_refusal(21216, "Account not allowed to call this number"),
    wrong_address=_refusal(21217, "Phone number does not appear to be valid"),
    opted_out=KEYS_ALONE,
    delivered=partial(_call, status="completed", AnsweredBy="human", SipResponseCode="200"),
    read=HEARD,
    failed=Failed(partial(_call, status="busy"), FailureClass.UNREACHABLE),
    unheard=partial(_call, status="pondering"),
    wrote=KEYS_ALONE,
    pressed=_key,
    stops=(),
)

OFFERS = (SMS, MMS, WHATSAPP, RCS, MESSENGER, VOICE)
