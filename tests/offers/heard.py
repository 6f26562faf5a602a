"""What a reader makes of the callbacks of a send."""

from failover.channels import Channel
from failover.choices import chosen
from failover.content import Choice
from failover.events import DeliveryReport, Event, Reply, Response
from providers.base import Callback
from providers.reply_keys import address_key
from tests.callbacks import KEY
from tests.offers.offer import Sent


def heard(sent: Sent, callback: Callback) -> Event:
    """What the one callback says, the same each time that it comes."""
    [event] = sent.offer.by.reader.read(callback)
    assert sent.offer.by.reader.read(callback) == [event]
    return event


def reported(sent: Sent, callback: Callback) -> DeliveryReport:
    """A report that belongs to this send."""
    report = heard(sent, callback)
    assert isinstance(report, DeliveryReport)
    assert report.reference == sent.outbound.reference
    assert report.event_id
    assert report.provider_id in (sent.accepted.provider_id, None)
    assert report.person in (address_key(KEY, sent.outbound.to), None)
    return report


def replied(sent: Sent, callback: Callback) -> Reply:
    """A reply that finds this send, by the person whom it went to."""
    reply = heard(sent, callback)
    assert isinstance(reply, Reply)
    assert (reply.provider, bool(reply.provider_id)) == (sent.offer.by.name, True)
    assert family(reply.channel) == family(sent.offer.channel)
    assert names(reply, sent) or set(reply.keys) & set(sent.accepted.reply_keys)
    assert reply.person == address_key(KEY, sent.outbound.to)
    return reply


def family(channel: str) -> str:
    """What answers an MMS may look like an SMS."""
    return Channel.SMS if channel == Channel.MMS else channel


def names(reply: Reply, sent: Sent) -> bool:
    return reply.reference == sent.outbound.reference


def understood(reply: Reply, choices: tuple[Choice, ...]) -> Choice | None:
    """The core knows a choice by what was pressed, and by what was written."""
    response = Response(channel=reply.channel, text=reply.text, choice=reply.choice)
    return chosen(response, choices)
