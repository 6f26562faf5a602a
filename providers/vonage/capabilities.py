"""What Vonage can do on each channel."""

from failover.channels import Channel
from providers import calling, spoken
from providers.base import Outbound
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
from providers.links import Links

_NAME = "vonage"
_CLIENT_REF = "`client_ref`, of up to 100 characters"
_STATES = "Vonage: Messages API status callbacks"
_MODELS = "vonage-messages 1.8.1, its models"


_CAPTIONED = "with a text of 1024, beside buttons or lines"
_CARD = "on a card: a title of 200, a text of 2000, 4 suggestions"
#: In its time, by 30 a second: who talks fast says 25, so nothing is refused that could be said.
_IN_A_CALL = calling.LONGEST * 30


def _fits_the_model(outbound: Outbound, links: Links) -> bool:
    """What the sender writes, by the models of the SDK."""
    # Imported here: it loads the SDK, and whoever looks at the table alone needs none.
    from pydantic import ValidationError

    from providers.vonage.envelope import common
    from providers.vonage.messages import WRITERS

    try:
        WRITERS[outbound.channel](outbound, common(outbound, "447700900000", links.base_url))
    except ValidationError:
        return False
    return True


def _fits_a_call(outbound: Outbound, _: Links) -> bool:
    """The text and the keys, once; what comes after the end of the call is said to nobody."""
    said = spoken.question(outbound.content, outbound.locale)
    return sum(map(str.isalnum, "".join(line.text for line in said))) <= _IN_A_CALL


def _text(most: int, unit: str = "characters") -> Text:
    return Text(most, unit, _fits_the_model)


CHANNELS = (
    Carries(
        _NAME,
        Channel.SMS,
        TO_THE_DEVICE,
        _text(3200),
        PHONE,
        reference=_CLIENT_REF,
        window="kept for 20 s to 7 days (`ttl`)",
        sources=(f"{_MODELS} (Sms)", _STATES),
    ),
    Carries(
        _NAME,
        Channel.MMS,
        TO_THE_DEVICE,
        # Without any, Vonage's model knows no limit.
        _text(3000, "characters with a file"),
        PHONE,
        media=Media(("image", "video", "audio", "file"), most=10),
        reference=_CLIENT_REF,
        window="the US; kept for 5 min to 3 days (`ttl`)",
        sources=(f"{_MODELS} (BaseMms, MmsResource)", _STATES),
    ),
    Carries(
        _NAME,
        Channel.WHATSAPP,
        TO_THE_EYE,
        _text(4096),
        PHONE,
        choices=(Shown("buttons", 3, 20, 1024), Shown("a list", 10, 24, 1024)),
        media=Media(("image", "video", "file"), most=1, how=_CAPTIONED),
        template=True,
        reference=_CLIENT_REF,
        reply_reference="the message quoted (`context.message_uuid`)",
        window="24 h after the person's last message; a template at any time (1340)",
        sources=(f"{_MODELS} (WhatsappText)", _STATES, "Meta: interactive buttons and lists"),
    ),
    Carries(
        _NAME,
        Channel.RCS,
        TO_THE_EYE,
        _text(3072),
        PHONE,
        choices=(Shown("suggestions", 11, 25),),
        media=Media(("image", "video"), most=1, how=_CARD),
        reference=_CLIENT_REF,
        reply_reference="a token in the suggestion's `postback_data`",
        window="handsets with RCS only (1310); kept for 20 s to 3 days (`ttl`)",
        sources=(f"{_MODELS} (RcsText, RcsSuggestionBase)", _STATES),
    ),
    Carries(
        _NAME,
        Channel.MESSENGER,
        TO_THE_EYE,
        _text(640),
        MESSENGER_ID,
        reference=_CLIENT_REF,
        window="24 h after the person's last message; with a tag at any time (1340)",
        sources=(f"{_MODELS} (MessengerText)", _STATES),
    ),
    Carries(
        _NAME,
        Channel.VIBER,
        TO_THE_EYE,
        _text(1000),
        PHONE,
        media=Media(("image",), most=1),
        reference=_CLIENT_REF,
        window="kept for 30 s to 3 days (`ttl`)",
        sources=(f"{_MODELS} (ViberText, ViberOptions)", _STATES),
    ),
    Carries(
        _NAME,
        Channel.VOICE,
        TO_THE_DEVICE,
        # Each `talk` has 1500 characters, and a call has as many as its time has.
        Text(_IN_A_CALL, "letters and digits", _fits_a_call),
        PHONE,
        choices=(Shown("keys", 9),),
        reference="query of `event_url`",
        reply_reference="the same call",
        window="rings for 5 to 45 s",
        sources=("vonage-voice 1.5.1, its models (Talk)", "Vonage: Voice API webhooks"),
    ),
)
