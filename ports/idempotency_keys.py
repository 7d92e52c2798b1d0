"""Answers kept by `Idempotency-Key`, so that a repeated request is answered, not repeated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.errors import Conflict, Invalid


class KeyReused(Invalid):
    """This Idempotency-Key belongs to another request. Use a new one."""

    code = "idempotency_key_reused"


class RequestInProgress(Conflict):
    """The same request is being answered right now. Ask again in a moment."""

    code = "request_in_flight"


@dataclass(frozen=True, slots=True)
class StoredResponse:
    status: int
    body: bytes


class IdempotencyKeys(Protocol):
    """`id` names account, route and key; `fingerprint` is a hash of the body."""

    async def begin(self, key_id: str, fingerprint: str, *, now: datetime) -> StoredResponse | None:
        """None: go on, you are the first (or the first did not live to answer).

        Else the kept answer. Raises `KeyReused` for another body, `RequestInProgress` while the
        first is at work (for at most half a minute).
        """
        ...

    async def finish(self, key_id: str, answer: StoredResponse, *, now: datetime) -> None: ...
    async def release(self, key_id: str) -> None:
        """The request failed in a way a repeat may cure."""
        ...
