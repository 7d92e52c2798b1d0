"""Updates for open browsers: both parties of a booking, and visitors who look at free hours."""

from __future__ import annotations

from dataclasses import dataclass

from core.live import BookingChanged, SessionEnded, SlotsChanged
from ports.live import Live
from services.shared.outbox import handles


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveService:
    live: Live

    @handles(BookingChanged)
    async def booking_changed(self, payload: BookingChanged) -> None:
        data = {"booking": payload.booking, "what": payload.what}
        for account in payload.accounts.split():
            await self.live.publish(f"account:{account}", "booking:updated", data)

    @handles(SlotsChanged)
    async def slots_changed(self, payload: SlotsChanged) -> None:
        data = {"developer": payload.developer}
        await self.live.publish(f"developer:{payload.developer}", "slots:changed", data)

    @handles(SessionEnded)
    async def session_ended(self, payload: SessionEnded) -> None:
        """The sockets of the session are told, then closed."""
        await self.live.publish(f"session:{payload.session}", "session:ended", {})
