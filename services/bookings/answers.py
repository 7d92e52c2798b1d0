"""The answer to a booking: accepted, declined, called off, or never given."""

from __future__ import annotations

from dataclasses import dataclass

from core.bookings import (
    AutoCancel,
    Booking,
    BookingId,
    IllegalTransition,
    RefundChanged,
    RemindToAnswer,
    Status,
    answer_deadlines,
)
from core.jobs import GiveUp, Job, JobId, RemindToDeliver
from core.jobs_policy import JobPolicy
from core.money import Money
from core.notifications import BookingEmail
from core.outbox import NotDueYet, OutboxMessage, message
from core.timeline import Actor, MoneyPosition, MoneyState
from ports.clock import Clock
from ports.extensions import Extensions
from ports.store import Repositories, Store
from services.payments import HeldMoney
from services.shared.outbox import handles
from services.shared.ownership import booking_of_developer, booking_of_party
from services.timeline import TimelineStep, record


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerService:
    """What follows a paid request. `by` is the account that asks; a stranger finds nothing."""

    store: Store
    held: HeldMoney
    extensions: Extensions
    clock: Clock
    policy: JobPolicy

    async def accept(self, booking_id: BookingId, *, by: str) -> Booking:
        """The developer takes the booking: it is confirmed, the job is active."""

        async def step(repositories: Repositories) -> Booking:
            booking = await booking_of_developer(repositories, booking_id, by)
            confirmed = await repositories.bookings.save(booking.accept(now=self.clock.now()))
            job = await repositories.jobs.save((await _job(repositories, confirmed)).activate())
            await repositories.outbox.cancel(*answer_deadlines(booking.id), now=self.clock.now())
            late = message(GiveUp(job.id), f"{job.id}:0", due_at=job.deliver_by)
            reminders = [
                message(RemindToDeliver(job.id), f"{job.id}:{after}", due_at=booking.end + after)
                for after in self.policy.deliver_reminders
            ]
            await self._record(
                repositories,
                confirmed,
                "accepted",
                Actor.DEVELOPER,
                messages=(late, *reminders),
                money=MoneyPosition(MoneyState.HELD, confirmed.price),
                emails=(("accepted", confirmed.client.account_id),),
            )
            return confirmed

        return await self.store.transact(step)

    async def decline(self, booking_id: BookingId, *, by: str, reason: str = "") -> Booking:
        """The developer does not take it: everything goes back to the client."""

        async def step(repositories: Repositories) -> Booking:
            booking = await booking_of_developer(repositories, booking_id, by)
            declined = await repositories.bookings.save(booking.decline(reason=reason))
            await self._undo(
                repositories,
                declined,
                "declined",
                Actor.DEVELOPER,
                reason="Declined by the developer.",
                emails=(("declined", declined.client.account_id),),
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
        """Either side calls it off; what goes back follows the frozen terms (rules: cancels).

        `expecting` is the refund the person was shown. Raises `RefundChanged` when it is
        another one by now, because the answer came in between or time has passed.
        """

        async def step(repositories: Repositories) -> Booking:
            booking = await booking_of_party(repositories, booking_id, by)
            mine = booking.client.account_id == by
            actor = Actor.CLIENT if mine else Actor.DEVELOPER
            now = self.clock.now()
            job = await _job(repositories, booking) if booking.job_id else None
            if job and job.deliveries:
                raise IllegalTransition("Work has been delivered. Approve it, or ask for changes.")
            owed = booking.cancellation_refund(by=actor, now=now)
            if expecting is not None and expecting != owed:
                raise RefundChanged
            cancelled = await repositories.bookings.save(booking.cancel(reason=reason, now=now))
            other = booking.developer if mine else booking.client
            await self._undo(
                repositories,
                cancelled,
                "cancelled",
                actor,
                owed=owed,
                reason=f"Cancelled by the {actor}.",
                emails=(("cancelled", other.account_id), ("cancelled", by)),
            )
            return cancelled

        return await self.store.transact(step)

    @handles(AutoCancel)
    async def auto_cancel(self, payload: AutoCancel) -> None:
        """Deadline: the developer did not answer in time. Idempotent, and never early."""
        booking_id = payload.booking
        booking = await self.store.repositories.bookings.get(booking_id)
        if booking.status is not Status.REQUESTED or booking.accept_by is None:
            return
        if self.clock.now() < booking.accept_by:
            raise NotDueYet(booking.accept_by)
        await self.store.transact(lambda repositories: self._auto_cancel(repositories, booking_id))

    @handles(RemindToAnswer)
    async def remind_answer(self, payload: RemindToAnswer) -> None:
        """Half of the time to answer is over: one reminder to the developer."""
        booking = await self.store.repositories.bookings.get(payload.booking)
        if booking.status is Status.REQUESTED:
            email = BookingEmail("remind_answer", booking.developer.account_id, booking.id)
            reminder = message(email, f"{booking.id}:remind_answer", due_at=self.clock.now())
            await self.store.repositories.outbox.add(reminder)

    async def _auto_cancel(self, repositories: Repositories, booking_id: BookingId) -> None:
        booking = await repositories.bookings.get(booking_id)
        if booking.status is not Status.REQUESTED:
            return
        cancelled = await repositories.bookings.save(booking.auto_cancel(now=self.clock.now()))
        await self._undo(
            repositories,
            cancelled,
            "auto_cancelled",
            Actor.DEADLINE,
            reason="Not answered in time.",
            emails=(
                ("auto_cancelled", cancelled.client.account_id),
                ("auto_cancelled", cancelled.developer.account_id),
            ),
        )

    async def _undo(
        self,
        repositories: Repositories,
        booking: Booking,
        what: str,
        actor: Actor,
        *,
        reason: str,
        emails: tuple[tuple[str, str], ...],
        owed: Money | None = None,
    ) -> None:
        """End job and payment of a booking that has ended: what is owed goes back, the rest
        is the developer's, less the fee."""
        owed = booking.price if owed is None else owed
        await repositories.jobs.save((await _job(repositories, booking)).cancel())
        await self.held.split(repositories, booking, owed, by=actor, reason=reason)
        state = MoneyState.REFUNDING if owed else MoneyState.RELEASED
        await self._record(
            repositories,
            booking,
            what,
            actor,
            money=MoneyPosition(state, owed or booking.price),
            emails=emails,
        )

    async def _record(
        self,
        repositories: Repositories,
        booking: Booking,
        what: str,
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
            detail=booking.reason if what != "accepted" else "",
            money=money,
            emails=emails,
        )
        await record(
            repositories, booking, step, messages=messages, events=bool(self.extensions.listeners)
        )


async def _job(repositories: Repositories, booking: Booking) -> Job:
    return await repositories.jobs.get(JobId(booking.job_id or ""))
