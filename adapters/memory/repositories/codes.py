"""Mailed codes and throttles in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from adapters.memory.repositories.repository import yield_control
from adapters.memory.tables import Table, TableAccess
from core.codes import Code
from ports.codes import Codes, Throttles


class MemoryCodes(Codes):
    def __init__(self, tables: TableAccess) -> None:
        self._table: Table[Code] = Table(tables, "codes")

    async def find(self, code_id: str) -> Code | None:
        await yield_control()
        return self._table.find(code_id)

    async def put(self, code: Code) -> None:
        await yield_control()
        self._table.put(code.id, code)

    async def use_attempt(self, code_id: str, *, now: datetime) -> Code | None:
        await yield_control()
        code = self._table.find(code_id)
        if code is None or code.tries_left <= 0 or code.expires_at <= now:
            return None
        left = replace(code, tries_left=code.tries_left - 1)
        self._table.put(code_id, left)
        return left

    async def remove(self, code_id: str) -> None:
        await yield_control()
        self._table.delete(code_id)


@dataclass(frozen=True, slots=True)
class Window:
    """The count of the current window, which ends at `ends`."""

    count: int
    ends: datetime


class MemoryThrottles(Throttles):
    def __init__(self, tables: TableAccess) -> None:
        self._table: Table[Window] = Table(tables, "throttles")

    async def increment(self, key: str, *, window: timedelta, now: datetime) -> int:
        await yield_control()
        current = self._current(key, now) or Window(0, now + window)
        counted = replace(current, count=current.count + 1)
        self._table.put(key, counted)
        return counted.count

    async def counts(self, keys: Sequence[str], *, now: datetime) -> Mapping[str, int]:
        await yield_control()
        found = {key: self._current(key, now) for key in keys}
        return {key: current.count for key, current in found.items() if current}

    async def decrement(self, key: str, *, now: datetime) -> None:
        await yield_control()
        current = self._current(key, now)
        if current and current.count > 0:
            self._table.put(key, replace(current, count=current.count - 1))

    async def clear(self, *keys: str) -> None:
        await yield_control()
        for key in keys:
            self._table.delete(key)

    def _current(self, key: str, now: datetime) -> Window | None:
        found = self._table.find(key)
        return found if found is not None and found.ends > now else None
