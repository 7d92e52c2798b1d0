"""Requests with an idempotency key in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from adapters.memory.repositories.repository import yield_control
from adapters.memory.tables import Table, TableAccess
from ports.idempotency_keys import (
    IdempotencyKeys,
    KeyedRequest,
    RecordedRequest,
    RequestRepeated,
    StoredResponse,
)


class MemoryIdempotencyKeys(IdempotencyKeys):
    def __init__(self, tables: TableAccess) -> None:
        self._table: Table[RecordedRequest] = Table(tables, "idempotency_keys")

    async def record(self, request: KeyedRequest, *, now: datetime) -> None:
        await yield_control()
        if self._table.find(request.id) is not None:
            raise self._table.tables.abort(RequestRepeated())
        self._table.put(request.id, RecordedRequest(request.fingerprint))

    async def find(self, request_id: str) -> RecordedRequest | None:
        await yield_control()
        return self._table.find(request_id)

    async def finish(self, request: KeyedRequest, answer: StoredResponse, *, now: datetime) -> None:
        await yield_control()
        recorded = self._table.find(request.id) or RecordedRequest(request.fingerprint)
        if recorded.answer is None:
            self._table.put(request.id, replace(recorded, answer=answer))
