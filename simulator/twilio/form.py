"""A form as Twilio receives it, and its addresses with their channel prefix."""

from urllib.parse import parse_qs, parse_qsl, urlsplit

from simulator.scripts import normal


class Form:
    def __init__(self, body: bytes) -> None:
        self.pairs = parse_qsl(body.decode(errors="replace"), keep_blank_values=True)

    def get(self, name: str) -> str:
        return next((value for key, value in self.pairs if key == name), "").strip()

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.pairs if key == name]


def address(value: str) -> tuple[str, str]:
    """`whatsapp:+1415...` -> its channel and the bare address; the channel of a bare one is sms."""
    channel, colon, bare = value.partition(":")
    return (channel.lower(), bare) if colon else ("sms", value)


def prefixed(channel: str, bare: str) -> str:
    return f"{channel}:{bare}" if channel in ("whatsapp", "rcs", "messenger") else bare


def plain(value: str) -> str:
    return normal(address(value)[1])


def reference(status_callback: str) -> str | None:
    """Ours travels in the callback's query."""
    return parse_qs(urlsplit(status_callback).query).get("m", [None])[0]
