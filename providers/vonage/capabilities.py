"""What Vonage can do on each channel."""

from failover.channels import Channel
from failover.choices import with_choices
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

_NAME = "vonage"
_CLIENT_REF = "`client_ref`, of up to 100 characters"
_STATES = "Vonage: Messages API status callbacks"
_MODELS = "vonage-messages 1.8.1, its models"


def _caption(content: Content, locale: str) -> int:
    """The text goes with the first file; without any, Vonage's model knows no limit."""
    return len(with_choices(content)) if content.media else 0


CHANNELS = (
    Carries(
        _NAME,
        Channel.SMS,
        TO_THE_DEVICE,
        Text(3200),
        PHONE,
        reference=_CLIENT_REF,
        window="kept for 20 s to 7 days (`ttl`)",
        sources=(f"{_MODELS} (Sms)", _STATES),
    ),
    Carries(
        _NAME,
        Channel.MMS,
        TO_THE_DEVICE,
        Text(3000, "characters with a file", _caption),
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
        Text(4096),
        PHONE,
        choices=(Shown("buttons", 3, 20, 1024), Shown("a list", 10, 24, 1024)),
        media=Media(("image", "video", "file"), most=1),
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
        Text(3072),
        PHONE,
        choices=(Shown("suggestions", 11, 25),),
        media=Media(("image", "video"), most=1),
        reference=_CLIENT_REF,
        reply_reference="a token in the suggestion's `postback_data`",
        window="handsets with RCS only (1310); kept for 20 s to 3 days (`ttl`)",
        sources=(f"{_MODELS} (RcsText, RcsSuggestionBase)", _STATES),
    ),
    Carries(
        _NAME,
        Channel.MESSENGER,
        TO_THE_EYE,
        Text(640),
        MESSENGER_ID,
        reference=_CLIENT_REF,
        window="24 h after the person's last message; with a tag at any time (1340)",
        sources=(f"{_MODELS} (MessengerText)", _STATES),
    ),
    Carries(
        _NAME,
        Channel.VIBER,
        TO_THE_EYE,
        Text(1000),
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
        # Each `talk` has 1500 characters, and a call has as many as it takes.
        Text(),
        PHONE,
        choices=(Shown("keys", 9),),
        reference="query of `event_url`",
        reply_reference="the same call",
        window="rings for 5 to 45 s",
        sources=("vonage-voice 1.5.1, its models (Talk)", "Vonage: Voice API webhooks"),
    ),
)
