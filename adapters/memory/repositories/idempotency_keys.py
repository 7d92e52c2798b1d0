"""Kept answers in memory."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from adapters.memory.repositories.collection import pause
from adapters.memory.tables import Rows, View
from ports.idempotency_keys import Answer, IdempotencyKeys, KeyReused, RequestInProgress

PATIENCE = timedelta(seconds=30)
"""A request that has not answered after this long is taken for dead."""


@dataclass(frozen=True, slots=True)
class Begun:
    fingerprint: str
    at: datetime
    answer: Answer | None = None


class MemoryIdempotencyKeys(IdempotencyKeys):
    def __init__(self, view: View) -> None:
        self._rows: Rows[Begun] = Rows(view, "idempotency_keys")

    async def begin(self, key_id: str, fingerprint: str, *, now: datetime) -> Answer | None:
        await pause()
        first = self._rows.find(key_id)
        if first is not None and first.fingerprint != fingerprint:
            raise KeyReused
        if first is not None and first.answer is not None:
            return first.answer
        if first is not None and now < first.at + PATIENCE:
            raise RequestInProgress
        self._rows.put(key_id, Begun(fingerprint, now))
        return None

    async def finish(self, key_id: str, answer: Answer, *, now: datetime) -> None:
        await pause()
        begun = self._rows.find(key_id)
        if begun is not None:
            self._rows.put(key_id, replace(begun, answer=answer))

    async def forget(self, key_id: str) -> None:
        await pause()
        self._rows.drop(key_id)
