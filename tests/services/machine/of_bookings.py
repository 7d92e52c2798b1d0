"""What clients and developers do with bookings: hold, pay, answer, deliver, approve, cancel."""

from __future__ import annotations

from collections.abc import Coroutine
from datetime import datetime
from typing import Any

from core import bookings
from core.bookings import Booking
from core.developers import DeveloperId
from core.errors import OneHourError
from core.jobs import JobId
from core.money import Money
from core.payments import Payment
from core.payments_facts import AttemptStatus, OrderFacts
from core.policy import DAY, HOUR, MINUTE
from tests.services.machine.acting import Acting, Choices
from tests.services.machine.world import next_quarter_hour

HELD, EXPIRED = bookings.Status.HELD, bookings.Status.EXPIRED
REQUESTED, CONFIRMED = bookings.Status.REQUESTED, bookings.Status.CONFIRMED
ACTIONS = "checkout release accept decline cancel deliver request_changes approve".split()
FITTING = {
    HELD: "checkout release release checkout cancel accept".split(),
    REQUESTED: "accept accept accept decline cancel cancel_by_developer".split(),
    CONFIRMED: (
        "deliver approve deliver approve request_changes deliver cancel cancel_by_developer"
    ).split(),
}
BY_DEVELOPER = frozenset("accept decline deliver cancel_by_developer".split())
STAGES = (
    "pay", "pay accept", "pay accept deliver", "pay accept deliver approve",
    "pay accept deliver request_changes deliver",
)  # fmt: skip
LEADS = (30, 26, 5, 5, 7, 13, 25, 40, 80, 24 * 5, 24 * 20, 3, 24 * 61)
"""Hours until the start."""
OUTCOMES = ("success", "success", "pending", "failed", "dropped", "flagged")
SIDES = ("client", "developer", "other user")


