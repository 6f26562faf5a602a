"""What Twilio can do on each channel."""

from failover.channels import Channel
from failover.content import Content
from providers.capabilities import (
    MESSENGER_ID,
    PHONE,
    TO_THE_DEVICE,
    TO_THE_EYE,
    Carries,
    Media,
    Shown,
    Text,
)
from providers.twilio.twiml import LONGEST, question

_NAME = "twilio"
#: The whole body, in however many segments and on whatever channel.
_BODY = Text(1600)
_KINDS = ("image", "video", "audio", "file")
_QUERY = "query of the status callback's URL"
_MESSAGES = "Twilio: Messages resource, error 21617"
_STATES = "Twilio: Outbound message status in status callbacks"
_MEDIA = "Twilio: Accepted content types for media"
_KEPT = "kept for 1 s to 10 h (`ValidityPeriod`)"


def _spoken(content: Content, locale: str) -> int:
    said = question(content, action="", locale=locale)
    return LONGEST + 1 if said is None else min(len(said), LONGEST)


CHANNELS = (
    Carries(
        _NAME,
        Channel.SMS,
        TO_THE_DEVICE,
        _BODY,
        PHONE,
        reference=_QUERY,
        window=_KEPT,
        sources=(_MESSAGES, _STATES),
    ),
    Carries(
        _NAME,
        Channel.MMS,
        TO_THE_DEVICE,
        _BODY,
        PHONE,
        media=Media(_KINDS, most=10, megabytes=5),
        reference=_QUERY,
        window=f"the US and Canada; {_KEPT}",
        sources=(_MESSAGES, _STATES, _MEDIA),
    ),
    Carries(
        _NAME,
        Channel.WHATSAPP,
        TO_THE_EYE,
        _BODY,
        PHONE,
        choices=(Shown("buttons", 3, 20, 1024), Shown("a list", 10, 24, 1024)),
        media=Media(_KINDS, most=1, megabytes=16),
        template=True,
        reference=_QUERY,
        reply_reference="the message quoted (`OriginalRepliedMessageSid`)",
        window="24 h after the person's last message; a template at any time (63016)",
        sources=(_MESSAGES, _STATES, _MEDIA, "Twilio: twilio/quick-reply, twilio/list-picker"),
    ),
    Carries(
        _NAME,
        Channel.RCS,
        TO_THE_EYE,
        _BODY,
        PHONE,
        choices=(Shown("suggestions", 9, 25, 1024),),
        media=Media(_KINDS, most=1, megabytes=16),
        template=True,
        reference=_QUERY,
        window=f"handsets with RCS only (63036); {_KEPT}",
        sources=(_MESSAGES, _STATES, _MEDIA, "Twilio: twilio/card"),
    ),
    Carries(
        _NAME,
        Channel.MESSENGER,
        # Read receipts are documented for WhatsApp and RCS.
        TO_THE_DEVICE,
        _BODY,
        MESSENGER_ID,
        choices=(Shown("quick replies", 9, 20, 1024),),
        media=Media(_KINDS, most=1),
        template=True,
        reference=_QUERY,
        window="24 h after the person's last message (63016)",
        sources=(
            _MESSAGES,
            _STATES,
            "Twilio: Send a message with Facebook Messenger",
            "Twilio: twilio/quick-reply",
        ),
    ),
    Carries(
        _NAME,
        Channel.VOICE,
        TO_THE_DEVICE,
        Text(LONGEST, "characters of TwiML", _spoken),
        PHONE,
        choices=(Shown("keys", 9),),
        reference=_QUERY,
        reply_reference="the same call",
        window="rings for 5 to 45 s",
        sources=("Twilio: Calls resource, `Twiml`", "Twilio: `<Gather>`"),
    ),
)
