"""What the use cases of disputes share: recording a step, settling the money, resuming the work.

The methods run inside the caller's transaction and call repositories only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from core.bookings import Booking, BookingId, BookingStep
from core.dispute_parts import How, Reason
from core.disputes import Dispute, DisputeStep, Status
from core.disputes_policy import DisputePolicy
from core.jobs import JobId
from core.jobs_policy import JobPolicy
from core.outbox import OutboxMessage
from core.timeline import Actor, MoneyPosition, MoneyState
from ports.clock import Clock
from ports.extensions import Extensions
from ports.store import Repositories
from services.disputes.storage import disputes
from services.jobs import resumed_deadlines
from services.payments import HeldMoney
from services.timeline import TimelineStep, record, to_both

LEDGER_REASON = {
    How.AGREED: "Agreed by both sides.",
    How.DECIDED: "Decided by an administrator.",
    How.UNCONTESTED: "Cancelled by the client.",
    How.NOT_ANSWERED: "One side did not come to the meeting.",
    How.TIME_OVER: "The time of the dispute was over.",
}
"""The ledger keeps what it says for ever, so it does not contain what people wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """Writes the steps of disputes."""

    held: HeldMoney
    extensions: Extensions
    clock: Clock
    policy: DisputePolicy
    job_policy: JobPolicy

    async def save(
        self,
        repositories: Repositories,
        dispute: Dispute,
        what: DisputeStep,
        actor: Actor,
        *,
        detail: str = "",
        key: str = "",
        messages: Iterable[OutboxMessage] = (),
        quiet: bool = False,
    ) -> Dispute:
        """Save the dispute with a timeline entry, live updates, and notices to both sides, unless
        `quiet`. `key` identifies the step within the dispute, by default its version."""
        saved = await disputes(repositories).save(dispute)
        booking = await repositories.bookings.get(BookingId(dispute.booking_id))
        held = MoneyPosition(MoneyState.HELD, saved.held)
        step = self._step(saved, booking, what, actor, held, detail=detail, key=key, quiet=quiet)
        await self._record(repositories, booking, step, messages)
        return saved

    async def add(
        self,
        repositories: Repositories,
        dispute: Dispute,
        what: DisputeStep,
        actor: Actor,
        *,
        detail: str,
        messages: Iterable[OutboxMessage],
    ) -> Dispute:
        """As `save`, for a new one."""
        added = await disputes(repositories).add(dispute)
        booking = await repositories.bookings.get(BookingId(dispute.booking_id))
        held = MoneyPosition(MoneyState.HELD, added.held)
        step = self._step(added, booking, what, actor, held, detail=detail)
        await self._record(repositories, booking, step, messages)
        return added

    async def settle(self, repositories: Repositories, settled: Dispute) -> Dispute:
        """End dispute, job and booking, and divide the money. The payment and the ledger refuse a
        second time."""
        end = settled.settlement
        assert end is not None
        job = await repositories.jobs.get(JobId(settled.job_id))
        booking = await repositories.bookings.get(BookingId(settled.booking_id))
        what: StrEnum = DisputeStep.SETTLED
        actor, notice = end.by, DisputeStep.SETTLED.value
        if settled.answered or settled.reason is not Reason.CANCELLATION:
            await repositories.jobs.save(job.settle())
            ended = booking.settle(end.refund, reason=end.reason, now=end.at)
        else:
            await repositories.jobs.save(job.end_cancelled())
            ended = booking.abandon(reason=settled.statements[0].text)
            what, actor, notice = BookingStep.CANCELLED, Actor.CLIENT, "cancelled"
        ended = await repositories.bookings.save(ended)
        saved = await disputes(repositories).save(settled)
        await self.held.split(
            repositories, ended, end.refund, by=end.by, reason=LEDGER_REASON[end.how]
        )
        state = MoneyState.REFUNDING if end.refund else MoneyState.RELEASED
        step = TimelineStep(
            key=f"{saved.id}:{saved.version}",
            what=what,
            actor=actor,
            at=end.at,
            detail=ended.reason,
            money=MoneyPosition(state, end.refund or ended.price),
            emails=to_both(notice, ended),
        )
        await self._record(repositories, ended, step, ())
        return saved

    async def resume(
        self, repositories: Repositories, closed: Dispute, what: DisputeStep, actor: Actor
    ) -> Dispute:
        """The dispute is over and nothing is divided: the work goes on, with all its time."""
        now = self.clock.now()
        frozen = await repositories.jobs.get(JobId(closed.job_id))
        changes = closed.status is Status.RESUMED
        job = frozen.resume_with_changes(now=now) if changes else frozen.resume(now=now)
        resumed = await repositories.jobs.save(job)
        messages = list(resumed_deadlines(frozen, resumed, now=now, policy=self.job_policy))
        return await self.save(repositories, closed, what, actor, messages=messages)

    def _step(
        self,
        dispute: Dispute,
        booking: Booking,
        what: DisputeStep,
        actor: Actor,
        money: MoneyPosition,
        *,
        detail: str = "",
        key: str = "",
        quiet: bool = False,
    ) -> TimelineStep:
        return TimelineStep(
            key=f"{dispute.id}:{key or dispute.version}",
            what=what,
            actor=actor,
            at=self.clock.now(),
            detail=detail,
            money=money,
            emails=() if quiet else to_both(what.value, booking),
        )

    async def _record(
        self,
        repositories: Repositories,
        booking: Booking,
        step: TimelineStep,
        messages: Iterable[OutboxMessage],
    ) -> None:
        events = bool(self.extensions.listeners)
        await record(repositories, booking, step, messages=messages, events=events)
