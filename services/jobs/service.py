"""The work of a booking: delivered, changed, approved - by hand or by deadline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.bookings import Booking, BookingId
from core.deliveries import Delivery, DeliveryId
from core.jobs import Job, JobId, Status, checked_notes
from core.outbox import OutboxMessage, message
from core.policy import Policy
from core.timeline import Actor, MoneyAt, Where
from ports.clock import Clock
from ports.extensions import Extensions
from ports.store import Repositories, Store
from services.outbox.service import NotDueYet
from services.payments.held_money import HeldMoney
from services.shared.ownership import job_of_client, job_of_developer, job_of_party
from services.timeline.recording import Step, tell


@dataclass(frozen=True, slots=True)
class JobService:
    """The use cases of a job. `by` is the account that asks; a stranger finds nothing."""

    store: Store
    held: HeldMoney
    extensions: Extensions
    clock: Clock
    policy: Policy

    async def deliver(self, job_id: JobId, *, by: str, note: str) -> Job:
        """Hand over a new version; the client's time to look at it begins."""
        note = checked_notes(note, field="note")

        async def step(repositories: Repositories) -> Job:
            now = self.clock.now()
            job = await job_of_developer(repositories, job_id, by)
            delivered = await repositories.jobs.save(job.deliver(now=now))
            await repositories.deliveries.add(_delivery(delivered, note, now))
            await self._tell(
                repositories,
                delivered,
                "delivered",
                Actor.DEVELOPER,
                detail=note,
                mails=(("delivered", job.client.account_id),),
                owes=self._review_deadlines(delivered, now),
            )
            return delivered

        return await self.store.transact(step)

    async def request_changes(self, job_id: JobId, *, by: str, notes: str) -> Job:
        """One included round of changes. Raises `NoRoundsLeft`."""
        notes = checked_notes(notes, field="notes")

        async def step(repositories: Repositories) -> Job:
            job = await job_of_client(repositories, job_id, by)
            changed = await repositories.jobs.save(job.request_changes(now=self.clock.now()))
            late = message(
                "jobs.give_up",
                f"{job.id}:{changed.revisions_used}",
                due_at=changed.deliver_by,
                job=job.id,
            )
            await self._tell(
                repositories,
                changed,
                "changes_requested",
                Actor.CLIENT,
                detail=notes,
                mails=(("changes_requested", job.developer.account_id),),
                owes=(late,),
            )
            return changed

        return await self.store.transact(step)

    async def approve(self, job_id: JobId, *, by: str) -> Job:
        """The client is content: the money is the developer's, the booking is complete."""

        async def step(repositories: Repositories) -> Job:
            job = await job_of_client(repositories, job_id, by)
            return await self._finish(repositories, job, job.approve(), Actor.CLIENT)

        return await self.store.transact(step)

    async def auto_approve(self, job_id: JobId, *, delivery: int) -> None:
        """Deadline: the client's time to look at that delivery is over. Never early."""

        async def step(repositories: Repositories) -> None:
            job = await repositories.jobs.get(job_id)
            if self._waits(job, delivery):
                approved = job.auto_approve(delivery=delivery, now=self.clock.now())
                await self._finish(repositories, job, approved, Actor.DEADLINE)

        job = await self.store.repositories.jobs.get(job_id)
        if self._waits(job, delivery) and job.approve_by and self.clock.now() < job.approve_by:
            raise NotDueYet(job.approve_by)
        await self.store.transact(step)

    async def give_up(self, job_id: JobId) -> None:
        """Deadline: nothing was delivered in time, so everything goes back to the client."""
        job = await self.store.repositories.jobs.get(job_id)
        if job.status not in WORKING:
            return
        if self.clock.now() < job.deliver_by:
            raise NotDueYet(job.deliver_by)
        await self.store.transact(lambda repositories: self._give_up(repositories, job_id))

    async def remind_review(self, job_id: JobId, *, delivery: int) -> None:
        job = await self.store.repositories.jobs.get(job_id)
        if self._waits(job, delivery):
            await self._remind(job, "remind_review", job.client.account_id)

    async def remind_delivery(self, job_id: JobId) -> None:
        job = await self.store.repositories.jobs.get(job_id)
        if job.status is Status.ACTIVE:
            await self._remind(job, "remind_delivery", job.developer.account_id)

    async def get(self, job_id: JobId, *, by: str) -> Job:
        return await job_of_party(self.store.repositories, job_id, by)

    async def mine(
        self, *, by: str, limit: int = 20, cursor: str | None = None
    ) -> tuple[tuple[Job, ...], str | None]:
        return await self.store.repositories.jobs.of_account(by, limit=limit, cursor=cursor)

    @staticmethod
    def _waits(job: Job, delivery: int) -> bool:
        return job.status is Status.DELIVERED and job.deliveries == delivery

    def _review_deadlines(self, job: Job, now: datetime) -> tuple[OutboxMessage, ...]:
        name, facts = f"{job.id}:{job.deliveries}", {"job": job.id, "delivery": f"{job.deliveries}"}
        reminders = (
            message("jobs.remind_review", f"{name}:{after}", due_at=now + after, **facts)
            for after in self.policy.approve_reminders
            if after < job.terms.approve_within
        )
        due = job.approve_by or now
        return (message("jobs.auto_approve", name, due_at=due, **facts), *reminders)

    async def _finish(
        self, repositories: Repositories, job: Job, approved: Job, actor: Actor
    ) -> Job:
        saved = await repositories.jobs.save(approved)
        booking = await repositories.bookings.get(BookingId(job.booking_id))
        await repositories.bookings.save(booking.complete())
        await self.held.release(repositories, booking, by=actor)
        await self._tell(
            repositories,
            saved,
            "approved",
            actor,
            money=MoneyAt(Where.RELEASED, booking.price),
            mails=(("released", job.developer.account_id), ("approved", job.client.account_id)),
            booking=booking,
        )
        return saved

    async def _give_up(self, repositories: Repositories, job_id: JobId) -> None:
        job = await repositories.jobs.get(job_id)
        if job.status not in WORKING:
            return
        now = self.clock.now()
        cancelled = await repositories.jobs.save(job.give_up(now=now))
        booking = await repositories.bookings.get(BookingId(job.booking_id))
        ended = await repositories.bookings.save(
            booking.abandon(reason="Nothing was delivered in time.")
        )
        await self.held.split(
            repositories, ended, ended.price, by=Actor.DEADLINE, reason=ended.reason
        )
        await self._tell(
            repositories,
            cancelled,
            "not_delivered",
            Actor.DEADLINE,
            money=MoneyAt(Where.REFUNDING, ended.price),
            mails=(
                ("not_delivered", job.client.account_id),
                ("not_delivered", job.developer.account_id),
            ),
            booking=ended,
        )

    async def _remind(self, job: Job, letter: str, account: str) -> None:
        now = self.clock.now()
        mail = message(
            "notifications.mail",
            f"{job.id}:{job.version}:{letter}:{now:%Y%m%d%H}",
            due_at=now,
            letter=letter,
            account=account,
            booking=job.booking_id,
        )
        await self.store.repositories.outbox.add(mail)

    async def _tell(
        self,
        repositories: Repositories,
        job: Job,
        what: str,
        actor: Actor,
        *,
        mails: tuple[tuple[str, str], ...],
        detail: str = "",
        money: MoneyAt | None = None,
        owes: tuple[OutboxMessage, ...] = (),
        booking: Booking | None = None,
    ) -> None:
        booking = booking or await repositories.bookings.get(BookingId(job.booking_id))
        step = Step(
            key=f"{job.id}:{job.version}",
            what=what,
            actor=actor,
            at=self.clock.now(),
            detail=detail,
            money=money or MoneyAt(Where.HELD, booking.price),
            mails=mails,
        )
        await tell(repositories, booking, step, owes=owes, news=self.extensions.has_listeners)


WORKING = (Status.ACTIVE, Status.CHANGES_REQUESTED)


def _delivery(job: Job, note: str, now: datetime) -> Delivery:
    return Delivery(
        id=DeliveryId(f"dlv_{job.id.partition('_')[2]}_{job.deliveries}"),
        job_id=job.id,
        booking_id=job.booking_id,
        number=job.deliveries,
        note=note,
        at=now,
    )
