"""Live updates for the parties of a booking and for visitors of a developer's profile."""

from __future__ import annotations

from dataclasses import dataclass

from core.live import BookingChanged, SessionEnded, SlotsChanged
from ports.live import Live
from services.shared.outbox import handles


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveService:
    """Outbox handlers that publish events to open browsers."""

    live: Live

    @handles(BookingChanged)
    async def booking_changed(self, payload: BookingChanged) -> None:
        """Publish `booking:updated` to both parties."""
        data = {"booking": payload.booking, "what": payload.what}
        for account in payload.accounts.split():
            await self.live.publish(f"account:{account}", "booking:updated", data)

    @handles(SlotsChanged)
    async def slots_changed(self, payload: SlotsChanged) -> None:
        """Publish `slots:changed` to the visitors of the profile."""
        data = {"developer": payload.developer}
        await self.live.publish(f"developer:{payload.developer}", "slots:changed", data)

    @handles(SessionEnded)
    async def session_ended(self, payload: SessionEnded) -> None:
        """Notify the sockets of the session; the socket server then closes them."""
        await self.live.publish(f"session:{payload.session}", "session:ended", {})
