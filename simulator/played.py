"""Who is played, and on which channels."""

#: The channels of each provider on which one writes.
WRITTEN = {
    "twilio": ("sms", "mms", "whatsapp", "rcs", "messenger"),
    "sendgrid": ("email",),
    "vonage": ("sms", "mms", "whatsapp", "viber", "rcs", "messenger"),
}
PLAYED = {
    "twilio": (*WRITTEN["twilio"], "voice"),
    "sendgrid": WRITTEN["sendgrid"],
    "vonage": (*WRITTEN["vonage"], "voice"),
    "fcm": ("push",),
    "webpush": ("push",),
}
CHANNELS = {channel for channels in PLAYED.values() for channel in channels}
