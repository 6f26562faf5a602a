"""The channels that a person may be on, and the goals that they can be asked for."""

from enum import StrEnum


class Channel(StrEnum):
    SMS = "sms"
    MMS = "mms"
    WHATSAPP = "whatsapp"
    VIBER = "viber"
    MESSENGER = "messenger"
    RCS = "rcs"
    EMAIL = "email"
    VOICE = "voice"
    PUSH = "push"
    AGENT = "agent"  #: a person of ours, who reads the conversation and takes it over

    @property
    def label(self) -> str:
        """As people write it."""
        return _LABELS.get(self, self.value)


_LABELS = {
    Channel.SMS: "SMS",
    Channel.MMS: "MMS",
    Channel.RCS: "RCS",
    Channel.WHATSAPP: "WhatsApp",
    Channel.VIBER: "Viber",
    Channel.MESSENGER: "Messenger",
}

#: The channels reached by a phone number, which the address `phone` serves.
PHONE_CHANNELS = frozenset(
    {Channel.SMS, Channel.MMS, Channel.WHATSAPP, Channel.VIBER, Channel.RCS, Channel.VOICE}
)


class Goal(StrEnum):
    """What ends a message well."""

    ACCEPTED = "accepted"  #: a provider took it
    DELIVERED = "delivered"  #: it reached the device, the mailbox, or a person who picked up
    READ = "read"  #: the channel says that it was opened
    REPLIED = "replied"  #: the person answered, on whatever channel
