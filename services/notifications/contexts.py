"""What the template of a notice shows: read when it is sent, from the entities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.accounts import Account
from core.notifications import Delivery
from ports.clock import Clock
from ports.store import Store
from services.bookings import BookingContext
from services.notifications.details import booking_details
from services.shared.notices import Notice, NoticeReader


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
        return BookingContext.for_reader(
            reader,
            await booking_details(self.store, self.clock, delivery.booking),
            notice=delivery.notice,
            site=self.site,
            now=self.clock.now(),
            entry=delivery.fact,
        )
