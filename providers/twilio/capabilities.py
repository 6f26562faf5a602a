"""What Twilio can do on each channel."""

from failover.channels import Channel
from providers.base import Outbound
from providers.capabilities import (
    MESSENGER_ID,
    PHONE,
    TO_THE_DEVICE,
    TO_THE_EYE,
    Address,
    Carries,
    Media,
    Shown,
    Text,
)
from providers.links import Links
from providers.reply_keys import reply_token
from providers.twilio.filled import MARKED, filled
from providers.twilio.twiml import LONGEST
from providers.wording import as_text

_NAME = "twilio"
#: Of the whole body, in however many segments and on whatever channel.
_LONGEST_BODY = 1600
_KINDS = ("image", "video", "audio", "file")
_QUERY = "query of the status callback's URL"
_TOKEN = "a token in the button's `ButtonPayload`"
_MESSAGES = "Twilio: Messages resource, error 21617"
_STATES = "Twilio: Outbound message status in status callbacks"
_MEDIA = "Twilio: Accepted content types for media"
_KEPT = "kept for 1 s to 10 h (`ValidityPeriod`)"


# What the senders write is imported where it is asked for: it loads the SDK, and whoever looks at
# the table alone needs none.


def _fits_a_body(outbound: Outbound, _: Links) -> bool:
    from providers.twilio.messages import divided

    return len(as_text(divided(outbound)[1])) <= _LONGEST_BODY


def _fits_buttons(outbound: Outbound, links: Links) -> bool:
    """Or a body, with the choices as lines of it."""
    from providers.twilio.messages import divided

    media, plain = divided(outbound)
    token = reply_token(links.secret, outbound.reference) if outbound.channel in MARKED else None
    made = filled(plain, files=media, token=token)
    return made is not None or _fits_a_body(outbound, links)


def _fits_a_call(outbound: Outbound, links: Links) -> bool:
    from providers.twilio.voice import written

    return written(outbound, links.base_url) is not None


_BODY = Text(_LONGEST_BODY, fits=_fits_a_body)
_BUTTONS = Text(_LONGEST_BODY, fits=_fits_buttons)
#: Twilio writes the channel before an address, and takes one that has it already.
_ON_MESSENGER = Address(
    MESSENGER_ID.what, lambda given: MESSENGER_ID.fits(given.removeprefix("messenger:"))
)
#: A message has either a template of the Content API or files.
_NOT_BOTH = "choices are lines then"
_CARD = "with 4 suggestions beside a picture or video; beside others choices are lines"


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
        _BUTTONS,
        PHONE,
        choices=(Shown("buttons", 3, 20, 1024), Shown("a list", 10, 24, 1024)),
        media=Media(_KINDS, most=1, megabytes=16, how=_NOT_BOTH),
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
        _BUTTONS,
        PHONE,
        choices=(Shown("suggestions", 9, 20, 1600),),
        media=Media(_KINDS, most=1, megabytes=16, how=_CARD),
        template=True,
        reference=_QUERY,
        reply_reference=_TOKEN,
        window=f"handsets with RCS only (63036); {_KEPT}",
        sources=(_MESSAGES, _STATES, _MEDIA, "Twilio: twilio/card"),
    ),
    Carries(
        _NAME,
        Channel.MESSENGER,
        # Read receipts are documented for WhatsApp and RCS.
        TO_THE_DEVICE,
        _BUTTONS,
        _ON_MESSENGER,
        choices=(Shown("quick replies", 9, 20, 1024),),
        media=Media(_KINDS, most=1, how=_NOT_BOTH),
        template=True,
        reference=_QUERY,
        reply_reference=_TOKEN,
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
        Text(LONGEST, "characters of TwiML", _fits_a_call),
        PHONE,
        choices=(Shown("keys", 9),),
        reference=_QUERY,
        reply_reference="the same call",
        window="rings for 5 to 45 s",
        sources=("Twilio: Calls resource, `Twiml`", "Twilio: `<Gather>`"),
    ),
)
