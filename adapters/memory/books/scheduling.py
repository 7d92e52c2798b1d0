"""The due book in memory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from adapters.memory.books.collection import pause
from adapters.memory.tables import Rows, View
from core.effects import Effect, EffectId, State
from ports.scheduling import Effects

Ring = Callable[[Sequence[Effect]], Awaitable[None]]
"""Told of what was added; rings at once, or once the step is committed."""


class MemoryEffects(Effects):
    def __init__(self, view: View, ring: Ring) -> None:
        self._rows: Rows[Effect] = Rows(view, "effects")
        self._ring = ring

    async def add(self, *effects: Effect) -> None:
        await pause()
        added = [effect for effect in effects if self._rows.find(effect.id) is None]
        for effect in added:
            self._rows.put(effect.id, replace(effect, payload=dict(effect.payload)))
        await self._ring(added)

    async def find(self, effect_id: str) -> Effect | None:
        await pause()
        return self._rows.find(effect_id)

    async def void(self, *effect_ids: str, now: datetime) -> None:
        await pause()
        for effect_id in effect_ids:
            effect = self._rows.find(effect_id)
            if effect is not None and effect.state is State.READY:
                self._keep(effect, state=State.VOID, lease=None, lease_until=None)

    async def claim(
        self,
        *,
        now: datetime,
        lease: timedelta,
        token: str,
        limit: int,
        only: Sequence[str] = (),
    ) -> tuple[Effect, ...]:
        await pause()
        free = [effect for effect in self._free(now) if not only or effect.id in only]
        until = now + lease
        return tuple(
            self._keep(e, lease=token, lease_until=until, attempts=e.attempts + 1)
            for e in free[:limit]
        )

    async def finish(self, effect_id: EffectId, *, token: str, now: datetime) -> bool:
        await pause()
        effect = self._held(effect_id, token)
        if effect is not None:
            self._keep(effect, state=State.DONE, lease=None, lease_until=None)
        return effect is not None

    async def fail(self, failed: Effect, *, token: str) -> bool:
        await pause()
        if self._held(failed.id, token) is None:
            return False
        self._rows.put(failed.id, failed)
        return True

    async def postpone(self, effect_id: EffectId, *, token: str, until: datetime) -> bool:
        await pause()
        effect = self._held(effect_id, token)
        if effect is not None:
            self._keep(
                effect, due_at=until, attempts=0, last_error=None, lease=None, lease_until=None
            )
        return effect is not None

    async def retry(self, effect_id: EffectId, *, now: datetime) -> bool:
        await pause()
        effect = self._rows.find(effect_id)
        if effect is None or effect.state is not State.DEAD:
            return False
        self._keep(effect, state=State.READY, due_at=now, attempts=0)
        return True

    async def in_state(self, state: str, *, limit: int) -> tuple[Effect, ...]:
        await pause()
        found = [effect for effect in self._rows.all() if effect.state == state]
        return tuple(sorted(found, key=_by_due)[:limit])

    async def oldest_due(self, *, now: datetime) -> datetime | None:
        """What somebody works on does not wait."""
        await pause()
        return next((effect.due_at for effect in self._free(now)), None)

    def _free(self, now: datetime) -> list[Effect]:
        ready = (effect for effect in self._rows.all() if effect.state is State.READY)
        free = (e for e in ready if max(e.due_at, e.lease_until or e.due_at) <= now)
        return sorted(free, key=_by_due)

    def _held(self, effect_id: str, token: str) -> Effect | None:
        effect = self._rows.find(effect_id)
        held = effect is not None and effect.state is State.READY and effect.lease == token
        return effect if held else None

    def _keep(self, effect: Effect, **changes: object) -> Effect:
        changed: Effect = replace(effect, **changes)  # type: ignore[arg-type]
        self._rows.put(changed.id, changed)
        return changed


def _by_due(effect: Effect) -> tuple[datetime, str]:
    return effect.due_at, effect.id
