"""Withdrawals for administrators: the queue, hold, release and refuse."""

from __future__ import annotations

from dataclasses import dataclass

from core.accounts import Account
from core.outbox import OutboxMessage, message
from core.sessions import Caller
from core.withdrawals import (
    Status,
    Waiting,
    Withdrawal,
    WithdrawalActivity,
    WithdrawalId,
    checked_reason,
)
from core.withdrawals_messages import ExpectReview
from core.withdrawals_policy import WithdrawalPolicy
from ports.clock import Clock
from ports.store import Repositories, Store
from services.withdrawals.documents import payout_accounts, withdrawals
from services.withdrawals.service import cancel_in, send_message
from services.withdrawals.telling import own_audit, told


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewService:
    """The caller has checked that `by` is an administrator with a fresh code. Each action is in the
    audit trails of both, and the developer is told."""

    store: Store
    clock: Clock
    policy: WithdrawalPolicy

    async def page(
        self, *, status: Status | None = None, limit: int = 20, cursor: str | None = None
    ) -> tuple[tuple[Withdrawal, ...], str | None]:
        """Withdrawals of all developers: those with a status earliest first, else latest first."""
        documents = withdrawals(self.store.repositories)
        if status is None:
            return await documents.page("newest", limit=limit, cursor=cursor)
        equals = {"status": status}
        return await documents.page("of_status", equals=equals, limit=limit, cursor=cursor)

    async def count(self, status: Status, *, at_most: int) -> int:
        return await withdrawals(self.store.repositories).count(limit=at_most, status=status)

    async def get(self, withdrawal_id: WithdrawalId) -> Withdrawal:
        """Raises `NotFound`."""
        return await withdrawals(self.store.repositories).get(withdrawal_id)

    async def hold(
        self, withdrawal_id: WithdrawalId, *, by: Account, caller: Caller, reason: str
    ) -> Withdrawal:
        """Keep it from being sent. The developer reads the reason: what is missing.

        Raises `Invalid`, and `WithdrawalMovedOn` for one that was sent or has ended.
        """
        now = self.clock.now()

        async def step(repositories: Repositories) -> Withdrawal:
            before = await withdrawals(repositories).get(withdrawal_id)
            held = before.hold(Waiting.OPERATOR, note=reason, now=now)
            saved = await withdrawals(repositories).save(held)
            due = now + self.policy.review_within
            expect = message(ExpectReview(saved.id), f"{saved.id}:{saved.version}", due_at=due)
            return await self._record(
                repositories, saved, WithdrawalActivity.HELD, by, caller, expect
            )

        return await self.store.transact(step)

    async def release(
        self, withdrawal_id: WithdrawalId, *, by: Account, caller: Caller
    ) -> Withdrawal:
        """It was checked and can be sent. Later withdrawals to the same account are not held.

        Raises `WithdrawalMovedOn` for one that is not held.
        """
        now = self.clock.now()

        async def step(repositories: Repositories) -> Withdrawal:
            before = await withdrawals(repositories).get(withdrawal_id)
            saved = await withdrawals(repositories).save(before.release(now=now))
            account = await payout_accounts(repositories).find(saved.developer_id)
            if account and account.known_as == saved.beneficiary and not account.trusted:
                await payout_accounts(repositories).save(account.trust())
            send = send_message(saved, at=now)
            return await self._record(
                repositories, saved, WithdrawalActivity.RELEASED, by, caller, send
            )

        return await self.store.transact(step)

    async def refuse(
        self, withdrawal_id: WithdrawalId, *, by: Account, caller: Caller, reason: str
    ) -> Withdrawal:
        """The money goes back to the wallet. The developer reads the reason.

        Raises `Invalid`, and `WithdrawalMovedOn` for one that was sent or has ended.
        """
        now, text = self.clock.now(), checked_reason(reason)

        async def step(repositories: Repositories) -> Withdrawal:
            before = await withdrawals(repositories).get(withdrawal_id)
            cancelled = before.cancel(now=now, note=text)
            saved = await cancel_in(
                repositories, before, cancelled, at=now, actor=by.id, caller=caller
            )
            own = own_audit(saved, WithdrawalActivity.CANCELLED, by=by, caller=caller, at=now)
            await repositories.outbox.add(own)
            return saved

        return await self.store.transact(step)

    async def _record(
        self,
        repositories: Repositories,
        saved: Withdrawal,
        what: WithdrawalActivity,
        by: Account,
        caller: Caller,
        follows: OutboxMessage,
    ) -> Withdrawal:
        now = self.clock.now()
        messages = told(saved, what, at=now, actor=by.id, caller=caller)
        own = own_audit(saved, what, by=by, caller=caller, at=now)
        await repositories.outbox.add(follows, own, *messages)
        return saved
