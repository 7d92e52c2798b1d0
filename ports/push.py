"""Messages to browsers that asked for them (Web Push)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from core.errors import Conflict, Unavailable


@dataclass(frozen=True, slots=True)
class PushReceiver:
    """A browser, as its subscription names it: the URL of its push service, its public key (65
    bytes, uncompressed P-256) and its authentication secret (16 bytes)."""

    endpoint: str = field(repr=False)
    key: bytes = field(repr=False)
    secret: bytes = field(repr=False)


class PushUnavailable(Unavailable):
    """The push service of the browser does not respond, or cannot accept the message now."""

    code = "push_unavailable"
    service = "the push service of a browser"


class PushRefused(Conflict):
    """The push service refused this message permanently."""

    code = "push_refused"


class SubscriptionEnded(PushRefused):
    """The browser gets no messages at this address any more."""

    code = "push_subscription_ended"


LONGEST = 3000
"""Bytes of a message before it is encrypted."""


class Pusher(Protocol):
    """Sends messages through the push services of browsers."""

    @property
    def public_key(self) -> str:
        """The key that browsers subscribe with (`applicationServerKey`), in base64url."""
        ...

    async def send(self, to: PushReceiver, content: bytes, *, topic: str, life: timedelta) -> None:
        """Returns when the push service has accepted the message, encrypted for this browser. It
        has at most `LONGEST` bytes. It is dropped after `life` if the browser was not reachable; a
        later one of the same `topic` replaces it until then.

        Raises `PushUnavailable` (retry later), `SubscriptionEnded` (never send there again), or
        `PushRefused`. An address that is not a public HTTPS server is refused: people choose it.
        """
        ...
