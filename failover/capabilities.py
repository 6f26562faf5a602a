"""What a channel can ever say about a message: a goal beyond it is never waited for."""

from failover.channels import Channel, Goal

_TO_THE_DEVICE = frozenset({Goal.ACCEPTED, Goal.DELIVERED, Goal.REPLIED})
_TO_THE_EYE = frozenset(Goal)

#: Read receipts exist on WhatsApp, RCS, Viber and Messenger. An opened email proves nothing:
#: mail clients and scanners fetch the images (Twilio's own guide says so).
REPORTS: dict[Channel, frozenset[Goal]] = {
    Channel.SMS: _TO_THE_DEVICE,
    Channel.MMS: _TO_THE_DEVICE,
    Channel.WHATSAPP: _TO_THE_EYE,
    Channel.VIBER: _TO_THE_EYE,
    Channel.MESSENGER: _TO_THE_EYE,
    Channel.RCS: _TO_THE_EYE,
    Channel.EMAIL: _TO_THE_DEVICE,
    Channel.VOICE: _TO_THE_DEVICE,
    Channel.PUSH: _TO_THE_EYE,
    Channel.AGENT: frozenset({Goal.ACCEPTED, Goal.REPLIED}),
}
