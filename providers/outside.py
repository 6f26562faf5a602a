"""Requests to URLs that others chose: to the public internet, and nowhere else.

What is checked is the address that is connected to, in the moment it is, so neither a name that
resolves to something else the next time nor any spelling of an address gets around it. Of the
libraries for this, requests-hardened (1.3) has no hosts that are allowed, no limit on the whole
time of a request, and lets `fec0::/10` pass; aiohttp hands each address over before it connects.
"""

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

#: Seconds for all of a request, from the look-up of the name to the answer's headers.
TIMEOUT = 10
#: All that is given out of IPv6 (IANA, IPv6 Global Unicast Address Assignments).
_UNICAST = ip_network("2000::/3")
#: The registries' special purposes that Python 3.11 does not know to be none of the internet.
_SPECIAL = tuple(
    ip_network(one)
    for one in ("192.88.99.0/24", "192.0.0.0/24", "2001::/23", "2002::/16", "3fff::/20")
)
#: An IPv4 address is in the last four bytes of these: NAT64, by which an IPv6 network reaches it.
_NAT64 = ip_network("64:ff9b::/96")


class NotAllowed(OSError):
    """The address is none that may be reached."""


@dataclass(frozen=True)
class Answered:
    status: int
    retry_after: str | None
    location: str | None = None


async def post(
    url: URL,
    body: bytes | BytesIO,
    headers: Mapping[str, str],
    *,
    may_reach: Callable[[str], bool] | None = None,
    within: float = TIMEOUT,
    resolver: AbstractResolver | None = None,
) -> Answered:
    """One POST; redirects are not followed, and the answer's body is not read.

    Raises `NotAllowed` for an address that may not be reached, which are those that are not
    `public`; aiohttp's errors; TimeoutError; and UnicodeError for a name that cannot be one.
    Proxies of the environment are not used.
    """
    connector = aiohttp.TCPConnector(
        socket_factory=partial(_checked, may_reach or public), resolver=resolver, force_close=True
    )
    session = aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=within),
    )
    try:
        async with (
            session,
            session.post(url, data=body, headers=headers, allow_redirects=False) as answer,
        ):
            told = answer.headers
            return Answered(answer.status, told.get("Retry-After"), told.get("Location"))
    except aiohttp.ClientConnectorError as error:
        if isinstance(error.os_error, NotAllowed):
            raise error.os_error from None
        raise


def public(address: str) -> bool:
    """Whether an IP address is on the public internet.

    >>> public("93.184.215.14"), public("10.0.0.1"), public("::ffff:127.0.0.1")
    (True, False, False)
    """
    ip = _real(ip_address(address.partition("%")[0]))
    if isinstance(ip, IPv6Address) and ip not in _UNICAST:
        return False
    return ip.is_global and not ip.is_multicast and not any(ip in net for net in _SPECIAL)


def _real(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 address stands for, if any."""
    if isinstance(ip, IPv6Address) and ip in _NAT64:
        return IPv4Address(ip.packed[-4:])
    return ip.ipv4_mapped or ip if isinstance(ip, IPv6Address) else ip


def _checked(may_reach: Callable[[str], bool], found: tuple[Any, ...]) -> socket.socket:
    """A socket for an address with which aiohttp is about to connect."""
    family, kind, protocol, _, address = found
    if not may_reach(address[0]):
        raise NotAllowed("a private address")
    return socket.socket(family=family, type=kind, proto=protocol)
