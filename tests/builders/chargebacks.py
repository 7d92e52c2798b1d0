"""Bookings whose payment the client's bank questions, on the memory gateway."""

from __future__ import annotations

from core.bookings import Booking
from core.chargebacks import Chargeback, Status
from core.money import Money
from core.payments import PaymentId
from services.chargebacks import CHARGEBACKS
from tests.app import MemoryApp


async def question(
    app: MemoryApp, booking: Booking, amount: Money | None = None, **more: object
) -> str:
    """The bank questions the payment, and we hear of it; the provider's reference."""
    order_id = await app.order_of(booking)
    reference = app.gateway.question(order_id, amount, **more)  # type: ignore[arg-type]
    await hear(app, booking)
    return reference


async def decide(
    app: MemoryApp, booking: Booking, reference: str, status: Status, **more: object
) -> None:
    app.gateway.decide(reference, status, **more)  # type: ignore[arg-type]
    await hear(app, booking)


async def hear(app: MemoryApp, booking: Booking) -> None:
    await app.services.chargebacks.refresh(PaymentId(booking.payment_id))
    await app.run()


async def chargebacks_of(app: MemoryApp, booking: Booking) -> list[Chargeback]:
    stored = app.store.repositories.documents(CHARGEBACKS)
    return [each async for each in stored.each(payment_id=booking.payment_id)]
