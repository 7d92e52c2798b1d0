"""Bookings whose payment the client's bank questions, on the memory gateway."""

from __future__ import annotations

from core.bookings import Booking
from core.chargebacks import Chargeback, Status, chargeback_id
from core.money import Money
from core.payments import PaymentId
from core.policy import DAY
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


async def stored_chargeback(app: MemoryApp, booking: Booking) -> Chargeback:
    """One that waits for an answer, without its effect on the payment, which other tests need as it
    is."""
    now = app.clock.now()
    chargeback = Chargeback(
        id=chargeback_id("memory", "cb0"), provider="memory", reference="cb0",
        payment_id=booking.payment_id, booking_id=booking.id, booking_number=booking.number,
        client_id=booking.client.id, developer_id=booking.developer.id, amount=booking.price,
        status=Status.OPEN, reason="Services <b>not</b> received", opened_at=now, changed_at=now,
        respond_by=now + 5 * DAY,
    )  # fmt: skip
    return await app.store.repositories.documents(CHARGEBACKS).add(chargeback)
