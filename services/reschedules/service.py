"""Reschedules: propose, accept, refuse, withdraw, and the end of proposals without an answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from core import reschedules
from core.bookings import Booking, BookingId, HourTaken, NotOffered, Status
from core.bookings_messages import AutoCancel
from core.bookings_policy import BookingPolicy
from core.developers import DeveloperId
from core.jobs import FROZEN, Frozen, Job, JobId
from core.jobs_policy import JobPolicy
from core.outbox import NotDueYet, OutboxMessage, message
from core.proposals import Proposal
from core.reminders import meeting_reminders
from core.reminders_policy import ReminderPolicy
from core.reschedules import ExpireProposal, NewTimeTaken, RescheduleStep
from core.reschedules_policy import ReschedulePolicy
from core.timeline import Actor, MovedTimes
from ports.clock import Clock
from ports.extensions import Extensions
from ports.store import Repositories, Store
from services.jobs import moved_deadlines
from services.shared.outbox import handles
from services.shared.ownership import booking_of_party
from services.timeline import TimelineStep, record, to_both


@dataclass(frozen=True, slots=True, kw_only=True)
class RescheduleService:
    """The use cases of both parties. `by` is the acting account; raises `NotFound` for accounts
    without access, and `Frozen` while a case is open."""

    store: Store
    extensions: Extensions
    clock: Clock
    policy: ReschedulePolicy
    booking_policy: BookingPolicy
    job_policy: JobPolicy
    reminder_policy: ReminderPolicy

    async def propose(
        self, booking_id: BookingId, *, by: str, start: datetime, reason: str = ""
    ) -> Booking:
        """Propose a new start, in UTC. It has to be offered and free now, and is not reserved.

        Raises as `core.reschedules.propose`, `NotOffered`, `HourTaken` and `Vetoed` (by a plugin).
        """

        def proposal(booking: Booking, side: Actor) -> Booking:
            return reschedules.propose(
                booking, start, by=side, reason=reason, now=self.clock.now(),
                policy=self.policy, limits=self.booking_policy,
            )  # fmt: skip

        booking, side = await _side(self.store.repositories, booking_id, by)
        proposal(booking, side)
        await self.extensions.may_book(replace(booking, start=start))

        async def step(repositories: Repositories) -> Booking:
            booking, side = await _side(repositories, booking_id, by)
            proposed = proposal(booking, side)
            await _job(repositories, booking)
            await self._check_free(repositories, booking, start)
            saved = await repositories.bookings.save(proposed)
            assert saved.proposal
            await self._record(
                repositories,
                saved,
                RescheduleStep.PROPOSED,
                side,
                saved.proposal,
                was=booking.start,
                detail=saved.proposal.reason,
                messages=(reschedules.expiry(saved, saved.proposal),),
                emails=((RescheduleStep.PROPOSED.value, _other(saved, side)),),
            )
            return saved

        return await self.store.transact(step)

    async def accept(
        self, booking_id: BookingId, *, by: str, expecting: datetime | None = None
    ) -> Booking:
        """The other side accepts: in one transaction the old time is free and the new one booked.

        Raises as `core.reschedules.accept`, and `NewTimeTaken` when another booking has the new
        time: then the old one stays, and both sides are told.
        """

        async def step(repositories: Repositories) -> Booking:
            booking, side = await _side(repositories, booking_id, by)
            return await self._move(repositories, booking, side, expecting)

        try:
            return await self.store.transact(step)
        except HourTaken as error:
            await self._end_taken(booking_id)
            raise NewTimeTaken from error

    async def refuse(
        self, booking_id: BookingId, *, by: str, expecting: datetime | None = None
    ) -> Booking:
        """The other side keeps the old time. Raises as `accept`."""

        async def step(repositories: Repositories) -> Booking:
            booking, side = await _side(repositories, booking_id, by)
            now = self.clock.now()
            refused = reschedules.refuse(booking, by=side, now=now, expecting=expecting)
            return await self._end(
                repositories, booking, refused, RescheduleStep.REFUSED, side,
                tell=(_other(booking, side),),
            )  # fmt: skip

        return await self.store.transact(step)

    async def withdraw(self, booking_id: BookingId, *, by: str) -> Booking:
        """The side that proposed it withdraws the proposal."""

        async def step(repositories: Repositories) -> Booking:
            booking, side = await _side(repositories, booking_id, by)
            withdrawn = reschedules.withdraw(booking, by=side, now=self.clock.now())
            return await self._end(
                repositories, booking, withdrawn, RescheduleStep.WITHDRAWN, side,
                tell=(_other(booking, side),),
            )  # fmt: skip

        return await self.store.transact(step)

    @handles(ExpireProposal)
    async def expire(self, payload: ExpireProposal) -> None:
        """Deadline: the old time stays. Raises `NotDueYet`."""

        async def step(repositories: Repositories) -> None:
            booking = await repositories.bookings.get(payload.booking)
            proposal = booking.proposal
            if proposal is None or proposal.key != payload.proposal:
                return
            if self.clock.now() < proposal.answer_by:
                raise NotDueYet(proposal.answer_by)
            await self._end(
                repositories,
                booking,
                reschedules.expire(booking),
                RescheduleStep.EXPIRED,
                Actor.DEADLINE,
                tell=(booking.client.account_id, booking.developer.account_id),
            )

        await self.store.transact(step)

    async def _move(
        self, repositories: Repositories, booking: Booking, side: Actor, expecting: datetime | None
    ) -> Booking:
        proposal, now = booking.proposal, self.clock.now()
        moved = await repositories.bookings.save(
            reschedules.accept(
                booking, by=side, now=now, limits=self.booking_policy, expecting=expecting
            )
        )
        assert proposal
        messages = list(_request_deadline(moved))
        if moved.status is not Status.REQUESTED:
            messages += meeting_reminders(moved, now=now, policy=self.reminder_policy)
        job = await _job(repositories, booking)
        if job:
            saved = await repositories.jobs.save(job.move(moved.end))
            messages += moved_deadlines(saved, policy=self.job_policy)
        await self._record(
            repositories,
            moved,
            RescheduleStep.MOVED,
            side,
            proposal,
            was=booking.start,
            messages=messages,
            emails=to_both(RescheduleStep.MOVED.value, moved),
        )
        return moved

    async def _end(
        self,
        repositories: Repositories,
        booking: Booking,
        ended: Booking,
        what: RescheduleStep,
        actor: Actor,
        *,
        tell: Iterable[str],
    ) -> Booking:
        """Save the booking without its proposal, and tell these accounts."""
        assert booking.proposal
        saved = await repositories.bookings.save(ended)
        await self._record(
            repositories,
            saved,
            what,
            actor,
            booking.proposal,
            was=booking.start,
            emails=[(what.value, account) for account in tell],
        )
        return saved

    async def _end_taken(self, booking_id: BookingId) -> None:
        async def step(repositories: Repositories) -> None:
            booking = await repositories.bookings.get(booking_id)
            proposal, now = booking.open_proposal(self.clock.now()), self.clock.now()
            if proposal is None or await self._is_free(repositories, booking, proposal.start):
                return
            await self._end(
                repositories,
                booking,
                reschedules.taken(booking, proposal.start, now=now),
                RescheduleStep.TAKEN,
                Actor.DEADLINE,
                tell=(booking.client.account_id, booking.developer.account_id),
            )

        await self.store.transact(step)

    async def _check_free(
        self, repositories: Repositories, booking: Booking, start: datetime
    ) -> None:
        """Raises `NotOffered` or `HourTaken`. The unique rule of the store decides when the
        booking is moved; this tells the side that proposes."""
        developer = await repositories.developers.get(DeveloperId(booking.developer.id))
        end = start + (booking.end - booking.start)
        if not developer.availability.offers(start, end, now=self.clock.now()):
            raise NotOffered
        if not await self._is_free(repositories, booking, start):
            raise HourTaken("This time has just been taken. Pick another one.")

    @staticmethod
    async def _is_free(repositories: Repositories, booking: Booking, start: datetime) -> bool:
        """Whether no other booking has a part of the time."""
        moved = replace(booking, start=start)
        busy = await repositories.bookings.busy(
            [booking.developer.id], since=moved.start, until=moved.end
        )
        return not busy[booking.developer.id] - set(booking.cells)

    async def _record(
        self,
        repositories: Repositories,
        booking: Booking,
        what: RescheduleStep,
        actor: Actor,
        proposal: Proposal,
        *,
        was: datetime,
        emails: Iterable[tuple[str, str]],
        detail: str = "",
        messages: Iterable[OutboxMessage] = (),
    ) -> None:
        step = TimelineStep(
            key=f"{booking.id}:{booking.version}",
            what=what,
            actor=actor,
            at=self.clock.now(),
            detail=detail,
            emails=tuple(emails),
            times=MovedTimes(was, proposal.start),
        )
        await record(
            repositories, booking, step, messages=messages, events=bool(self.extensions.listeners)
        )


async def _side(
    repositories: Repositories, booking_id: BookingId, account_id: str
) -> tuple[Booking, Actor]:
    booking = await booking_of_party(repositories, booking_id, account_id)
    is_client = booking.client.account_id == account_id
    return booking, Actor.CLIENT if is_client else Actor.DEVELOPER


def _other(booking: Booking, side: Actor) -> str:
    other = booking.developer if side is Actor.CLIENT else booking.client
    return other.account_id


async def _job(repositories: Repositories, booking: Booking) -> Job | None:
    """Raises `Frozen` while a case is open."""
    job = await repositories.jobs.get(JobId(booking.job_id)) if booking.job_id else None
    if job and job.status in FROZEN:
        raise Frozen
    return job


def _request_deadline(moved: Booking) -> Iterable[OutboxMessage]:
    """The time to answer a request that was moved nearer may end earlier."""
    if moved.status is Status.REQUESTED and moved.accept_by:
        key = f"{moved.id}:{moved.version}"
        yield message(AutoCancel(moved.id), key, due_at=moved.accept_by)
