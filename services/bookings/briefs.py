"""Files of a brief: attached with the booking, and removed when it ends unpaid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from core.bookings import Booking
from core.bookings_messages import RemoveBriefFiles
from core.files import Purpose
from core.outbox import OutboxMessage, message
from ports.clock import Clock
from ports.store import Repositories, Store
from services.files import Attachments
from services.shared.outbox import handles

AT_ONCE = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefFiles:
    store: Store
    attachments: Attachments
    clock: Clock

    def check_count(self, files: Sequence[str]) -> None:
        """Raises `Invalid` for more files than a brief may have."""
        self.attachments.check_count(files, Purpose.BRIEF)

    async def attach(self, repositories: Repositories, booking: Booking) -> None:
        """Attach the files to a new booking, in its transaction. Raises what `Attachments.attach`
        raises."""
        if booking.files:
            await self.attachments.attach(
                repositories,
                booking.files,
                by=booking.client.account_id,
                purpose=Purpose.BRIEF,
                to=booking.id,
            )

    def remove_expired(self, booking: Booking) -> list[OutboxMessage]:
        """The removal of the files of an expired booking, later: it can still be paid."""
        return self._removal(booking, self.attachments.policy.unused_life)

    def remove_released(self, booking: Booking) -> list[OutboxMessage]:
        """The removal of the files of a booking that was released unpaid, at once."""
        return self._removal(booking, AT_ONCE)

    @handles(RemoveBriefFiles)
    async def remove(self, payload: RemoveBriefFiles) -> None:
        """Remove the files unless the booking has been paid meanwhile."""

        async def step(repositories: Repositories) -> None:
            booking = await repositories.bookings.get(payload.booking)
            if booking.ended_unpaid:
                await self.attachments.remove(repositories, booking.files)

        await self.store.transact(step)

    def _removal(self, booking: Booking, after: timedelta) -> list[OutboxMessage]:
        if not booking.files:
            return []
        due = self.clock.now() + after
        return [message(RemoveBriefFiles(booking.id), booking.id, due_at=due)]
