"""Opens disputes, and proposes cancellations: from then on the job is frozen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from core.bookings import Booking, BookingId
from core.bookings import Status as BookingStatus
from core.dispute_parts import Reason, Statement, Wish, WishKind
from core.disputes import Dispute, DisputeId, DisputeStep
from core.disputes_messages import opening_deadlines
from core.errors import Conflict
from core.jobs import Job
from core.money import Money
from core.timeline import Actor
from ports.clock import Clock, Ids
from ports.store import Repositories
from services.disputes.cases import Cases


class NothingHeld(Conflict):
    """No money is held for this booking, so there is nothing to decide about."""

    code = "nothing_held"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Runs inside the caller's transaction. `new_id` is called outside of it."""

    cases: Cases
    clock: Clock
    ids: Ids

    def new_id(self) -> DisputeId:
        return DisputeId(self.ids.new("dsp"))

    async def open(
        self,
        repositories: Repositories,
        dispute_id: DisputeId,
        job: Job,
        *,
        reason: Reason,
        said: Callable[[Money], Awaitable[Statement]],
    ) -> Dispute:
        """Open a dispute about the money of a booking that is under way. `said` gets the money
        that is held, and returns the statement of the side that opens it. Raises `NothingHeld`,
        `Frozen`, `IllegalTransition` and what `said` raises."""
        booking = await self._booking(repositories, job)
        statement = await said(booking.price)
        dispute = self._new(dispute_id, job, booking, reason, statement)
        await repositories.jobs.save(job.dispute(dispute_id, now=statement.at))
        return await self._add(repositories, dispute, DisputeStep.OPENED)

    async def propose(
        self,
        repositories: Repositories,
        dispute_id: DisputeId,
        job: Job,
        booking: Booking,
        *,
        refund: Money,
        reason: str,
    ) -> Dispute:
        """The client cancels delivered work: `refund` is what the terms give back."""
        now = self.clock.now()
        await repositories.jobs.save(job.propose_cancellation(dispute_id, now=now))
        kind = WishKind.ALL if refund == booking.price else WishKind.PART
        said = Statement(Actor.CLIENT, now, reason, Wish(kind, refund))
        dispute = Dispute.propose_cancellation(
            self._new(dispute_id, job, booking, Reason.CANCELLATION, said),
            refund=refund,
            now=now,
            policy=self.cases.policy,
        )
        return await self._add(repositories, dispute, DisputeStep.PROPOSED)

    async def claim_no_show(
        self,
        repositories: Repositories,
        dispute_id: DisputeId,
        job: Job,
        *,
        by: Actor,
        refund: Money,
        text: str,
        attendance: str,
        answer_within: timedelta,
    ) -> Dispute:
        """One side says that the other did not come; `refund` goes back to the client unless the
        other side answers in that time. Raises `NothingHeld`, `Frozen` and `IllegalTransition`."""
        booking = await self._booking(repositories, job)
        now = self.clock.now()
        kind = WishKind.ALL if refund else WishKind.NOTHING_BACK
        said = Statement(by, now, text, Wish(kind, refund))
        dispute = Dispute.claim_no_show(
            self._new(dispute_id, job, booking, Reason.NO_SHOW, said),
            refund=refund,
            attendance=attendance,
            now=now,
            answer_within=answer_within,
        )
        await repositories.jobs.save(job.dispute(dispute_id, now=now))
        return await self._add(repositories, dispute, DisputeStep.OPENED)

    async def _add(
        self, repositories: Repositories, dispute: Dispute, what: DisputeStep
    ) -> Dispute:
        """Store the new dispute, with its deadlines; its first statement is the detail of the
        step."""
        (said,) = dispute.statements
        deadlines = opening_deadlines(dispute, self.cases.policy)
        return await self.cases.add(
            repositories, dispute, what, said.by, detail=said.text, messages=deadlines
        )

    def _new(
        self,
        dispute_id: DisputeId,
        job: Job,
        booking: Booking,
        reason: Reason,
        said: Statement,
    ) -> Dispute:
        now, policy = said.at, self.cases.policy
        return Dispute(
            id=dispute_id,
            booking_id=booking.id,
            booking_number=booking.number,
            job_id=job.id,
            client=booking.client,
            developer=booking.developer,
            held=booking.price,
            opened_by=said.by,
            reason=reason,
            statements=(said,),
            opened_at=now,
            answer_by=now + policy.dispute_answer_within,
            ends_at=now + policy.dispute_ends_after,
        )

    @staticmethod
    async def _booking(repositories: Repositories, job: Job) -> Booking:
        booking = await repositories.bookings.get(BookingId(job.booking_id))
        if booking.status is BookingStatus.REQUESTED:
            raise NothingHeld(
                "The request is not accepted yet: cancelling or declining it returns everything."
            )
        if booking.status is not BookingStatus.CONFIRMED:
            raise NothingHeld
        return booking
