"""Answers to a booking request: accept, decline, cancel, and automatic cancellation."""

from __future__ import annotations

from dataclasses import dataclass

from core.bookings import Booking, BookingId, BookingStep, RefundChanged, Status
from core.bookings_messages import AutoCancel, RemindToAnswer, answer_deadlines
from core.jobs import Job, JobId
from core.jobs_policy import JobPolicy
from core.money import Money
from core.notifications import NotifyParty
from core.outbox import NotDueYet, OutboxMessage, message
from core.payments import PaymentId
from core.reminders import meeting_reminders
from core.reminders_policy import ReminderPolicy
from core.timeline import Actor, MoneyPosition, MoneyState
from ports.clock import Clock
from ports.extensions import Extensions
from ports.store import Repositories, Store
from services.disputes import Opening
from services.jobs import work_deadlines
from services.payments import HeldMoney
from services.shared.outbox import handles
from services.shared.ownership import booking_of_developer, booking_of_party
from services.timeline import BookingDetails, TimelineStep, record, to_both


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerService:
    """The use cases of a paid request. `by` is the acting account; raises `NotFound` for accounts
    without access."""

    store: Store
    held: HeldMoney
    disputes: Opening
    extensions: Extensions
    clock: Clock
    policy: JobPolicy
    reminder_policy: ReminderPolicy

    async def accept(self, booking_id: BookingId, *, by: str) -> BookingDetails:
        """The developer accepts: the booking is confirmed and its job is active. Returns them as
        they are now, without deliveries and entries."""

        async def step(repositories: Repositories) -> BookingDetails:
            booking = await booking_of_developer(repositories, booking_id, by)
            confirmed = await repositories.bookings.save(booking.accept(now=self.clock.now()))
            job = await repositories.jobs.save((await _job(repositories, confirmed)).activate())
            await repositories.outbox.cancel(*answer_deadlines(booking.id), now=self.clock.now())
            await self._record(
                repositories,
                confirmed,
                BookingStep.ACCEPTED,
                Actor.DEVELOPER,
                messages=(
                    *work_deadlines(job, policy=self.policy, key=f"{job.id}:0"),
                    *meeting_reminders(
                        confirmed, now=self.clock.now(), policy=self.reminder_policy
                    ),
                ),
                money=MoneyPosition(MoneyState.HELD, confirmed.price),
                emails=to_both("accepted", confirmed),
            )
            payment = await repositories.payments.get(PaymentId(booking.payment_id))
            return BookingDetails(confirmed, payment, job, (), (), self.clock.now())

        return await self.store.transact(step)

    async def decline(self, booking_id: BookingId, *, by: str, reason: str = "") -> Booking:
        """The developer declines: the client gets a full refund."""

        async def step(repositories: Repositories) -> Booking:
            booking = await booking_of_developer(repositories, booking_id, by)
            declined = await repositories.bookings.save(booking.decline(reason=reason))
            await self._end_booking(
                repositories,
                declined,
                BookingStep.DECLINED,
                Actor.DEVELOPER,
                reason="Declined by the developer.",
                emails=to_both("declined", declined),
            )
            return declined

        return await self.store.transact(step)

    async def cancel(
        self,
        booking_id: BookingId,
        *,
        by: str,
        reason: str = "",
        expecting: Money | None = None,
    ) -> Booking:
        """Cancel a booking before its start; its terms determine the refund (docs/rules.md,
        cancellations). A client who cancels after a delivery and gets something back proposes it:
        the developer can contest it, and until then the booking stays confirmed.

        `expecting` is the refund that was shown. Raises `RefundChanged` when the refund is now
        another one, and `IllegalTransition` when the booking can no longer be cancelled.
        """

        dispute_id = self.disputes.new_id()

        async def step(repositories: Repositories) -> Booking:
            booking = await booking_of_party(repositories, booking_id, by)
            is_client = booking.client.account_id == by
            actor = Actor.CLIENT if is_client else Actor.DEVELOPER
            now = self.clock.now()
            booking.check_cancellable(now=now)
            refund = booking.cancellation_refund(by=actor, now=now)
            if expecting is not None and expecting != refund:
                raise RefundChanged
            job = await _job(repositories, booking)
            if is_client and job.deliveries and refund:
                await self.disputes.propose(
                    repositories, dispute_id, job, booking, refund=refund,
                    reason=booking.cancel(reason=reason, now=now).reason,
                )  # fmt: skip
                return booking
            cancelled = await repositories.bookings.save(booking.cancel(reason=reason, now=now))
            await self._end_booking(
                repositories,
                cancelled,
                BookingStep.CANCELLED,
                actor,
                refund=refund,
                reason=f"Cancelled by the {actor}.",
                emails=to_both("cancelled", cancelled),
            )
            return cancelled

        return await self.store.transact(step)

    @handles(AutoCancel)
    async def auto_cancel(self, payload: AutoCancel) -> None:
        """Deadline: cancel a request that was not answered in time. Raises `NotDueYet`."""
        booking_id = payload.booking
        booking = await self.store.repositories.bookings.get(booking_id)
        if booking.status is not Status.REQUESTED or booking.accept_by is None:
            return
        if self.clock.now() < booking.accept_by:
            raise NotDueYet(booking.accept_by)
        await self.store.transact(lambda repositories: self._auto_cancel(repositories, booking_id))

    @handles(RemindToAnswer)
    async def remind_answer(self, payload: RemindToAnswer) -> None:
        """Remind the developer once, after half of the time to answer."""
        booking = await self.store.repositories.bookings.get(payload.booking)
        if booking.status is Status.REQUESTED:
            email = NotifyParty("remind_answer", booking.developer.account_id, booking.id)
            reminder = message(email, f"{booking.id}:remind_answer", due_at=self.clock.now())
            await self.store.repositories.outbox.add(reminder)

    async def _auto_cancel(self, repositories: Repositories, booking_id: BookingId) -> None:
        booking = await repositories.bookings.get(booking_id)
        if booking.status is not Status.REQUESTED:
            return
        cancelled = await repositories.bookings.save(booking.auto_cancel(now=self.clock.now()))
        await self._end_booking(
            repositories,
            cancelled,
            BookingStep.AUTO_CANCELLED,
            Actor.DEADLINE,
            reason="Not answered in time.",
            emails=to_both("auto_cancelled", cancelled),
        )

    async def _end_booking(
        self,
        repositories: Repositories,
        booking: Booking,
        what: BookingStep,
        actor: Actor,
        *,
        reason: str,
        emails: tuple[tuple[str, str], ...],
        refund: Money | None = None,
    ) -> None:
        """End job and payment of an ended booking: refund the amount, by default the price, and
        release the rest to the developer, less the fee."""
        refund = booking.price if refund is None else refund
        await repositories.jobs.save((await _job(repositories, booking)).cancel())
        await self.held.split(repositories, booking, refund, by=actor, reason=reason)
        state = MoneyState.REFUNDING if refund else MoneyState.RELEASED
        await self._record(
            repositories,
            booking,
            what,
            actor,
            money=MoneyPosition(state, refund or booking.price),
            emails=emails,
        )

    async def _record(
        self,
        repositories: Repositories,
        booking: Booking,
        what: BookingStep,
        actor: Actor,
        *,
        money: MoneyPosition,
        emails: tuple[tuple[str, str], ...],
        messages: tuple[OutboxMessage, ...] = (),
    ) -> None:
        step = TimelineStep(
            key=f"{booking.id}:{booking.version}",
            what=what,
            actor=actor,
            at=self.clock.now(),
            detail=booking.reason if what is not BookingStep.ACCEPTED else "",
            money=money,
            emails=emails,
        )
        await record(
            repositories, booking, step, messages=messages, events=bool(self.extensions.listeners)
        )


async def _job(repositories: Repositories, booking: Booking) -> Job:
    return await repositories.jobs.get(JobId(booking.job_id or ""))
