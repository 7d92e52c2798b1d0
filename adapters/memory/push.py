"""Messages to browsers, in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from ports.push import (
    LONGEST,
    Pusher,
    PushReceiver,
    PushRefused,
    PushUnavailable,
    SubscriptionEnded,
)


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
    public_key: str = "BMemory"

    async def send(self, to: PushReceiver, content: bytes, *, topic: str, life: timedelta) -> None:
        if len(content) > LONGEST:
            raise PushRefused
        if self.down:
            raise PushUnavailable
        if to.endpoint in self.ended:
            raise SubscriptionEnded
        if to.endpoint in self.refused:
            raise PushRefused
        self.sent.append(Pushed(to.endpoint, content, topic, life))
