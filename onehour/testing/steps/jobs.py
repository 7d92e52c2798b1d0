"""Jobs of confirmed bookings."""

from __future__ import annotations

from core.accounts import Account
from core.bookings import Booking
from core.developers import Developer
from core.jobs import Job
from onehour.testing.steps.bookings import BookingSteps


class JobSteps(BookingSteps):
    async def job(self, booking: Booking) -> Job:
        job = await self.store.repositories.jobs.find_by_booking(booking.id)
        assert job, f"no job for {booking.id}"
        return job

    async def delivered(self, client: Account, developer: Developer, **fields: object) -> Job:
        booking = await self.confirmed(client, developer, **fields)
        job = await self.job(booking)
        job = await self.services.jobs.deliver(job.id, by=developer.account_id, note="Done.")
        await self.run()
        return job
