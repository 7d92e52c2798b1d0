"""Disputes for the two parties: open, answer, add evidence, take back, deliver once more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from core.dispute_parts import (
    CHOSEN,
    Reason,
    Statement,
    Wish,
    WishKind,
    checked_statement,
)
from core.disputes import Dispute, DisputeId, DisputeStep, IllegalTransition, Status
from core.disputes_messages import Stage, deadline, ending_deadlines
from core.errors import Errors, Invalid
from core.files import Purpose, StoredFile
from core.jobs import JobId
from core.money import Money
from core.outbox import OutboxMessage
from core.timeline import Actor
from ports.clock import Clock
from ports.store import Repositories, Store
from services.disputes.cases import Cases
from services.disputes.opening import Opening
from services.disputes.storage import dispute_of_party, disputes, latest_of_job
from services.files import Attachments
from services.shared.ownership import job_of_party


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeService:
    """The use cases of the parties. `by` is the acting account; raises `NotFound` for accounts
    without access, and `IllegalTransition` when the case has moved on."""

    store: Store
    cases: Cases
    opening: Opening
    attachments: Attachments
    clock: Clock

    @property
    def contest_within(self) -> timedelta:
        """How long a developer can contest a cancellation."""
        return self.cases.policy.contest_within

    async def open(
        self,
        job_id: JobId,
        *,
        by: str,
        reason: Reason,
        wish: WishKind,
        amount: Money | None = None,
        text: str,
        files: Sequence[str] = (),
    ) -> Dispute:
        """Open a dispute: release and deadlines of the job stop. `files` are ids of own uploaded
        files. Raises `Invalid`, `NothingHeld`, `FilesNotReady`, and `Frozen` while there is another
        dispute."""
        dispute_id = self.opening.new_id()
        if reason not in CHOSEN or wish is WishKind.NOTHING_BACK:
            raise Invalid(reason="Choose one of the reasons and wishes.")

        async def step(repositories: Repositories) -> Dispute:
            job = await job_of_party(repositories, job_id, by)
            side = Actor.CLIENT if by == job.client.account_id else Actor.DEVELOPER

            async def said(held: Money) -> Statement:
                return await self._said(
                    repositories, side, text, lambda: Wish.of(wish, amount, held=held),
                    files, by=by, booking=job.booking_id,
                )  # fmt: skip

            return await self.opening.open(repositories, dispute_id, job, reason=reason, said=said)

        return await self.store.transact(step)

    async def answer(
        self,
        dispute_id: DisputeId,
        *,
        by: str,
        wish: WishKind,
        amount: Money | None = None,
        text: str,
        files: Sequence[str] = (),
    ) -> Dispute:
        """The statement of the other side; of a developer, also to contest a proposed cancellation.
        Raises `Invalid`, `FilesNotReady` and `AlreadyAnswered`."""

        async def step(repositories: Repositories) -> Dispute:
            dispute, side = await dispute_of_party(repositories, dispute_id, by)
            said = await self._said(
                repositories, side, text, lambda: Wish.of(wish, amount, held=dispute.held),
                files, by=by, booking=dispute.booking_id,
            )  # fmt: skip
            answered = dispute.answer(
                said.text, said.wish, by=side, now=said.at, policy=self.cases.policy,
                files=said.files,
            )  # fmt: skip
            contested = dispute.status is Status.PROPOSED
            if contested:
                job = await repositories.jobs.get(JobId(dispute.job_id))
                await repositories.jobs.save(job.contest())
            what = DisputeStep.CONTESTED if contested else DisputeStep.ANSWERED
            messages = self._deadlines(dispute, answered)
            return await self.cases.save(
                repositories, answered, what, side, detail=said.text, messages=messages
            )

        return await self.store.transact(step)

    async def add_evidence(
        self, dispute_id: DisputeId, *, by: str, text: str, files: Sequence[str] = ()
    ) -> Dispute:
        """Evidence of one side; `files` are ids of its own uploaded ones. It cannot be changed or
        removed. Raises `Invalid`, `FilesNotReady`, `EvidenceOver` and `TooMuch`."""

        async def step(repositories: Repositories) -> Dispute:
            dispute, side = await dispute_of_party(repositories, dispute_id, by)
            errors = Errors()
            with errors:
                said = checked_statement(text)
            with errors:
                used = await self._attached(repositories, files, by, dispute.booking_id)
            errors.check()
            added = dispute.add_evidence(said, by=side, now=self.clock.now(), files=used)
            return await self.cases.save(
                repositories, added, DisputeStep.EVIDENCE, side, detail=said
            )

        return await self.store.transact(step)

    async def withdraw(self, dispute_id: DisputeId, *, by: str) -> Dispute:
        """Whoever opened it takes it back: the work goes on, and no deadline is shorter."""

        async def step(repositories: Repositories) -> Dispute:
            dispute, side = await dispute_of_party(repositories, dispute_id, by)
            withdrawn = dispute.withdraw(by=side, now=self.clock.now())
            proposed = dispute.status is Status.PROPOSED
            what = DisputeStep.KEPT if proposed else DisputeStep.WITHDRAWN
            return await self.cases.resume(repositories, withdrawn, what, side)

        return await self.store.transact(step)

    async def deliver_once_more(self, dispute_id: DisputeId, *, by: str) -> Dispute:
        """The developer grants the wish for changes: the work goes on, and no round is used."""

        async def step(repositories: Repositories) -> Dispute:
            dispute, side = await dispute_of_party(repositories, dispute_id, by)
            if dispute.status is Status.PROPOSED:
                raise IllegalTransition
            resumed = dispute.resume(by=side, now=self.clock.now())
            return await self.cases.resume(repositories, resumed, DisputeStep.RESUMED, side)

        return await self.store.transact(step)

    async def get(self, dispute_id: DisputeId, *, by: str) -> Dispute:
        """A dispute of the account. Raises `NotFound`."""
        dispute, _ = await dispute_of_party(self.store.repositories, dispute_id, by)
        return dispute

    async def of_job(self, job_id: str) -> Dispute | None:
        """The newest dispute of a job, open or not. The caller has checked the access."""
        return await latest_of_job(self.store.repositories, job_id)

    async def files_of(self, dispute: Dispute) -> dict[str, StoredFile]:
        """The files of its statements and evidence, by id. The caller has checked the access."""
        return await self.attachments.of(self.store.repositories, dispute.files)

    async def many(self, dispute_ids: Sequence[str]) -> dict[str, Dispute]:
        """Those that exist, by id. The caller has checked the access."""
        return await disputes(self.store.repositories).many(dispute_ids)

    async def _said(
        self,
        repositories: Repositories,
        side: Actor,
        text: str,
        wish: Callable[[], Wish],
        files: Sequence[str],
        *,
        by: str,
        booking: str,
    ) -> Statement:
        """The statement of a side, with its files attached. Raises `Invalid` with all wrong fields,
        and `FilesNotReady`."""
        errors = Errors()
        with errors:
            said = checked_statement(text)
        with errors:
            wished = wish()
        with errors:
            used = await self._attached(repositories, files, by, booking)
        errors.check()
        return Statement(side, self.clock.now(), said, wished, used)

    async def _attached(
        self, repositories: Repositories, files: Sequence[str], by: str, booking: str
    ) -> tuple[str, ...]:
        """The ids of the files, which now belong to the booking: its two parties and
        administrators may see what does."""
        used = await self.attachments.attach(
            repositories, files, by=by, purpose=Purpose.EVIDENCE, to=booking
        )
        return tuple(file.id for file in used)

    def _deadlines(self, before: Dispute, after: Dispute) -> list[OutboxMessage]:
        """Those that begin with an answer."""
        if after.evidence_until is None or before.evidence_until is not None:
            return []
        found = [deadline(after, Stage.EVIDENCE, after.evidence_until)]
        if before.status is Status.PROPOSED:
            found += ending_deadlines(after, self.cases.policy)
        return found
