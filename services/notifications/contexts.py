"""What the template of a notice shows: read when it is sent, from the entities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.accounts import Account
from core.bookings import BookingId
from core.jobs import JobId
from core.notifications import Delivery
from core.payments import PaymentId
from ports.clock import Clock
from ports.store import Store
from services.bookings import BookingContext
from services.shared.notices import Notice, NoticeReader
from services.timeline import BookingDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeContexts:
    store: Store
    notices: Mapping[str, Notice]
    clock: Clock
    site: str

    async def read(self, delivery: Delivery, reader: Account) -> Any:
        """The context of the template, or None if there is nothing to tell any more. Raises
        `LookupError` for an undeclared notice."""
        notice = self.notices[delivery.notice]
        if notice.context is None:
            return await self._of_booking(delivery, reader)
        about = NoticeReader(reader, delivery, self.site, self.clock.now())
        return await notice.context(self.store.repositories, about)

    async def _of_booking(self, delivery: Delivery, reader: Account) -> BookingContext:
        repositories = self.store.repositories
        booking = await repositories.bookings.get(BookingId(delivery.booking))
        job = await repositories.jobs.get(JobId(booking.job_id)) if booking.job_id else None
        payment = await repositories.payments.get(PaymentId(booking.payment_id))
        entries = await repositories.timeline.of_booking(booking.id)
        now = self.clock.now()
        return BookingContext.for_reader(
            reader,
            BookingDetails(booking, payment, job, (), entries, now),
            notice=delivery.notice,
            site=self.site,
            now=now,
            entry=delivery.fact,
        )
