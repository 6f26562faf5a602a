"""How Twilio writes an address on each channel, and where it calls us back."""

from urllib.parse import quote

from failover.channels import Channel

#: Twilio says the channel before the address; SMS, MMS and voice have a bare number.
_PREFIXES = {
    Channel.WHATSAPP: "whatsapp:",
    Channel.RCS: "rcs:",
    Channel.MESSENGER: "messenger:",
}

# Connection overrides (Twilio's page "Webhooks connection overrides"); the fragment is neither
# sent nor signed. By default Twilio tries once more, and only when it could not connect. Here it
# also does after a 5xx (we answer 503 while Temporal is away) and a read timeout. Not after a 4xx:
# what we call forged or malformed today is so in a second, too.
_OVERRIDES = "#rc=5&rp=5xx,ct,rt"


def channel_address(channel: Channel, address: str) -> str:
    prefix = _PREFIXES.get(channel, "")
    return address if address.startswith(prefix) else prefix + address


def channel_of(address: str) -> Channel:
    """The channel of a `From` or `To`; an MMS looks like an SMS."""
    for channel, prefix in _PREFIXES.items():
        if address.startswith(prefix):
            return channel
    return Channel.SMS


def callback_url(base_url: str, route: str, reference: str, **more: str | int) -> str:
    """Ours, with the reference in the query, which Twilio brings back and signs."""
    query = {"m": reference, **more}
    said = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in query.items())
    return f"{base_url}/twilio/{route}?{said}{_OVERRIDES}"
