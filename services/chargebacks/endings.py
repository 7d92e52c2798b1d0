"""The end of a booking whose held money was lost to the client's bank.

The methods run inside the caller's transaction and call repositories only.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.bookings import Booking
from core.developers import DeveloperId, RefreshNextTimes
from core.disputes import DisputeId
from core.jobs import JobId
from core.live import SlotsChanged
from core.outbox import message
from ports.clock import Clock
from ports.store import Repositories
from services.disputes import DISPUTES

REASON = "The client's bank has taken the payment back."


@dataclass(frozen=True, slots=True, kw_only=True)
class Endings:
    clock: Clock

    async def end(self, repositories: Repositories, booking: Booking) -> Booking:
        """There is nothing left to release: booking, job and an open dispute end, and the time is
        free. Their deadlines find nothing to do."""
        now = self.clock.now()
        if booking.job_id:
            job = await repositories.jobs.get(JobId(booking.job_id))
            disputes = repositories.documents(DISPUTES)
            dispute = await disputes.find(DisputeId(job.dispute_id)) if job.dispute_id else None
            if dispute and dispute.open:
                await disputes.save(dispute.drop(now=now))
            await repositories.jobs.save(job.lose_money())
        ended = await repositories.bookings.save(booking.abandon(reason=REASON))
        developer, key = DeveloperId(ended.developer.id), f"{ended.id}:{ended.version}"
        await repositories.outbox.add(
            message(SlotsChanged(developer), f"{key}:charged_back", due_at=now),
            message(RefreshNextTimes(developer), f"{key}:charged_back", due_at=now),
        )
        return ended
