"""Where messages may be sent: public HTTPS servers only, since people choose the address.

The name is resolved once, every address it has must be public, and the connection goes to one of
these very addresses. A name that changes its address in between (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from ports.push import PushRefused, PushUnavailable

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The IP addresses of a host name. Raises `OSError`."""
HTTPS = 443


@dataclass(frozen=True, slots=True)
class Target:
    """An endpoint with the one address to connect to."""

    url: str
    host: str
    address: str

    @property
    def origin(self) -> str:
        """The audience of the signature (RFC 8292, section 2)."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def pinned(self) -> str:
        """The URL with the address in the place of the name."""
        parts = urlsplit(self.url)
        shown = f"[{self.address}]" if ":" in self.address else self.address
        netloc = f"{shown}:{parts.port}" if parts.port else shown
        return parts._replace(netloc=netloc).geturl()


async def resolve(host: str, port: int) -> Sequence[str]:
    """Ask the resolver of this machine. Raises `OSError`."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


@dataclass(frozen=True, slots=True)
class PublicServers:
    """Lets through what is on the public internet."""

    resolve: Resolve = resolve

    async def check(self, endpoint: str) -> Target:
        """Raises `PushRefused` for an address that is not public, and `PushUnavailable` for a name
        that is not found now."""
        parts = urlsplit(endpoint)
        if parts.scheme != "https" or not parts.hostname or parts.username or parts.password:
            raise PushRefused("The address of the browser is not https.")
        if parts.port not in (None, HTTPS):
            raise PushRefused("The address of the browser has an unusual port.")
        try:
            addresses = await self.resolve(parts.hostname, HTTPS)
        except OSError as error:
            raise PushUnavailable from error
        if not addresses or not all(_is_public(each) for each in addresses):
            raise PushRefused("The address of the browser is not on the public internet.")
        return Target(endpoint, parts.hostname, addresses[0])


NAT64 = IPv6Network("64:ff9b::/96")
NAT64_OF_A_NETWORK = IPv6Network("64:ff9b:1::/48")


def _is_public(text: str) -> bool:
    """Also of the IPv4 address that an IPv6 address may stand for."""
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast
    if address in NAT64_OF_A_NETWORK:
        return False
    embedded = address.ipv4_mapped or address.sixtofour
    if address in NAT64:
        embedded = IPv4Address(int(address) & 0xFFFFFFFF)
    if embedded is not None:
        return _is_public(str(embedded))
    return address.is_global and not address.is_multicast
