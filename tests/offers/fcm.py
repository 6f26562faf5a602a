"""FCM's answers, and what the app says."""

import json
from typing import Any

from failover.channels import Channel
from tests.canned import Answer
from tests.offers.device import STRANGER, pressed, says, wrote
from tests.offers.offer import Account, Offer, Sent
from tests.offers.reasons import NO_REPORT, NO_STOP
from tests.push import TOKEN, fcm_settings

FCM = Account(
    name="fcm",
    settings=fcm_settings,
    stranger=STRANGER,
    dated=False,
    # Where Google's library asks for a token.
    asides={"/token": Answer(200, '{"access_token": "ya29", "expires_in": 3599}')},
)
_NAME = "projects/deliveries-1/messages/0:1"
_WRONG, _ERROR = "INVALID_ARGUMENT", "type.googleapis.com/google.firebase.fcm.v1.FcmError"


def _refusal(status: int, word: str, code: str, message: str) -> Answer:
    said = {"code": status, "message": message, "status": word}
    details = [{"@type": _ERROR, "errorCode": code}]
    return Answer(status, json.dumps({"error": {**said, "details": details}}))


def _given(sent: Sent) -> dict[str, Any]:
    """The data of the message, in which every value is a text."""
    data: dict[str, Any] = sent.body["message"]["data"]
    return {**data, "choices": json.loads(data["choices"])}


PUSH = Offer(
    by=FCM,
    channel=Channel.PUSH,
    accepted=Answer(200, json.dumps({"name": _NAME})),
    provider_id=_NAME,
    refused=_refusal(400, _WRONG, _WRONG, "Invalid value at 'message.android.ttl'"),
    unreadable=Answer(200, "<html>"),
    wrong_address=_refusal(404, "NOT_FOUND", "UNREGISTERED", "Requested entity was not found."),
    opted_out=NO_STOP,
    delivered=says(_given, "received"),
    read=says(_given, "opened"),
    failed=NO_REPORT,
    unheard=says(_given, "pondered"),
    wrote=wrote(_given),
    pressed=pressed(_given),
    to=lambda url: TOKEN,
)

OFFERS = (PUSH,)
