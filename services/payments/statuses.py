"""Where the money of bookings is now, by the limits of this installation."""

from __future__ import annotations

from dataclasses import dataclass

from core.bookings import Booking
from core.bookings_policy import BookingPolicy
from core.disputes import Dispute
from core.earnings import Clearing
from core.jobs import Job
from core.money_retries import can_be_late, with_retry
from core.money_status import MoneyStatus, money_status
from core.payments import Payment
from core.payments_policy import PaymentPolicy
from ports.clock import Clock
from ports.scheduling import OutboxList
from ports.store import Store

FAILING_AT_MOST = 200
"""So many failing messages are looked through, the earliest due first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyStatuses:
    store: Store
    clock: Clock
    policy: BookingPolicy
    polling: PaymentPolicy

    def of(
        self,
        booking: Booking,
        payment: Payment,
        job: Job | None,
        dispute: Dispute | None,
        clearing: Clearing | None = None,
    ) -> MoneyStatus:
        """The status of the money of one booking, from what was read of it; reads nothing."""
        now, policy = self.clock.now(), self.policy
        return money_status(
            booking, payment, job, dispute,
            now=now, policy=policy, polling=self.polling, clearing=clearing,
        )  # fmt: skip

    async def with_retry(
        self, status: MoneyStatus, booking: Booking, dispute: Dispute | None
    ) -> MoneyStatus:
        """The status with the time of the next attempt, if its automatic step has failed at its
        time: one read for a step that is late or waits for the provider, else none."""
        now = self.clock.now()
        if not can_be_late(status.next, now=now):
            return status
        failing, _ = await self.store.repositories.outbox.page(
            OutboxList.FAILING, limit=FAILING_AT_MOST
        )
        subjects = (booking.id, booking.payment_id, booking.job_id, dispute and dispute.id)
        return with_retry(status, failing, subjects, now=now)
