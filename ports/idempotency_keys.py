"""Requests recorded by `Idempotency-Key`, so that a repeated one is not executed again.

A request is recorded in the transaction of what it does: no crash can separate the two. The web
layer names the request with `carrying`; the store records it in the first transaction that is
committed meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.errors import Conflict, Invalid


class KeyReused(Invalid):
    """This Idempotency-Key belongs to another request. Use a new one."""

    code = "idempotency_key_reused"


class RequestRepeated(Conflict):
    """This request was executed before."""


@dataclass(slots=True)
class KeyedRequest:
    """A request with a key. `id` is made of account, route and key; `fingerprint` is a hash of the
    body. `recorded`: a transaction with it was committed."""

    id: str
    fingerprint: str
    recorded: bool = False


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """An HTTP response: status code and body."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """A request that was executed. It has no answer if the server stopped before it was sent."""

    fingerprint: str
    answer: StoredResponse | None = None


class IdempotencyKeys(Protocol):
    """A store may remove a request after 72 hours."""

    async def record(self, request: KeyedRequest, *, now: datetime) -> None:
        """In the transaction of what the request does. Raises `RequestRepeated`, at the latest at
        the end of the transaction."""
        ...

    async def find(self, request_id: str) -> RecordedRequest | None: ...

    async def finish(self, request: KeyedRequest, answer: StoredResponse, *, now: datetime) -> None:
        """Store the answer of the request, also of one that no transaction has recorded."""
        ...


CARRIED: ContextVar[KeyedRequest | None] = ContextVar("keyed_request", default=None)


@contextmanager
def carrying(request: KeyedRequest) -> Iterator[None]:
    """What is done inside is done for this request."""
    token = CARRIED.set(request)
    try:
        yield
    finally:
        CARRIED.reset(token)


def request_to_record() -> KeyedRequest | None:
    """The request that the next transaction records, if there is one."""
    request = CARRIED.get()
    return None if request is None or request.recorded else request
