"""Messages to browsers, in memory."""

from __future__ import annotations

import ipaddress
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from ports.push import (
    LONGEST,
    Pusher,
    PushReceiver,
    PushRefused,
    PushUnavailable,
    SubscriptionEnded,
)

PUBLIC_KEY = urlsafe_b64encode(b"\x04" + bytes(64)).decode().rstrip("=")
"""As long as a real one."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """One accepted message."""

    endpoint: str
    content: bytes
    topic: str
    life: timedelta


@dataclass
class MemoryPusher(Pusher):
    """`sent` has all accepted messages. `ended` are the endpoints that no longer exist, `refused`
    those that refuse every message; while `down`, none is accepted."""

    sent: list[Pushed] = field(default_factory=list)
    ended: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    down: bool = False
    public_key: str = PUBLIC_KEY

    async def send(self, to: PushReceiver, content: bytes, *, topic: str, life: timedelta) -> None:
        if len(content) > LONGEST or not _is_public(to.endpoint):
            raise PushRefused
        if self.down:
            raise PushUnavailable
        if to.endpoint in self.ended:
            raise SubscriptionEnded
        if to.endpoint in self.refused:
            raise PushRefused
        self.sent.append(Pushed(to.endpoint, content, topic, life))


def _is_public(endpoint: str) -> bool:
    """Whether this is the URL of an HTTPS server that is not in a private network."""
    url = urlsplit(endpoint)
    host = url.hostname or "localhost"
    try:
        is_public = ipaddress.ip_address(host).is_global
    except ValueError:
        is_public = host != "localhost"
    return url.scheme == "https" and is_public
