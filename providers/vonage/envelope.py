"""Who writes to whom, which send it is, and for how long: the same on all channels of Vonage."""

from typing import TypedDict

from providers.base import Outbound


class Common(TypedDict):
    """What all channels have. Vonage wants phone numbers without the +."""

    to: str
    from_: str
    client_ref: str
    webhook_url: str
    webhook_version: str


def common(outbound: Outbound, ours: str, status_url: str) -> Common:
    return Common(
        to=outbound.to.removeprefix("+"),
        from_=ours.removeprefix("+"),
        client_ref=outbound.reference,
        webhook_url=status_url,
        webhook_version="v1",
    )


def ttl(outbound: Outbound, shortest: int, longest: int) -> int:
    """Seconds that it may wait for the handset, within what the channel takes."""
    return min(max(int(outbound.valid_for.total_seconds()), shortest), longest)
