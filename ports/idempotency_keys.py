"""Responses stored by `Idempotency-Key`, so that a repeated request is not executed again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.errors import Conflict, Invalid


class KeyReused(Invalid):
    """This Idempotency-Key belongs to another request. Use a new one."""

    code = "idempotency_key_reused"


class RequestInProgress(Conflict):
    """The same request is in progress. Try again in a moment."""

    code = "request_in_flight"


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """An HTTP response: status code and body."""

    status: int
    body: bytes


class IdempotencyKeys(Protocol):
    """`key_id` is made of account, route and key; `fingerprint` is a hash of the request body.

    A store may remove a response after 72 hours.
    """

    async def begin(self, key_id: str, fingerprint: str, *, now: datetime) -> StoredResponse | None:
        """The stored response, or None if the caller must execute the request: it is the first one,
        or the first one got no response within 30 seconds.

        Raises `KeyReused` for another body, `RequestInProgress` during these 30 seconds.
        """
        ...

    async def finish(self, key_id: str, answer: StoredResponse, *, now: datetime) -> None:
        """Store the response of the request."""
        ...

    async def release(self, key_id: str) -> None:
        """Remove the key: the request failed in a way that a repeat may fix."""
        ...
