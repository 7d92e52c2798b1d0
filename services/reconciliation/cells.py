"""Frees the time of bookings that have ended."""

from __future__ import annotations

from dataclasses import dataclass

from core.reconciliation_messages import FreeCells
from ports.store import Repositories, Store
from services.shared.outbox import handles


@dataclass(frozen=True, slots=True, kw_only=True)
class CellService:
    store: Store

    @handles(FreeCells)
    async def free(self, payload: FreeCells) -> None:
        """Without effect for a booking that takes place. The calendar is checked by the rule of the
        database."""

        async def step(repositories: Repositories) -> None:
            booking = await repositories.bookings.get(payload.booking)
            if not booking.holds:
                await repositories.bookings.correct_cells(booking)

        await self.store.transact(step)
