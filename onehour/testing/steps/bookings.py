"""Bookings in the usual states."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from core.accounts import Account
from core.bookings import Booking, BookingId
from core.developers import Developer
from onehour.testing.steps.payments import PaymentSteps


class BookingSteps(PaymentSteps):
    async def hold(
        self,
        client: Account,
        developer: Developer,
        *,
        starts_in: timedelta = timedelta(days=3),
        hours: int = 2,
        files: Sequence[str] = (),
    ) -> Booking:
        return (await self.services.bookings.hold(
            by=client.id, developer_id=developer.id, start=self.clock.now() + starts_in,
            hours=hours, brief="Our report takes 38 seconds.", files=files,
        )).booking  # fmt: skip

    async def paid(self, client: Account, developer: Developer, **fields: object) -> Booking:
        booking = await self.hold(client, developer, **fields)  # type: ignore[arg-type]
        await self.pay(booking)
        await self.settle(booking)
        await self.run()
        return await self.booking(booking.id)

    async def confirmed(self, client: Account, developer: Developer, **fields: object) -> Booking:
        booking = await self.paid(client, developer, **fields)
        await self.services.answers.accept(booking.id, by=developer.account_id)
        await self.run()
        return await self.booking(booking.id)

    async def booking(self, booking_id: str) -> Booking:
        return await self.store.repositories.bookings.get(BookingId(booking_id))
