"""Mailed codes and throttles in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from adapters.memory.repositories.collection import pause
from adapters.memory.tables import Rows, View
from core.codes import Code
from ports.codes import Codes, Throttles


class MemoryCodes(Codes):
    def __init__(self, view: View) -> None:
        self._rows: Rows[Code] = Rows(view, "codes")

    async def find(self, code_id: str) -> Code | None:
        await pause()
        return self._rows.find(code_id)

    async def put(self, code: Code) -> None:
        await pause()
        self._rows.put(code.id, code)

    async def use_attempt(self, code_id: str, *, now: datetime) -> Code | None:
        await pause()
        code = self._rows.find(code_id)
        if code is None or code.tries_left <= 0 or code.expires_at <= now:
            return None
        left = replace(code, tries_left=code.tries_left - 1)
        self._rows.put(code_id, left)
        return left

    async def remove(self, code_id: str) -> None:
        await pause()
        self._rows.drop(code_id)


@dataclass(frozen=True, slots=True)
class Window:
    """A running count; a new one begins with the first event after `ends`."""

    count: int
    ends: datetime


class MemoryThrottles(Throttles):
    def __init__(self, view: View) -> None:
        self._rows: Rows[Window] = Rows(view, "throttles")

    async def count(self, key: str, *, window: timedelta, now: datetime) -> int:
        await pause()
        running = self._running(key, now) or Window(0, now + window)
        counted = replace(running, count=running.count + 1)
        self._rows.put(key, counted)
        return counted.count

    async def counted(self, keys: Sequence[str], *, now: datetime) -> Mapping[str, int]:
        await pause()
        found = {key: self._running(key, now) for key in keys}
        return {key: running.count for key, running in found.items() if running}

    async def uncount(self, key: str, *, now: datetime) -> None:
        await pause()
        running = self._running(key, now)
        if running and running.count > 0:
            self._rows.put(key, replace(running, count=running.count - 1))

    async def clear(self, *keys: str) -> None:
        await pause()
        for key in keys:
            self._rows.drop(key)

    def _running(self, key: str, now: datetime) -> Window | None:
        found = self._rows.find(key)
        return found if found is not None and found.ends > now else None
