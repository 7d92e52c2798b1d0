"""The deadlines of disputes: nobody loses anything by them without a word.

- Nobody answers in time: both have time for evidence, and an administrator decides.
- The time for evidence is over: an administrator decides. Offers are still possible.
- A proposed cancellation is not contested in time: it stands.
- The claim of not having come to the meeting is not answered in time: it stands.
- The longest time is over: the client gets back what the client last asked for.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.disputes import ARGUED, Dispute, DisputeId, DisputeStep, Status
from core.disputes_messages import DisputeDeadline, Stage, deadline
from core.findings import FindingKind
from core.notifications import NotifyParty
from core.outbox import NotDueYet, message
from core.timeline import Actor
from ports.clock import Clock
from ports.findings import Finding
from ports.store import Repositories, Store
from services.disputes.cases import Cases
from services.disputes.storage import disputes
from services.shared.outbox import handles

UNCONTESTED = "The cancellation was not contested in time."
NOT_ANSWERED = "The claim of not having come was not answered in time."
TIME_OVER = "The longest time of a dispute was over, and there was neither agreement nor decision."


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeDeadlines:
    store: Store
    cases: Cases
    clock: Clock

    @handles(DisputeDeadline)
    async def pass_deadline(self, payload: DisputeDeadline) -> None:
        """Does nothing for a dispute that has moved on. Raises `NotDueYet` for a deadline that was
        extended."""

        async def step(repositories: Repositories) -> None:
            dispute = await disputes(repositories).get(payload.dispute)
            self._check_due(dispute, payload.stage)  # here: it may be extended at this moment
            await self._pass(repositories, dispute, payload.stage)

        await self.store.transact(step)

    def _check_due(self, dispute: Dispute, stage: Stage) -> None:
        now = self.clock.now()
        waits = {
            Stage.CONTEST: (Status.PROPOSED, dispute.answer_by),
            Stage.ANSWER: (Status.OPEN, dispute.answer_by),
            Stage.EVIDENCE: (Status.EVIDENCE, dispute.evidence_until),
            Stage.END: (dispute.status, dispute.ends_at),
        }
        status, due = waits.get(stage, (None, None))
        if dispute.open and dispute.status is status and due and now < due:
            raise NotDueYet(due)

    async def _pass(self, repositories: Repositories, dispute: Dispute, stage: Stage) -> None:
        now, policy = self.clock.now(), self.cases.policy
        match stage, dispute.status:
            case Stage.CONTEST, Status.PROPOSED:
                settled = dispute.let_stand(reason=UNCONTESTED, now=now)
                await self.cases.settle(repositories, settled)
            case Stage.ANSWER, Status.OPEN if dispute.stands_unanswered:
                settled = dispute.let_stand(reason=NOT_ANSWERED, now=now)
                await self.cases.settle(repositories, settled)
            case Stage.ANSWER, Status.OPEN:
                heard = dispute.stop_waiting(now=now, policy=policy)
                due = heard.evidence_until or now
                await self.cases.save(
                    repositories,
                    heard,
                    DisputeStep.UNANSWERED,
                    Actor.DEADLINE,
                    messages=[deadline(heard, Stage.EVIDENCE, due)],
                )
            case Stage.EVIDENCE, Status.EVIDENCE:
                await self.cases.save(
                    repositories,
                    dispute.end_evidence(now=now),
                    DisputeStep.DECIDING,
                    Actor.DEADLINE,
                )
            case Stage.END, status if status in ARGUED:
                await self.cases.settle(repositories, dispute.end(reason=TIME_OVER, now=now))
            case Stage.REMIND, Status.OPEN:
                await self._remind(repositories, dispute)
            case Stage.WARN, status if status in ARGUED:
                await self._warn(repositories, dispute)

    async def _remind(self, repositories: Repositories, dispute: Dispute) -> None:
        key = f"{dispute.id}:remind"
        account = dispute.party(dispute.other).account_id
        notice = NotifyParty("remind_dispute", account, dispute.booking_id, key)
        await repositories.outbox.add(message(notice, key, due_at=self.clock.now()))

    async def _warn(self, repositories: Repositories, dispute: Dispute) -> None:
        """Tell operators that nobody has decided yet."""
        detail = f"Case {dispute.booking_number} ends on {dispute.ends_at:%Y-%m-%d} undecided."
        name = f"dispute_undecided:{dispute.id}"
        finding = Finding(name, FindingKind.DISPUTE_UNDECIDED, dispute.id, detail, self.clock.now())
        await repositories.findings.report(finding)


def dispute_id_of(fact: str) -> DisputeId:
    """The dispute a timeline entry or a reminder is about."""
    return DisputeId(fact.partition(":")[0])
