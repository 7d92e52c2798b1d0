"""Idempotency keys in memory."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from adapters.memory.repositories.repository import yield_control
from adapters.memory.tables import Table, TableAccess
from ports.idempotency_keys import IdempotencyKeys, KeyReused, RequestInProgress, StoredResponse

TIMEOUT = timedelta(seconds=30)
"""A request without a response after this time is considered to have failed."""


@dataclass(frozen=True, slots=True)
class StoredRequest:
    """A request and its response, once there is one."""

    fingerprint: str
    at: datetime
    answer: StoredResponse | None = None


class MemoryIdempotencyKeys(IdempotencyKeys):
    def __init__(self, tables: TableAccess) -> None:
        self._table: Table[StoredRequest] = Table(tables, "idempotency_keys")

    async def begin(self, key_id: str, fingerprint: str, *, now: datetime) -> StoredResponse | None:
        await yield_control()
        first = self._table.find(key_id)
        if first is not None and first.fingerprint != fingerprint:
            raise KeyReused
        if first is not None and first.answer is not None:
            return first.answer
        if first is not None and now < first.at + TIMEOUT:
            raise RequestInProgress
        self._table.put(key_id, StoredRequest(fingerprint, now))
        return None

    async def finish(self, key_id: str, answer: StoredResponse, *, now: datetime) -> None:
        await yield_control()
        stored = self._table.find(key_id)
        if stored is not None:
            self._table.put(key_id, replace(stored, answer=answer))

    async def release(self, key_id: str) -> None:
        await yield_control()
        self._table.delete(key_id)
