"""Addresses that misbehave by themselves, Twilio's documented test numbers among them."""

from simulator.scripts import Script, normal

#: Twilio's "Test Credentials" page, numbers for To; the simulator applies them to every provider.
REFUSED = {
    "+15005550001": {"twilio": "21211", "vonage": "1170"},
    "+15005550002": {"twilio": "21612", "vonage": "1250"},
    "+15005550003": {"twilio": "21408", "vonage": "1160"},
    "+15005550004": {"twilio": "21610", "vonage": "1240"},
    "+15005550009": {"twilio": "21614", "vonage": "1310"},
}
#: The same page, numbers for From.
REFUSED_SENDERS = {"+15005550007": "21606", "+15005550008": "21611"}

#: Ours: accepted, and then not delivered, or never heard of again.
UNDELIVERED = "+15005550010"
SILENT = "+15005550011"

MAIL = {
    "bounce": Script(do="bounce", classification="Invalid Address"),
    "blocked": Script(do="bounce", classification="Reputation", code="blocked"),
    "drop": Script(do="fail", code="dropped", detail="Bounced Address"),
}


def magic(provider: str, sender: str, to: str) -> Script | None:
    """What a magic address does to a send."""
    address = normal(to)
    if code := REFUSED.get(address, {}).get(provider):
        return Script(do="refuse", code=code)
    if provider == "twilio" and (code := REFUSED_SENDERS.get(normal(sender))):
        return Script(do="refuse", code=code)
    if address == UNDELIVERED:
        return Script(do="fail", code={"vonage": "1260"}.get(provider, "30003"), after=1)
    if address == SILENT:
        return Script(do="silent")
    return MAIL.get(address.partition("@")[0]) if "@" in address else None
