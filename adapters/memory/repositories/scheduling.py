"""The outbox in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from adapters.memory.repositories.repository import newest_first, oldest_first, yield_control
from adapters.memory.tables import Table, TableAccess
from core.outbox import OutboxId, OutboxMessage, State
from ports.scheduling import LATEST_FIRST, OUTBOX_STATES, Outbox, OutboxList
from ports.telemetry import current_trace


class MemoryOutbox(Outbox):
    def __init__(self, tables: TableAccess) -> None:
        self._table: Table[OutboxMessage] = Table(tables, "outbox")
        self._on_added = tables.on_added

    async def add(self, *messages: OutboxMessage) -> None:
        await yield_control()
        added = [message for message in messages if self._table.find(message.id) is None]
        for message in added:
            kept = replace(message, payload=dict(message.payload))
            self._table.put(message.id, kept.added_in(current_trace()))
        await self._on_added(added)

    async def find(self, message_id: str) -> OutboxMessage | None:
        await yield_control()
        return self._table.find(message_id)

    async def many(self, message_ids: Sequence[str]) -> dict[str, OutboxMessage]:
        await yield_control()
        found = {message_id: self._table.find(message_id) for message_id in message_ids}
        return {message_id: each for message_id, each in found.items() if each is not None}

    async def cancel(self, *message_ids: str, now: datetime) -> None:
        await yield_control()
        for message_id in message_ids:
            message = self._table.find(message_id)
            if message is not None and message.state is State.READY:
                self._change(message, state=State.CANCELLED, lease=None, lease_until=None)

    async def claim(
        self,
        *,
        now: datetime,
        lease: timedelta,
        token: str,
        limit: int,
        only: Sequence[str] = (),
    ) -> tuple[OutboxMessage, ...]:
        await yield_control()
        free = [message for message in self._free(now) if not only or message.id in only]
        until = now + lease
        return tuple(
            self._change(e, lease=token, lease_until=until, attempts=e.attempts + 1)
            for e in free[:limit]
        )

    async def finish(self, *message_ids: OutboxId, token: str, now: datetime) -> int:
        await yield_control()
        leased = [self._leased(message_id, token) for message_id in message_ids]
        finished = [message for message in leased if message is not None]
        for message in finished:
            self._change(message, state=State.DONE, lease=None, lease_until=None)
        return len(finished)

    async def remove(self, *message_ids: OutboxId, token: str) -> int:
        await yield_control()
        leased = [each for each in message_ids if self._leased(each, token) is not None]
        for message_id in leased:
            self._table.delete(message_id)
        return len(leased)

    async def fail(self, failed: OutboxMessage, *, token: str) -> bool:
        await yield_control()
        if self._leased(failed.id, token) is None:
            return False
        self._table.put(failed.id, failed)
        return True

    async def postpone(self, message_id: OutboxId, *, token: str, until: datetime) -> bool:
        await yield_control()
        message = self._leased(message_id, token)
        if message is not None:
            self._change(
                message, due_at=until, attempts=0, last_error=None, lease=None, lease_until=None
            )
        return message is not None

    async def retry(self, message_id: OutboxId, *, now: datetime) -> bool:
        await yield_control()
        message = self._table.find(message_id)
        if message is None or message.state is not State.DEAD:
            return False
        self._change(message, state=State.READY, due_at=now, attempts=0)
        return True

    async def in_state(self, state: str, *, limit: int) -> tuple[OutboxMessage, ...]:
        await yield_control()
        found = [message for message in self._table.all() if message.state == state]
        return tuple(sorted(found, key=_by_due)[:limit])

    async def page(
        self, wanted: OutboxList, *, limit: int = 20, cursor: str | None = None
    ) -> tuple[tuple[OutboxMessage, ...], str | None]:
        await yield_control()
        keyed = ((_key(message), message) for message in self._listed(wanted))
        if wanted in LATEST_FIRST:
            return newest_first(keyed, limit=limit, cursor=cursor)
        return oldest_first(keyed, limit=limit, cursor=cursor)

    async def count(self, wanted: OutboxList, *, at_most: int) -> int:
        await yield_control()
        return min(len(self._listed(wanted)), at_most)

    async def oldest_due(self, *, now: datetime) -> datetime | None:
        """Leased messages are not counted."""
        await yield_control()
        return next((message.due_at for message in self._free(now)), None)

    async def count_due(self, *, now: datetime, at_most: int) -> int:
        await yield_control()
        return min(len(self._free(now)), at_most)

    def _listed(self, wanted: OutboxList) -> list[OutboxMessage]:
        failing = wanted is OutboxList.FAILING
        found = (e for e in self._table.all() if e.state is OUTBOX_STATES[wanted])
        return [message for message in found if message.last_error or not failing]

    def _free(self, now: datetime) -> list[OutboxMessage]:
        ready = (message for message in self._table.all() if message.state is State.READY)
        free = (e for e in ready if max(e.due_at, e.lease_until or e.due_at) <= now)
        return sorted(free, key=_by_due)

    def _leased(self, message_id: str, token: str) -> OutboxMessage | None:
        message = self._table.find(message_id)
        leased = message is not None and message.state is State.READY and message.lease == token
        return message if leased else None

    def _change(self, message: OutboxMessage, **changes: object) -> OutboxMessage:
        changed: OutboxMessage = replace(message, **changes)  # type: ignore[arg-type]
        self._table.put(changed.id, changed)
        return changed


def _by_due(message: OutboxMessage) -> tuple[datetime, str]:
    return message.due_at, message.id


def _key(message: OutboxMessage) -> str:
    return f"{message.due_at.isoformat(timespec='milliseconds')}|{message.id}"
