"""Disputes for administrators: opening a case, questions, and the decision."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.accounts import Account, AccountActivity
from core.audit import audit_message
from core.dispute_parts import How, checked_decision, checked_split, checked_statement
from core.disputes import (
    CLOSED,
    Dispute,
    DisputeActivity,
    DisputeId,
    DisputeStep,
    Status,
)
from core.disputes_messages import Stage, deadline
from core.money import Money
from core.outbox import OutboxMessage
from core.sessions import Caller
from core.timeline import Actor
from ports.clock import Clock
from ports.store import Repositories, Store
from services.disputes.cases import Cases
from services.disputes.storage import disputes

EARLIER_AT_MOST = 50
READ_AGAIN_AFTER = timedelta(hours=1)
"""Opening a case again within this time is in the audit trails only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionService:
    """The caller has checked that `by` is an administrator."""

    store: Store
    cases: Cases
    clock: Clock

    async def earlier(self, dispute: Dispute) -> dict[Actor, tuple[Dispute, ...]]:
        """Other disputes of each side, in the same role, at most `EARLIER_AT_MOST`."""
        documents, found = disputes(self.store.repositories), {}
        for side in (Actor.CLIENT, Actor.DEVELOPER):
            equals = {f"{side}.account_id": dispute.party(side).account_id}
            page, _ = await documents.page(f"of_{side}", equals=equals, limit=EARLIER_AT_MOST + 1)
            found[side] = tuple(each for each in page if each.id != dispute.id)[:EARLIER_AT_MOST]
        return found

    async def counts(self, *, at_most: int) -> dict[Status, int]:
        """How many open disputes have each status. Each number ends at `at_most`."""
        documents, opened = (
            disputes(self.store.repositories),
            (s for s in Status if s not in CLOSED),
        )
        return {each: await documents.count(limit=at_most, status=each) for each in opened}

    async def open(self, dispute_id: DisputeId, *, by: Account, caller: Caller) -> Dispute:
        """The case for an administrator. That it was read is recorded in the audit trails of both
        sides, in its timeline, and told to both. Raises `NotFound`."""
        now = self.clock.now()

        async def step(repositories: Repositories) -> Dispute:
            dispute = await disputes(repositories).get(dispute_id)
            entries = list(audit_reading(dispute, by, caller, now))
            last = dispute.readings[-1] if dispute.readings else None
            if not dispute.open or (last and now < last + READ_AGAIN_AFTER):
                await repositories.outbox.add(*entries)
                return dispute
            read, again = dispute.read(now=now), bool(dispute.readings)
            return await self.cases.save(
                repositories, read, DisputeStep.READ, Actor.ADMIN, messages=entries, quiet=again
            )

        return await self.store.transact(step)

    async def ask(self, dispute_id: DisputeId, *, by: Account, text: str) -> Dispute:
        """A question to both, who have time for evidence again. Raises `Invalid`."""
        text = checked_statement(text)

        async def step(repositories: Repositories) -> Dispute:
            dispute = await disputes(repositories).get(dispute_id)
            asked = dispute.ask(text, now=self.clock.now(), policy=self.cases.policy)
            messages = []
            if asked.evidence_until and asked.evidence_until != dispute.evidence_until:
                messages.append(deadline(asked, Stage.EVIDENCE, asked.evidence_until))
            return await self.cases.save(
                repositories, asked, DisputeStep.ASKED, Actor.ADMIN, detail=text, messages=messages
            )

        return await self.store.transact(step)

    async def settle(
        self, dispute_id: DisputeId, *, by: Account, caller: Caller, refund: Money, reason: str
    ) -> Dispute:
        """Decide: `refund` goes back to the client, the rest to the developer, less the fee. The
        same decision again changes nothing. Raises `Invalid` and `IllegalTransition`."""

        async def step(repositories: Repositories) -> Dispute:
            dispute = await disputes(repositories).get(dispute_id)
            written = _checked(dispute, refund, reason)
            if _is_this(dispute, refund, written):
                return dispute
            now = self.clock.now()
            decided = dispute.decide(refund, reason=written, now=now)
            settled = await self.cases.settle(repositories, decided)
            entries = self._decided(settled, by, caller, refund, now)
            await repositories.outbox.add(*entries)
            return settled

        return await self.store.transact(step)

    async def check(self, dispute_id: DisputeId, *, refund: Money, reason: str) -> str:
        """The reason as it would be stored, for the second step of a decision. Raises `Invalid`."""
        dispute = await disputes(self.store.repositories).get(dispute_id)
        return _checked(dispute, refund, reason)

    @staticmethod
    def _decided(
        dispute: Dispute, by: Account, caller: Caller, refund: Money, now: datetime
    ) -> Iterator[OutboxMessage]:
        for account in (dispute.client.account_id, dispute.developer.account_id, by.id):
            yield audit_message(
                DisputeActivity.DECIDED,
                dispute.id,
                account=account,
                actor=by.id,
                at=now,
                address=caller.place,
                device=caller.device,
                dispute=dispute.id,
                number=dispute.booking_number,
                amount=str(refund.amount),
                currency=refund.currency,
            )


def audit_reading(
    dispute: Dispute, by: Account, caller: Caller, now: datetime
) -> Iterator[OutboxMessage]:
    """For the audit trails of both sides: that an administrator read the case."""
    for party in (dispute.client, dispute.developer):
        yield audit_message(
            AccountActivity.ADMIN_READ,
            f"{dispute.id}:{by.id}:{now.isoformat()}",
            account=party.account_id,
            actor=by.id,
            at=now,
            address=caller.place,
            device=caller.device,
            dispute=dispute.id,
            number=dispute.booking_number,
        )


def _checked(dispute: Dispute, refund: Money, reason: str) -> str:
    """The reason of a decision as it is stored. Raises `Invalid` with all wrong fields."""
    return checked_split(refund, reason, held=dispute.held, check=checked_decision)


def _is_this(dispute: Dispute, refund: Money, reason: str) -> bool:
    """Whether the dispute was settled by this very decision."""
    end = dispute.settlement
    return (
        end is not None and end.how is How.DECIDED and (end.refund, end.reason) == (refund, reason)
    )
