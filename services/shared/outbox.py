"""Outbox handlers, declared on the methods that run them with the payload each one takes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from core.outbox import OutboxMessage, Payload
from services.shared.declared import declarations

P = TypeVar("P", bound=Payload)
S = TypeVar("S")
Method = Callable[[S, P], Awaitable[None]]
PAYLOAD_ATTRIBUTE = "handled_payload"


@dataclass(frozen=True, slots=True)
class Handler:
    """Runs the messages of one kind. `run` must be idempotent: the relay delivers a message at
    least once."""

    payload: type[Payload]
    run: Callable[[Any], Awaitable[None]]

    async def __call__(self, message: OutboxMessage) -> None:
        """Raises `WrongPayload`, `NotDueYet`, and what the handler raises."""
        await self.run(self.payload.decode(message.payload))


def handles(payload: type[P]) -> Callable[[Method[S, P]], Method[S, P]]:
    """Declare that this method of a service handles the messages with this payload."""

    def declare(method: Method[S, P]) -> Method[S, P]:
        setattr(method, PAYLOAD_ATTRIBUTE, payload)
        return method

    return declare


def handlers_of(service: object) -> Iterator[Handler]:
    """The handlers a service declares."""
    for name, payload in declarations(service, PAYLOAD_ATTRIBUTE):
        yield Handler(payload, getattr(service, name))
