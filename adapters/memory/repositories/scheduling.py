"""The outbox in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from adapters.memory.repositories.collection import pause
from adapters.memory.tables import Rows, View
from core.outbox import OutboxId, OutboxMessage, State
from ports.scheduling import Outbox


class MemoryOutbox(Outbox):
    def __init__(self, view: View) -> None:
        self._rows: Rows[OutboxMessage] = Rows(view, "outbox")
        self._on_added = view.on_added

    async def add(self, *messages: OutboxMessage) -> None:
        await pause()
        added = [message for message in messages if self._rows.find(message.id) is None]
        for message in added:
            self._rows.put(message.id, replace(message, payload=dict(message.payload)))
        await self._on_added(added)

    async def find(self, message_id: str) -> OutboxMessage | None:
        await pause()
        return self._rows.find(message_id)

    async def cancel(self, *message_ids: str, now: datetime) -> None:
        await pause()
        for message_id in message_ids:
            message = self._rows.find(message_id)
            if message is not None and message.state is State.READY:
                self._keep(message, state=State.CANCELLED, lease=None, lease_until=None)

    async def claim(
        self,
        *,
        now: datetime,
        lease: timedelta,
        token: str,
        limit: int,
        only: Sequence[str] = (),
    ) -> tuple[OutboxMessage, ...]:
        await pause()
        free = [message for message in self._free(now) if not only or message.id in only]
        until = now + lease
        return tuple(
            self._keep(e, lease=token, lease_until=until, attempts=e.attempts + 1)
            for e in free[:limit]
        )

    async def finish(self, message_id: OutboxId, *, token: str, now: datetime) -> bool:
        await pause()
        message = self._held(message_id, token)
        if message is not None:
            self._keep(message, state=State.DONE, lease=None, lease_until=None)
        return message is not None

    async def fail(self, failed: OutboxMessage, *, token: str) -> bool:
        await pause()
        if self._held(failed.id, token) is None:
            return False
        self._rows.put(failed.id, failed)
        return True

    async def postpone(self, message_id: OutboxId, *, token: str, until: datetime) -> bool:
        await pause()
        message = self._held(message_id, token)
        if message is not None:
            self._keep(
                message, due_at=until, attempts=0, last_error=None, lease=None, lease_until=None
            )
        return message is not None

    async def retry(self, message_id: OutboxId, *, now: datetime) -> bool:
        await pause()
        message = self._rows.find(message_id)
        if message is None or message.state is not State.DEAD:
            return False
        self._keep(message, state=State.READY, due_at=now, attempts=0)
        return True

    async def in_state(self, state: str, *, limit: int) -> tuple[OutboxMessage, ...]:
        await pause()
        found = [message for message in self._rows.all() if message.state == state]
        return tuple(sorted(found, key=_by_due)[:limit])

    async def oldest_due(self, *, now: datetime) -> datetime | None:
        """A message that a relay works on does not count."""
        await pause()
        return next((message.due_at for message in self._free(now)), None)

    def _free(self, now: datetime) -> list[OutboxMessage]:
        ready = (message for message in self._rows.all() if message.state is State.READY)
        free = (e for e in ready if max(e.due_at, e.lease_until or e.due_at) <= now)
        return sorted(free, key=_by_due)

    def _held(self, message_id: str, token: str) -> OutboxMessage | None:
        message = self._rows.find(message_id)
        held = message is not None and message.state is State.READY and message.lease == token
        return message if held else None

    def _keep(self, message: OutboxMessage, **changes: object) -> OutboxMessage:
        changed: OutboxMessage = replace(message, **changes)  # type: ignore[arg-type]
        self._rows.put(changed.id, changed)
        return changed


def _by_due(message: OutboxMessage) -> tuple[datetime, str]:
    return message.due_at, message.id