class BookingActs(Acting):
    def another_booking(self, pick: Choices) -> bool:
        """One that is paid, accepted, delivered or approved, while the provider answers."""
        stage, client, developer = pick.of(STAGES), pick.below(2), pick.below(8) == 7
        start = next_quarter_hour(self.world.now + pick.of((1, 1, 4)) * DAY + 2 * HOUR)
        self.gateway.down = self.gateway.fail_after_commit = False
        booking = self.hold_at(client, int(developer), start, 1 + pick.below(2))
        if booking:
            self.advance(booking, stage)
        return True

    def hold(self, pick: Choices) -> bool:
        start = next_quarter_hour(self.world.now + pick.of(LEADS) * HOUR)
        start += pick.below(6) * 15 * MINUTE
        self.hold_at(pick.below(2), pick.below(2), start, pick.below(4))
        return True

    def hold_adjacent(self, pick: Choices) -> bool:
        """A booking next to another one, or overlapping it."""
        other = pick.recent(self.world.bookings, 4)
        developer = next(
            n for n, each in enumerate(self.world.developers) if each.id == other.developer.id
        )
        start = other.start + (pick.below(11) - 5) * 15 * MINUTE
        self.hold_at(pick.below(2), developer, start, 1)
        return True

    def hold_again(self, pick: Choices) -> bool:
        """The same request once more: the same booking, whatever its state is now."""
        before = pick.recent(self.world.bookings, 4)
        again = self.do(
            self.services.bookings.hold(
                by=before.client.account_id, developer_id=self.world.developers[0].id,
                start=before.start, hours=before.hours, brief="Again", request_id=before.id,
            )
        )  # fmt: skip
        assert again is None or again.booking.id == before.id
        return True

    def hold_at(self, client: int, developer: int, start: datetime, hours: int) -> Booking | None:
        self.names += 1
        held = self.do(
            self.services.bookings.hold(
                by=self.world.clients[client].id,
                developer_id=DeveloperId(self.world.developers[developer].id),
                start=start, hours=hours, brief="Slow.", request_id=f"bkg_{self.names:04d}",
            )
        )  # fmt: skip
        return held.booking if held else None

    def advance(self, booking: Booking, stage: str) -> None:
        for what in stage.split():
            now = self.world.booking(booking.id)
            if what == "pay":
                self.try_to_pay(now, "success")
                self.do(self.app.settle(now))
            else:
                self.do(self.action(now, what))

    def pay_and_settle(self, pick: Choices) -> bool:
        """Pay and return to the site; rarely, the provider reports another amount."""
        if not (payable := self.in_state(HELD, EXPIRED)):
            return False
        booking, odd = pick.recent(payable), pick.below(6)
        self.try_to_pay(booking, "success", Money(100) if odd > 3 else None)
        self.do(self.app.settle(booking))
        return True

    def pay(self, pick: Choices) -> bool:
        """The client pays, and no webhook or poll has reported it yet."""
        if not (payable := self.in_state(HELD, EXPIRED, REQUESTED)):
            return False
        self.try_to_pay(pick.recent(payable, 4), pick.of(OUTCOMES))
        return True

    def pay_twice(self, pick: Choices) -> bool:
        """Two windows, two attempts; either may succeed first."""
        if not (payable := self.in_state(HELD, EXPIRED)):
            return False
        booking = pick.recent(payable)
        for _ in range(2):
            self.try_to_pay(booking, "pending")
        facts = self.order_of(self.world.payment_of(booking))
        attempts = [a for a in facts.attempts if a.status is AttemptStatus.PENDING] if facts else []
        for attempt in attempts[::-1] if pick.flag() else attempts:
            self.gateway.settle(attempt.id, "success")
        return True

    def try_to_pay(
        self,
        booking: Booking,
        outcome: str,
        amount: Money | None = None,
        *,
        surcharge: Money | None = None,
    ) -> None:
        """A surcharge is never on an order whose amount the provider has changed."""
        payment = self.world.payment_of(booking)
        facts = self.order_of(payment) if self.is_polled(payment) else None
        if facts is None:
            return  # its checkout was never opened, or nobody asks any more
        if facts.amount != payment.amount:
            surcharge = None
        if any(each.amount > facts.amount for each in facts.attempts):
            amount = None
        self.gateway.pay(payment.order_id, outcome, amount, surcharge=surcharge)

    def fitting_step(self, pick: Choices) -> bool:
        """What people usually do with a booking in this state."""
        if not (found := self.in_state(*FITTING)):
            return False
        booking = pick.recent(found, 4)
        self.do(self.action(booking, pick.of(FITTING[booking.status])))
        return True

    def any_step(self, pick: Choices) -> bool:
        """Any action by any user, permitted or not."""
        booking = pick.recent(self.world.bookings, 5)
        by = self.world.account_of(booking, pick.of(SIDES))
        self.do(self.action(booking, pick.of(ACTIONS), by))
        return True

    def at_the_same_time(self, pick: Choices) -> bool:
        """All who may act on a booking act at the same moment."""
        booking = pick.recent(self.world.bookings)
        client, developer = (self.world.account_of(booking, side) for side in SIDES[:2])
        self.together(
            self.action(booking, pick.of(ACTIONS), client),
            self.action(booking, pick.of(ACTIONS), developer),
            self.app.settle(booking),
            self.services.outbox.run_due(),
            self.services.outbox.run_due(),
        )
        return True

    def action(self, booking: Booking, what: str, by: str = "") -> Coroutine[Any, Any, object]:
        """By default, by the side whose action it is."""
        side = "developer" if what in BY_DEVELOPER else "client"
        by = by or self.world.account_of(booking, side)
        services, job = self.services, JobId(booking.job_id or "")
        match what:
            case "checkout":
                return services.bookings.checkout(booking.id, by=by)
            case "release":
                return services.bookings.release(booking.id, by=by)
            case "accept":
                return services.answers.accept(booking.id, by=by)
            case "decline":
                return services.answers.decline(booking.id, by=by, reason="Ill")
            case "cancel" | "cancel_by_developer":
                return services.answers.cancel(booking.id, by=by, reason="Moved")
            case "deliver":
                return services.jobs.deliver(job, by=by, note="Done.")
            case "request_changes":
                return services.jobs.request_changes(job, by=by, notes="More.")
            case _:
                return services.jobs.approve(job, by=by)

    # At the provider

    def order_of(self, payment: Payment) -> OrderFacts | None:
        try:
            return self.gateway.order(payment.order_id)
        except OneHourError:
            return None

    def is_polled(self, payment: Payment) -> bool:
        """A provider reports within six days; after seven it is no longer polled."""
        return self.world.now < payment.created_at + 6 * DAY
