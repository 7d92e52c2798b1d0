"""Jobs: delivery, requests for changes, approval, and their deadlines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.bookings import Booking, BookingId
from core.deliveries import DeliveredFile, Delivery, DeliveryId
from core.errors import Errors
from core.files import Purpose, StoredFile
from core.jobs import (
    WORKING,
    AutoApprove,
    GiveUp,
    Job,
    JobId,
    JobStep,
    RemindToDeliver,
    RemindToReview,
    Status,
    checked_notes,
)
from core.jobs_policy import JobPolicy
from core.notifications import NotifyParty
from core.outbox import NotDueYet, OutboxMessage, message
from core.timeline import Actor, MoneyPosition, MoneyState
from ports.clock import Clock
from ports.extensions import Extensions
from ports.store import Repositories, Store
from services.files import Attachments
from services.jobs.deadlines import review_deadlines
from services.payments import HeldMoney
from services.shared.outbox import handles
from services.shared.ownership import job_of_client, job_of_developer, job_of_party
from services.timeline import BookingDetails, TimelineStep, record, to_both


@dataclass(frozen=True, slots=True, kw_only=True)
class JobService:
    """The use cases of a job. `by` is the acting account; raises `NotFound` for accounts without
    access."""

    store: Store
    held: HeldMoney
    attachments: Attachments
    extensions: Extensions
    clock: Clock
    policy: JobPolicy

    async def deliver(self, job_id: JobId, *, by: str, note: str, files: Sequence[str] = ()) -> Job:
        """Deliver a version with uploaded files, by their ids. The client's time to review it
        starts now, or at the end of the booked time if that is later.

        Raises `Invalid`, also for files that cannot be used, and `FilesNotReady`.
        """

        async def step(repositories: Repositories) -> Job:
            now, errors = self.clock.now(), Errors()
            job = await job_of_developer(repositories, job_id, by)
            delivered = await repositories.jobs.save(job.deliver(now=now))
            with errors:
                said = checked_notes(note, field="note")
            with errors:
                attached = await self.attachments.attach(
                    repositories, files, by=by, purpose=Purpose.DELIVERY, to=job.id
                )
            errors.check()
            await repositories.deliveries.add(_delivery(delivered, said, attached, now))
            await self._record(
                repositories,
                delivered,
                JobStep.DELIVERED,
                Actor.DEVELOPER,
                detail=said,
                notice="delivered",
                messages=review_deadlines(delivered, policy=self.policy),
            )
            return delivered

        return await self.store.transact(step)

    async def request_changes(self, job_id: JobId, *, by: str, notes: str) -> Job:
        """Request changes: uses one of the included rounds. Raises `NoRevisionsLeft` when none is
        left, and `Invalid` for the notes."""
        return await self._ask_again(
            job_id,
            by,
            notes,
            JobStep.CHANGES_REQUESTED,
            lambda job, now: job.request_changes(now=now),
        )

    async def send_again(self, job_id: JobId, *, by: str, notes: str) -> Job:
        """Say that a file of the delivery is broken or missing: the developer delivers again, and
        no round of changes is used. Raises `Invalid` for the notes."""
        return await self._ask_again(
            job_id, by, notes, JobStep.SEND_AGAIN, lambda job, now: job.send_again(now=now)
        )

    async def _ask_again(
        self,
        job_id: JobId,
        by: str,
        notes: str,
        what: JobStep,
        ask: Callable[[Job, datetime], Job],
    ) -> Job:
        notes = checked_notes(notes, field="notes")

        async def step(repositories: Repositories) -> Job:
            job = await job_of_client(repositories, job_id, by)
            asked = await repositories.jobs.save(ask(job, self.clock.now()))
            key = f"{job.id}:{asked.version}"
            deadline = message(GiveUp(job.id), key, due_at=asked.deliver_by)
            await self._record(
                repositories,
                asked,
                what,
                Actor.CLIENT,
                detail=notes,
                notice=what.value,
                messages=(deadline,),
            )
            return asked

        return await self.store.transact(step)

    async def approve(self, job_id: JobId, *, by: str) -> BookingDetails:
        """Approve the work: release the money and complete the booking. Returns the booking with
        its job and payment as they are now, without deliveries and entries."""

        async def step(repositories: Repositories) -> BookingDetails:
            job = await job_of_client(repositories, job_id, by)
            return await self._complete(repositories, job, job.approve(), Actor.CLIENT)

        return await self.store.transact(step)

    @handles(AutoApprove)
    async def auto_approve(self, payload: AutoApprove) -> None:
        """Deadline: approve a delivery that was not reviewed in time. Raises `NotDueYet`."""
        job_id, delivery = payload.job, payload.delivery

        async def step(repositories: Repositories) -> None:
            job, now = await repositories.jobs.get(job_id), self.clock.now()
            if not self._awaits_review(job, delivery):
                return
            if job.approve_by and now < job.approve_by:  # it may be extended at this moment
                raise NotDueYet(job.approve_by)
            approved = job.auto_approve(delivery=delivery, now=now)
            await self._complete(repositories, job, approved, Actor.DEADLINE)

        await self.store.transact(step)

    @handles(GiveUp)
    async def cancel_undelivered(self, payload: GiveUp) -> None:
        """Deadline: cancel a job without a delivery and refund the client. Raises `NotDueYet`."""
        await self.store.transact(
            lambda repositories: self._cancel_undelivered(repositories, payload.job)
        )

    @handles(RemindToReview)
    async def remind_review(self, payload: RemindToReview) -> None:
        """Remind the client of a delivery that awaits review. Raises `NotDueYet` for a reminder of
        version 0.1.0, which counted from the delivery also before the booked end."""
        job = await self.store.repositories.jobs.get(payload.job)
        if payload.booked_end not in (None, job.booked_end):
            return
        if self._awaits_review(job, payload.delivery):
            if job.review_starts and self.clock.now() < job.review_starts:
                first = min(self.policy.approve_reminders, default=timedelta(0))
                raise NotDueYet(job.review_starts + first)
            await self._remind(job, "remind_review", job.client.account_id)

    @handles(RemindToDeliver)
    async def remind_delivery(self, payload: RemindToDeliver) -> None:
        """Remind the developer of the first delivery. A message of an earlier version, which has no
        booked end, has no effect before it."""
        job = await self.store.repositories.jobs.get(payload.job)
        if job.booked_end and self.clock.now() < job.booked_end:
            return
        if payload.booked_end not in (None, job.booked_end):
            return
        if job.status is Status.ACTIVE:
            await self._remind(job, "remind_delivery", job.developer.account_id)

    async def get(self, job_id: JobId, *, by: str) -> Job:
        """A job of the account. Raises `NotFound`."""
        return await job_of_party(self.store.repositories, job_id, by)

    async def of_account(
        self, *, by: str, limit: int = 20, cursor: str | None = None
    ) -> tuple[tuple[Job, ...], str | None]:
        """A page of the account's jobs, latest created first, and the next cursor."""
        return await self.store.repositories.jobs.of_account(by, limit=limit, cursor=cursor)

    @staticmethod
    def _awaits_review(job: Job, delivery: int) -> bool:
        return job.status is Status.DELIVERED and job.deliveries == delivery

    async def _complete(
        self, repositories: Repositories, job: Job, approved: Job, actor: Actor
    ) -> BookingDetails:
        saved = await repositories.jobs.save(approved)
        booking = await repositories.bookings.get(BookingId(job.booking_id))
        completed = await repositories.bookings.save(booking.complete())
        payment = await self.held.release(repositories, booking, by=actor)
        await self._record(
            repositories,
            saved,
            JobStep.APPROVED,
            actor,
            money=MoneyPosition(MoneyState.RELEASED, booking.price),
            emails=(("released", job.developer.account_id), ("approved", job.client.account_id)),
            booking=booking,
        )
        return BookingDetails(completed, payment, saved, (), (), self.clock.now())

    async def _cancel_undelivered(self, repositories: Repositories, job_id: JobId) -> None:
        job = await repositories.jobs.get(job_id)
        if job.status not in WORKING:
            return
        now = self.clock.now()
        if now < job.deliver_by:
            raise NotDueYet(job.deliver_by)
        cancelled = await repositories.jobs.save(job.give_up(now=now))
        booking = await repositories.bookings.get(BookingId(job.booking_id))
        ended = await repositories.bookings.save(
            booking.abandon(reason="Nothing was delivered in time.")
        )
        await self.held.split(
            repositories, ended, ended.price, by=Actor.DEADLINE, reason=ended.reason
        )
        await self._record(
            repositories,
            cancelled,
            JobStep.NOT_DELIVERED,
            Actor.DEADLINE,
            money=MoneyPosition(MoneyState.REFUNDING, ended.price),
            notice="not_delivered",
            booking=ended,
        )

    async def _remind(self, job: Job, template: str, account: str) -> None:
        now = self.clock.now()
        key = f"{job.id}:{job.version}:{template}:{now:%Y%m%d%H}"
        email = NotifyParty(template, account, job.booking_id, key)
        await self.store.repositories.outbox.add(message(email, key, due_at=now))

    async def _record(
        self,
        repositories: Repositories,
        job: Job,
        what: JobStep,
        actor: Actor,
        *,
        notice: str = "",
        emails: tuple[tuple[str, str], ...] = (),
        detail: str = "",
        money: MoneyPosition | None = None,
        messages: Iterable[OutboxMessage] = (),
        booking: Booking | None = None,
    ) -> None:
        booking = booking or await repositories.bookings.get(BookingId(job.booking_id))
        step = TimelineStep(
            key=f"{job.id}:{job.version}",
            what=what,
            actor=actor,
            at=self.clock.now(),
            detail=detail,
            money=money or MoneyPosition(MoneyState.HELD, booking.price),
            emails=to_both(notice, booking) if notice else emails,
        )
        await record(
            repositories, booking, step, messages=messages, events=bool(self.extensions.listeners)
        )


def _delivery(job: Job, note: str, files: Sequence[StoredFile], now: datetime) -> Delivery:
    return Delivery(
        id=DeliveryId(f"dlv_{job.id.partition('_')[2]}_{job.deliveries}"),
        job_id=job.id,
        booking_id=job.booking_id,
        number=job.deliveries,
        note=note,
        at=now,
        files=tuple(DeliveredFile(each.id, each.name, each.size, each.sha256) for each in files),
    )
