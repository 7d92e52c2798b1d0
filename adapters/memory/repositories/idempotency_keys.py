"""Kept answers in memory."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from adapters.memory.repositories.repository import yield_control
from adapters.memory.tables import Table, TableAccess
from ports.idempotency_keys import IdempotencyKeys, KeyReused, RequestInProgress, StoredResponse

PATIENCE = timedelta(seconds=30)
"""A request that has not answered after this long is taken for dead."""


@dataclass(frozen=True, slots=True)
class Begun:
    fingerprint: str
    at: datetime
    answer: StoredResponse | None = None


class MemoryIdempotencyKeys(IdempotencyKeys):
    def __init__(self, tables: TableAccess) -> None:
        self._table: Table[Begun] = Table(tables, "idempotency_keys")

    async def begin(self, key_id: str, fingerprint: str, *, now: datetime) -> StoredResponse | None:
        await yield_control()
        first = self._table.find(key_id)
        if first is not None and first.fingerprint != fingerprint:
            raise KeyReused
        if first is not None and first.answer is not None:
            return first.answer
        if first is not None and now < first.at + PATIENCE:
            raise RequestInProgress
        self._table.put(key_id, Begun(fingerprint, now))
        return None

    async def finish(self, key_id: str, answer: StoredResponse, *, now: datetime) -> None:
        await yield_control()
        begun = self._table.find(key_id)
        if begun is not None:
            self._table.put(key_id, replace(begun, answer=answer))

    async def release(self, key_id: str) -> None:
        await yield_control()
        self._table.delete(key_id)
