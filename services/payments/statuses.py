"""Where the money of bookings is now, by the limits of this installation."""

from __future__ import annotations

from dataclasses import dataclass

from core.bookings import Booking
from core.bookings_policy import BookingPolicy
from core.disputes import Dispute
from core.earnings import Clearing
from core.jobs import Job
from core.money_status import MoneyStatus, money_status
from core.payments import Payment
from core.payments_policy import PaymentPolicy
from ports.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyStatuses:
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
