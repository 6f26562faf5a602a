"""Every request our senders make fits what the providers document.

Written by hand from the providers' own descriptions, read 2026-11-21: Twilio's API 2010-04-01
(twilio-oai), SendGrid's mail/send v3 (sendgrid-oai, where `custom_args` is wrongly a string), and
Vonage's Messages API 1.20.0; read 2026-11-22: Twilio's Content API (twilio-oai and the pages
"twilio/quick-reply", "twilio/list-picker", "twilio/card", "Using Variables with Content Templates",
error 21656), Meta's page "Interactive list messages", and Vonage's "RCS Suggestions Chips" and "How
to Send Rich Cards and Carousels". Only what we use is allowed: a parameter more must be
looked up and written down here.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import jsonschema
import pytest
from vonage_voice.models.enums import TtsLanguageCode

import providers.sendgrid.provider as sendgrid
import providers.twilio.provider as twilio
import providers.vonage.provider as vonage
from failover.channels import Channel
from failover.content import Choice, Content
from failover.media import Media
from providers.base import Accepted, Outbound, Refused, Sender
from providers.links import Links, Unsubscribing
from providers.settings import PublicSettings
from providers.twilio.filled import filled
from providers.twilio.settings import TwilioSettings
from tests.callbacks import BASE_URL, KEY, TOKEN
from tests.callbacks_sendgrid import sendgrid_settings
from tests.callbacks_vonage import vonage_settings
from tests.canned import Answer, Canned, Request, canned_server

OURS, PERSON = "+15005550006", "+14155550100"
PAGE, ON_THE_PAGE = "1023456789012345", "2412345678901234"
META = {"key": "contents", "next_page_url": None}
SID = "00000000000000000000000000000001"
PUBLIC = PublicSettings.model_validate({"public_base_url": BASE_URL, "address_key": KEY})

Schema = dict[str, Any]


def shape(required: Schema, optional: Schema | None = None) -> Schema:
    """An object with these properties and no others."""
    return {
        "type": "object",
        "properties": required | (optional or {}),
        "required": list(required),
        "additionalProperties": False,
    }


def text(longest: int, *, shortest: int = 1) -> Schema:
    return {"type": "string", "minLength": shortest, "maxLength": longest}


def matching(pattern: str) -> Schema:
    return {"type": "string", "pattern": f"^(?:{pattern})$"}


def number(least: int, most: int) -> Schema:
    """In a form, numbers are text."""
    return {"type": "string", "enum": [str(n) for n in range(least, most + 1)]}


E164 = r"\+[1-9][0-9]{6,14}"
URL = matching(r"https?://[!-~]{1,2000}")

TWILIO_SMS = shape(
    {
        "To": matching(E164),
        "From": matching(rf"{E164}|[0-9]{{3,8}}|[A-Za-z0-9 ]{{1,11}}"),
        "Body": text(1600),
        "StatusCallback": URL,
        "ValidityPeriod": number(1, 36_000),
    }
)
_FILES = {"type": "array", "items": URL, "minItems": 1, "maxItems": 10}
TWILIO_MMS = {
    "oneOf": [
        shape({**TWILIO_SMS["properties"], "MediaUrl": _FILES}),
        shape({**TWILIO_SMS["properties"], "SendAsMms": {"const": "true"}}),
    ]
}
TWILIO_SERVICE = shape(
    {
        **{name: of for name, of in TWILIO_SMS["properties"].items() if name != "From"},
        "MessagingServiceSid": matching("MG[0-9a-fA-F]{32}"),
    }
)
_TWILIO_WHATSAPP = {
    **TWILIO_SMS["properties"],
    "To": matching(f"whatsapp:{E164}"),
    "From": matching(f"whatsapp:{E164}"),
}
_CONTENT_SID = matching("HX[0-9a-fA-F]{32}")


def with_templates(message: Schema) -> Schema:
    """A text, with one file at most, or a template."""
    one = {**_FILES, "maxItems": 1}
    template = {"ContentSid": _CONTENT_SID, "ContentVariables": text(16_000)}
    others = {name: of for name, of in message.items() if name != "Body"}
    return {"oneOf": [shape(message, {"MediaUrl": one}), shape({**others, **template})]}


TWILIO_WHATSAPP = with_templates(_TWILIO_WHATSAPP)
TWILIO_RCS = with_templates(
    {**_TWILIO_WHATSAPP, "To": matching(f"rcs:{E164}"), "From": matching("rcs:[a-z_]{1,50}")}
)
_PAGE_ID = matching("messenger:[0-9]{10,20}")
TWILIO_MESSENGER = with_templates({**_TWILIO_WHATSAPP, "To": _PAGE_ID, "From": _PAGE_ID})
_BODY = matching(r"[^\0]{1,1024}")


def actions(most: int, longest: int) -> Schema:
    reply = shape({"type": {"const": "QUICK_REPLY"}, "title": text(longest), "id": text(200)})
    return {"type": "array", "minItems": 1, "maxItems": most, "items": reply}


PICTURE_OF_CARD = {
    "type": "array",
    "items": matching(r"https://[a-z0-9.:-]+/\{\{[0-9]+\}\}"),
    "minItems": 1,
    "maxItems": 1,
}
#: On WhatsApp more than three only in an approved template.
_QUICK_REPLY = shape({"body": _BODY, "actions": actions(3, 20)})
_REPLIES_ON_MESSENGER = shape({"body": _BODY, "actions": actions(10, 20)})
_CARD_TEXT = matching(r"[^\0]{1,1600}")
_CARD = {
    "oneOf": [
        shape({"body": _CARD_TEXT, "actions": actions(11, 20)}),
        # With a picture, whose address has one variable at its end.
        shape({"body": _CARD_TEXT, "media": PICTURE_OF_CARD, "actions": actions(4, 20)}),
    ]
}
_LIST_PICKER = shape(
    {
        "body": _BODY,
        "button": text(20),
        "items": {
            "type": "array",
            "minItems": 1,
            "maxItems": 10,
            "items": shape({"id": text(200), "item": text(24)}, {"description": text(72)}),
        },
    }
)


def template_of(*types: Schema) -> Schema:
    return shape(
        {
            "friendly_name": text(100),
            "language": matching("[a-z]{2}"),
            "variables": {
                "type": "object",
                "maxProperties": 100,
                "propertyNames": matching("[0-9]{1,16}"),
                "additionalProperties": text(1600),
            },
            "types": {"oneOf": [shape(one) for one in types]},
        }
    )


TWILIO_CONTENT = {
    Channel.WHATSAPP: template_of(
        {"twilio/quick-reply": _QUICK_REPLY}, {"twilio/list-picker": _LIST_PICKER}
    ),
    Channel.RCS: template_of({"twilio/card": _CARD}),
    Channel.MESSENGER: template_of({"twilio/quick-reply": _REPLIES_ON_MESSENGER}),
}
#: Error 21656: not empty, no newline, no tab, no more than four spaces in a row.
TWILIO_VARIABLE = {**text(1600), "not": {"pattern": "[\\n\\r\\t]| {5}"}}
TWILIO_CALL = shape(
    {
        "To": matching(E164),
        "From": matching(E164),
        "Twiml": text(4000),
        "Timeout": number(1, 600),
        "TimeLimit": number(1, 14_400),
        "StatusCallback": URL,
        "StatusCallbackEvent": {"enum": ["initiated", "ringing", "answered", "completed"]},
        "MachineDetection": {"enum": ["Enable", "DetectMessageEnd"]},
        "AsyncAmd": {"enum": ["true", "false"]},
        "AsyncAmdStatusCallback": URL,
    }
)

_MAILBOX = shape({"email": matching(r"[^@\s]{1,64}@[^@\s]{1,253}")}, {"name": text(1000)})
_CONTENT = [
    shape({"type": {"const": kind}, "value": {"type": "string", "minLength": 1}})
    for kind in ("text/plain", "text/html")  # plain text comes first
]
#: RFC 8058. `headers` takes any but those that SendGrid writes itself.
_ONE_CLICK = shape(
    {
        "List-Unsubscribe": matching(r"<https://[!-;=?-~]{1,900}>"),
        "List-Unsubscribe-Post": {"const": "List-Unsubscribe=One-Click"},
    }
)
_TO = {"to": {"type": "array", "items": _MAILBOX, "minItems": 1}}


def one_person(of: Schema) -> Schema:
    return {"type": "array", "minItems": 1, "maxItems": 1, "items": of}


_MAIL = {"from": _MAILBOX, "custom_args": shape({"fo_ref": text(10_000)})}
_MAIL_OPTIONS = {"reply_to": _MAILBOX, "headers": _ONE_CLICK}
SENDGRID = {
    "oneOf": [
        shape(
            {
                **_MAIL,
                "personalizations": one_person(shape(_TO)),
                "subject": matching(r"[^\r\n]{1,998}"),
                "content": {"type": "array", "prefixItems": _CONTENT, "minItems": 2, "maxItems": 2},
            },
            _MAIL_OPTIONS,
        ),
        # A dynamic template brings the subject and the content.
        shape(
            {
                **_MAIL,
                "personalizations": one_person(
                    shape({**_TO, "dynamic_template_data": {"type": "object"}})
                ),
                "template_id": matching("d-[0-9a-f]{32}"),
            },
            _MAIL_OPTIONS,
        ),
    ]
}

_VONAGE = {
    "to": matching("[1-9][0-9]{6,14}"),
    "from": matching("[1-9][0-9]{6,14}|[A-Za-z0-9 ]{3,11}"),
    "client_ref": text(100),
    "webhook_url": URL,
    "webhook_version": {"enum": ["v0.1", "v1"]},
}
VONAGE_SMS = shape(
    {
        **_VONAGE,
        "channel": {"const": "sms"},
        "message_type": {"const": "text"},
        "text": text(3200),
        "ttl": {"type": "integer", "minimum": 20, "maximum": 604_800},
    }
)


def waiting(least: int, most: int) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": most}


_MMS = {**_VONAGE, "channel": {"const": "mms"}, "ttl": waiting(300, 259_200)}
_FILE = shape({"url": URL}, {"caption": text(3000)})
_ITEM = shape(
    {"type": {"enum": ["image", "video", "audio", "file"]}, "url": URL}, {"caption": text(3000)}
)
VONAGE_MMS = {
    "oneOf": [
        shape({**_MMS, "message_type": {"const": "text"}, "text": text(3200)}),
        *(
            shape({**_MMS, "message_type": {"const": kind}, kind: _FILE})
            for kind in ("image", "video", "audio", "file")
        ),
        shape(
            {
                **_MMS,
                "message_type": {"const": "content"},
                "content": {"type": "array", "items": _ITEM, "minItems": 2},
            }
        ),
    ]
}
_VIBER = {
    **_VONAGE,
    "channel": {"const": "viber_service"},
    "viber_service": shape(
        {"category": {"enum": ["transaction", "promotion"]}, "ttl": waiting(30, 259_200)},
        {"action": shape({"url": URL, "text": text(30)})},
    ),
}
VONAGE_VIBER = {
    "oneOf": [
        shape({**_VIBER, "message_type": {"const": "text"}, "text": text(1000)}),
        shape(
            {
                **_VIBER,
                "message_type": {"const": "image"},
                "image": shape({"url": URL, "caption": text(1000)}),
            }
        ),
    ]
}


def suggestions(most: int) -> Schema:
    reply = shape({"type": {"const": "reply"}, "text": text(25), "postback_data": text(2048)})
    return {"type": "array", "items": reply, "minItems": 1, "maxItems": most}


_RCS = {
    **_VONAGE,
    "from": matching("[a-zA-Z0-9-_&]+"),
    "channel": {"const": "rcs"},
    "ttl": waiting(20, 259_200),
}
_RCS_CARD = shape(
    {
        "title": text(200),
        "text": text(2000),
        "media_url": URL,
        "media_height": {"enum": ["SHORT", "MEDIUM", "TALL"]},
    },
    {"media_description": text(1000), "suggestions": suggestions(4)},
)
VONAGE_RCS = {
    "oneOf": [
        shape(
            {**_RCS, "message_type": {"const": "text"}, "text": text(3072)},
            {"suggestions": suggestions(11)},
        ),
        shape(
            {
                **_RCS,
                "message_type": {"const": "card"},
                "card": _RCS_CARD,
                "rcs": shape({"card_orientation": {"const": "VERTICAL"}}),
            }
        ),
    ]
}
_TAGGED = shape({"category": {"const": "message_tag"}, "tag": matching("[A-Z_]{1,60}")})
VONAGE_MESSENGER = shape(
    {
        **_VONAGE,
        "to": text(50),
        "from": text(50),
        "channel": {"const": "messenger"},
        "message_type": {"const": "text"},
        "text": text(640),
        "messenger": {"oneOf": [shape({"category": {"enum": ["response", "update"]}}), _TAGGED]},
    }
)
_BUTTON = shape({"type": {"const": "reply"}, "reply": shape({"id": text(256), "title": text(20)})})
#: Meta, "Interactive reply buttons messages".
_HEADERS = [
    shape({"type": {"const": kind}, kind: shape({"link": URL}, {"filename": text(1000)})})
    for kind in ("image", "video", "document")
]
_INTERACTIVE = shape(
    {
        "type": {"const": "button"},
        "body": shape({"text": text(1024)}),
        "action": shape(
            {"buttons": {"type": "array", "items": _BUTTON, "minItems": 1, "maxItems": 3}}
        ),
    },
    {"header": {"oneOf": _HEADERS}},
)
_ROW = shape({"id": text(200), "title": text(24)}, {"description": text(72)})
_SECTION = shape({"rows": {"type": "array", "items": _ROW, "minItems": 1, "maxItems": 10}})
_LIST = shape(
    {
        "type": {"const": "list"},
        "body": shape({"text": text(4096)}),
        "action": shape(
            {
                "button": text(20),
                "sections": {"type": "array", "items": _SECTION, "minItems": 1, "maxItems": 1},
            }
        ),
    }
)
_WHATSAPP = {**_VONAGE, "channel": {"const": "whatsapp"}}
#: A caption goes with all but audio.
_WHATSAPP_FILE = shape({"url": URL}, {"caption": text(1024), "name": text(1000)})
VONAGE_WHATSAPP = {
    "oneOf": [
        *(
            shape({**_WHATSAPP, "message_type": {"const": kind}, kind: _WHATSAPP_FILE})
            for kind in ("image", "video", "file")
        ),
        shape({**_WHATSAPP, "message_type": {"const": "text"}, "text": text(4096)}),
        shape(
            {
                **_WHATSAPP,
                "message_type": {"const": "template"},
                "template": shape(
                    {"name": text(1000)}, {"parameters": {"type": "array", "items": text(1600)}}
                ),
                "whatsapp": shape(
                    {"locale": matching("[a-z]{2,3}(_[A-Z]{2})?")},
                    {"policy": {"const": "deterministic"}},
                ),
            }
        ),
        shape(
            {
                **_WHATSAPP,
                "message_type": {"const": "custom"},
                "custom": shape(
                    {
                        "type": {"const": "interactive"},
                        "interactive": {"oneOf": [_INTERACTIVE, _LIST]},
                    }
                ),
            }
        ),
    ]
}

#: Nexmo/api-specification's voice.yml (1.3.7) and the page "NCCO reference".
_PHONE = shape({"type": {"const": "phone"}, "number": matching("[1-9][0-9]{6,14}")})
_CALL_URL = {"type": "array", "items": URL, "minItems": 1, "maxItems": 1}
_TALK = shape(
    {
        "action": {"const": "talk"},
        "text": text(1500),
        "language": {"enum": [code.value for code in TtsLanguageCode]},
        "bargeIn": {"const": True},
    }
)
_INPUT = shape(
    {
        "action": {"const": "input"},
        "type": {"const": ["dtmf"]},
        "dtmf": shape(
            {
                "maxDigits": {"type": "integer", "minimum": 1, "maximum": 20},
                "timeOut": {"type": "integer", "minimum": 0, "maximum": 10},
                "submitOnHash": {"type": "boolean"},
            }
        ),
        "eventUrl": _CALL_URL,
        "eventMethod": {"enum": ["GET", "POST"]},
    }
)
VONAGE_CALL = shape(
    {
        # After words that a key may interrupt the next thing has to be an input.
        "ncco": {
            "type": "array",
            "items": {"oneOf": [_TALK, _INPUT]},
            "contains": _INPUT,
            "minContains": 1,
            "maxContains": 1,
            "minItems": 2,
        },
        "to": {"type": "array", "items": _PHONE, "minItems": 1, "maxItems": 1},
        "from": _PHONE,
        "event_url": _CALL_URL,
        "event_method": {"enum": ["GET", "POST"]},
        "machine_detection": {"enum": ["continue", "hangup"]},
        "ringing_timer": {"type": "integer", "minimum": 1, "maximum": 120},
        "length_timer": {"type": "integer", "minimum": 1, "maximum": 7200},
    }
)

CONTENTS = {
    "short": Content(text="Hi"),
    "one letter": Content(text="?"),
    "two choices": Content(
        text="Can you be home?", choices=[Choice(id="y", label="Yes"), Choice(id="n", label="No")]
    ),
    "three choices": Content(
        text="Where?", choices=[Choice(id=f"at-{n}", label=f"Door {n}") for n in range(3)]
    ),
    "four choices": Content(
        text="Where?", choices=[Choice(id=f"at-{n}", label=f"Door {n}") for n in range(4)]
    ),
    "labels for a list": Content(
        text="Which?", choices=[Choice(id=str(n), label="a" * 23 + str(n)) for n in range(2)]
    ),
    "nine choices": Content(
        text="When?", choices=[Choice(id=f"at-{n}", label=f"At {n} o'clock") for n in range(9)]
    ),
    "long choices": Content(
        text="Who?", choices=[Choice(id="!" * 200, label="a label of more than twenty characters")]
    ),
    "markup": Content(text='<b>&amp;</b> "quoted" & more\n\n\n]]> {0} %s', subject="<&> %s {0}"),
    "any script": Content(
        text="היום בערב 🎉\u200d👩‍👩‍👧 नमस्ते", choices=[Choice(id="1", label="👍🏽")]
    ),
    "lines": Content(text="\n\nfirst\r\nsecond\tthird\n" * 20),
    "the longest for buttons": Content(text="a" * 1024, choices=[Choice(id="y", label="b" * 20)]),
    "too long for buttons": Content(text="a" * 1025, choices=[Choice(id="y", label="b" * 20)]),
}
YES = CONTENTS["two choices"].choices
PICTURE = Media(url="https://example.com/door.png", kind="image", caption="Your door")
CLIP = Media(url="https://example.com/door.mp4", kind="video", name="door.mp4")
NOTE = Media(url="https://example.com/note.pdf", kind="file", name="note.pdf")
SOUND = Media(url="https://example.com/bell.mp3", kind="audio")
WITH_MEDIA = {
    "a picture": Content(text="Here?", media=[PICTURE]),
    "a picture and a title": Content(text="Here?", subject="Door", media=[PICTURE], choices=YES),
    "a video": Content(text="Here?", media=[CLIP]),
    "a file": Content(text="See:", media=[NOTE]),
    "sound": Content(text="Hear:", media=[SOUND]),
    "all kinds": Content(text="All:", media=[NOTE, SOUND, CLIP, PICTURE], choices=YES),
    "ten pictures": Content(text="Many:", media=[PICTURE] * 10),
    "five choices and a picture": Content(
        text="Which?",
        media=[PICTURE],
        choices=[Choice(id=f"at-{n}", label=f"Door {n}") for n in range(5)],
    ),
    "a category and a tag": Content.model_validate(
        {
            "text": "Hi",
            "viber": {"category": "promotion", "ttl": "PT1M"},
            "messenger": {"tag": "ACCOUNT_UPDATE"},
        }
    ),
}
TEMPLATES = {
    "twilio": {"sid": f"HX{SID}", "variables": {"1": "Dana", "name": "at 9"}},
    "vonage": {"name": "a1b2:delivery", "locale": "de", "parameters": ["Dana", "9"]},
    "sendgrid": {"id": f"d-{SID}", "data": {"order": {"id": 7}}},
}
KEPT = {
    "templates": Content.model_validate({"text": "Hi", "template": TEMPLATES, "choices": YES}),
    "templates without variables": Content.model_validate(
        {
            "text": "Hi",
            "template": {
                "twilio": {"sid": f"HX{SID}"},
                "vonage": {"name": "a1b2:delivery"},
                "sendgrid": {"id": f"d-{SID}"},
            },
        }
    ),
    "html": Content(text="Hi", html="<html><body><h1>Hi</h1></body></html>", media=[NOTE]),
}
EVERY = {**CONTENTS, **WITH_MEDIA, **KEPT}
#: Characters of a text, where a provider takes fewer than those of `CONTENTS`.
SHORT = {"vonage viber": 1000, "vonage messenger": 640}
LINKS, LONGEST = Links.by(PUBLIC), f"{'!' * 90}.999999"
OUTBOUNDS: dict[str, dict[str, Any]] = {
    "ordinary": {},
    "a long reference": {"reference": LONGEST},
    "odd characters in the reference": {"reference": "a/b?c&d=e#f%20+g~'\"\\.1"},
    "valid for no time": {"valid_for": timedelta(0)},
    "valid for a year": {"valid_for": timedelta(days=366)},
    "links": {
        "reference": LONGEST,
        "link": LINKS.answer("!" * 90, 999_999),
        "unsubscribe": LINKS.unsubscribe(Unsubscribing("0" * 32, "!" * 90, 999_999, "zh-Hant-TW")),
    },
    "a name and a language": {"name": 'Dana "D", <x@y>; Ünal', "locale": "pt_BR"},
}


@pytest.fixture(scope="module")
def edge() -> Iterator[Canned]:
    with canned_server() as canned:
        call = {"uuid": "u", "direction": "outbound", "conversation_uuid": "CON-u"}
        body = json.dumps({"sid": f"SM{SID}", "message_uuid": "u", "status": "queued", **call})
        canned.answer = Answer(202, body, {"X-Message-Id": "14c5d75ce93"})
        canned.answers["/v1/Content"] = Answer(201, json.dumps({"sid": f"HX{SID}"}))
        canned.answers["/v2/Content"] = Answer(200, json.dumps({"contents": [], "meta": META}))
        yield canned


def of_twilio(url: str, channel: Channel, **more: Any) -> Sender:
    given = {"account_sid": f"AC{SID}", "auth_token": TOKEN, "from": OURS, "api_base_url": url}
    others = {"whatsapp_from": OURS, "rcs_from": "deliveries_agent", "messenger_from": PAGE}
    settings = TwilioSettings.model_validate({**given, **others, **more})
    return twilio.senders(settings, PUBLIC)[channel]


def of_vonage(url: str, channel: Channel) -> Sender:
    given = {"from": OURS, "whatsapp_from": OURS, "api_base_url": url}
    others = {"viber_from": "Deliveries", "rcs_from": "Deliveries", "messenger_from": PAGE}
    return vonage.senders(vonage_settings(**given, **others), PUBLIC)[channel]


def of_sendgrid(url: str, channel: Channel) -> Sender:
    return sendgrid.senders(sendgrid_settings(api_base_url=url), PUBLIC)[channel]


def outbound(channel: Channel, **more: Any) -> Outbound:
    given = {
        "reference": "order-1.2",
        "channel": channel,
        "provider": "any",
        "to": {Channel.EMAIL: "dana@example.com", Channel.MESSENGER: ON_THE_PAGE}.get(
            channel, PERSON
        ),
        "content": CONTENTS["two choices"],
        "valid_for": timedelta(minutes=20),
    }
    return Outbound.model_validate({**given, **more})


def of_whatsapp(content: Content) -> Outbound:
    return outbound(Channel.WHATSAPP, content=content)


def of_form(request: Request) -> dict[str, Any]:
    names = [name for name, _ in request.fields if name != "MediaUrl"]
    assert len(set(names)) == len(names), "a parameter is repeated"
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    files = [value for name, value in request.fields if name == "MediaUrl"]
    return {**dict(request.fields), **({"MediaUrl": files} if files else {})}


def of_json(request: Request) -> dict[str, Any]:
    assert request.headers["Content-Type"] == "application/json"
    sent: dict[str, Any] = json.loads(request.body)
    return sent


MESSAGES = f"/2010-04-01/Accounts/AC{SID}/Messages.json"
CALLS = f"/2010-04-01/Accounts/AC{SID}/Calls.json"
REQUESTS = {
    "twilio sms": (of_twilio, Channel.SMS, MESSAGES, of_form, TWILIO_SMS),
    "twilio whatsapp": (of_twilio, Channel.WHATSAPP, MESSAGES, of_form, TWILIO_WHATSAPP),
    "twilio mms": (of_twilio, Channel.MMS, MESSAGES, of_form, TWILIO_MMS),
    "twilio rcs": (of_twilio, Channel.RCS, MESSAGES, of_form, TWILIO_RCS),
    "twilio messenger": (of_twilio, Channel.MESSENGER, MESSAGES, of_form, TWILIO_MESSENGER),
    "twilio voice": (of_twilio, Channel.VOICE, CALLS, of_form, TWILIO_CALL),
    "vonage sms": (of_vonage, Channel.SMS, "/v1/messages", of_json, VONAGE_SMS),
    "vonage whatsapp": (of_vonage, Channel.WHATSAPP, "/v1/messages", of_json, VONAGE_WHATSAPP),
    "vonage mms": (of_vonage, Channel.MMS, "/v1/messages", of_json, VONAGE_MMS),
    "vonage viber": (of_vonage, Channel.VIBER, "/v1/messages", of_json, VONAGE_VIBER),
    "vonage rcs": (of_vonage, Channel.RCS, "/v1/messages", of_json, VONAGE_RCS),
    "vonage messenger": (of_vonage, Channel.MESSENGER, "/v1/messages", of_json, VONAGE_MESSENGER),
    "vonage voice": (of_vonage, Channel.VOICE, "/v1/calls", of_json, VONAGE_CALL),
    "sendgrid email": (of_sendgrid, Channel.EMAIL, "/v3/mail/send", of_json, SENDGRID),
}


def fits(said: Any, schema: Any) -> None:
    """`jsonschema.validate` would check the schema itself again, each time."""
    jsonschema.Draft202012Validator(schema).validate(said)


def test_the_schemas_are_schemas() -> None:
    others = (*TWILIO_CONTENT.values(), TWILIO_VARIABLE, TWILIO_SERVICE)
    for schema in (*(of for *_, of in REQUESTS.values()), *others):
        jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize(
    ("content", "more"),
    [
        *(pytest.param(content, {}, id=name) for name, content in EVERY.items()),
        *(pytest.param(CONTENTS["two choices"], more, id=name) for name, more in OUTBOUNDS.items()),
    ],
)
@pytest.mark.parametrize("named", REQUESTS)
def test_a_request_fits(edge: Canned, named: str, content: Content, more: dict[str, Any]) -> None:
    make, channel, path, read, schema = REQUESTS[named]
    edge.requests.clear()
    result = make(edge.url, channel).send(outbound(channel, content=content, **more))

    if len(content.text) > SHORT.get(named, len(content.text)):
        assert isinstance(result, Refused)
        assert not edge.requests
        return
    assert isinstance(result, Accepted)
    [request] = [made for made in edge.requests if "/Content" not in made.path]
    assert (request.method, request.path) == ("POST", path)
    fits(read(request), schema)


RICH = {**CONTENTS, "lines and choices": CONTENTS["lines"].model_copy(update={"choices": YES})}


@pytest.mark.parametrize("content", RICH.values(), ids=RICH)
@pytest.mark.parametrize("channel", TWILIO_CONTENT)
def test_a_template_and_its_variables_fit(edge: Canned, channel: Channel, content: Content) -> None:
    edge.requests.clear()
    of_twilio(edge.url, channel).send(outbound(channel, content=content))

    *before, message = edge.requests
    if not before:
        assert message.field("Body")
        return
    looked, made = before
    assert (looked.method, looked.path) == ("GET", "/v2/Content")
    assert {name for name, _ in looked.fields} == {"ContentName", "PageSize"}
    assert (made.method, made.path) == ("POST", "/v1/Content")
    fits(of_json(made), TWILIO_CONTENT[channel])
    variables = json.loads(message.field("ContentVariables") or "")
    assert variables.keys() == of_json(made)["variables"].keys()
    for value in variables.values():
        fits(value, TWILIO_VARIABLE)


def test_only_what_fits_nothing_better_is_lines_of_text() -> None:
    lines = {name for name, content in RICH.items() if not filled(of_whatsapp(content))}

    no_choices = {name for name, content in RICH.items() if not content.choices}
    assert lines == {"long choices", "too long for buttons"} | no_choices


def test_a_messaging_service_stands_for_the_sender(edge: Canned) -> None:
    edge.requests.clear()
    more = {"from": None, "messaging_service_sid": f"MG{SID}"}
    of_twilio(edge.url, Channel.SMS, **more).send(outbound(Channel.SMS))

    [request] = edge.requests
    fits(of_form(request), TWILIO_SERVICE)


@pytest.mark.parametrize(
    ("named", "length"),
    [
        ("vonage sms", 3200),
        ("vonage whatsapp", 4096),
        ("vonage viber", 1000),
        ("vonage rcs", 3072),
        ("vonage messenger", 640),
    ],
)
def test_a_text_is_sent_up_to_the_length_that_fits(edge: Canned, named: str, length: int) -> None:
    make, channel, _, read, schema = REQUESTS[named]
    edge.requests.clear()
    sender = make(edge.url, channel)
    longest = sender.send(outbound(channel, content=Content(text="a" * length)))
    longer = sender.send(outbound(channel, content=Content(text="a" * (length + 1))))

    assert isinstance(longest, Accepted)
    assert isinstance(longer, Refused)
    [request] = edge.requests
    fits(read(request), schema)
