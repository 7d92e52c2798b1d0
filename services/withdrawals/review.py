"""Withdrawals for administrators: hold, release and refuse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.accounts import Account
from core.outbox import message
from core.sessions import Caller
from core.withdrawals import (
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
from services.shared.money_actions import Preview, Step, act, check_not_own, preview
from services.withdrawals.documents import payout_accounts, withdrawals
from services.withdrawals.holds import send_message
from services.withdrawals.service import cancel_in
from services.withdrawals.telling import own_audit, told


class Decision(StrEnum):
    """What an administrator decides about a withdrawal."""

    HOLD = "hold"
    RELEASE = "release"
    REFUSE = "refuse"

    @property
    def needs_reason(self) -> bool:
        """Whether the developer reads why."""
        return self is not Decision.RELEASE


ACTIVITY: Mapping[Decision, WithdrawalActivity] = {
    Decision.HOLD: WithdrawalActivity.HELD,
    Decision.RELEASE: WithdrawalActivity.RELEASED,
    Decision.REFUSE: WithdrawalActivity.CANCELLED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewService:
    """The caller has checked that `by` is an administrator with a fresh code. Each action is in the
    audit trails of both, and the developer is told. `expected` is the digest of its preview; None
    for a program that has asked for none. Besides what is named, each action raises `OwnMoney` and
    `PreviewOutdated`."""

    store: Store
    clock: Clock
    policy: WithdrawalPolicy

    async def get(self, withdrawal_id: WithdrawalId) -> Withdrawal:
        """Raises `NotFound`."""
        return await withdrawals(self.store.repositories).get(withdrawal_id)

    async def preview(
        self,
        decision: Decision,
        withdrawal_id: WithdrawalId,
        *,
        by: Account,
        caller: Caller,
        reason: str,
    ) -> Preview:
        """What a decision would book now, and whom it would tell. Raises what it raises."""
        return await preview(self.store, self._step(decision, withdrawal_id, by, caller, reason))

    async def hold(
        self,
        withdrawal_id: WithdrawalId,
        *,
        by: Account,
        caller: Caller,
        reason: str,
        expected: str | None = None,
    ) -> Withdrawal:
        """Keep it from being sent. The developer reads the reason: what is missing.

        Raises `Invalid`, and `WithdrawalMovedOn` for one that was sent or has ended.
        """
        step = self._step(Decision.HOLD, withdrawal_id, by, caller, reason)
        return await act(self.store, step, expected=expected)

    async def release(
        self,
        withdrawal_id: WithdrawalId,
        *,
        by: Account,
        caller: Caller,
        reason: str = "",
        expected: str | None = None,
    ) -> Withdrawal:
        """It was checked and can be sent. Later withdrawals to the same account are not held. The
        reason is in the audit trail of the administrator.

        Raises `WithdrawalMovedOn` for one that is not held.
        """
        step = self._step(Decision.RELEASE, withdrawal_id, by, caller, reason)
        return await act(self.store, step, expected=expected)

    async def refuse(
        self,
        withdrawal_id: WithdrawalId,
        *,
        by: Account,
        caller: Caller,
        reason: str,
        expected: str | None = None,
    ) -> Withdrawal:
        """The money goes back to the wallet. The developer reads the reason.

        Raises `Invalid`, and `WithdrawalMovedOn` for one that was sent or has ended.
        """
        step = self._step(Decision.REFUSE, withdrawal_id, by, caller, reason)
        return await act(self.store, step, expected=expected)

    def _step(
        self,
        decision: Decision,
        withdrawal_id: WithdrawalId,
        by: Account,
        caller: Caller,
        reason: str,
    ) -> Step[Withdrawal]:
        now = self.clock.now()
        text = checked_reason(reason) if reason or decision.needs_reason else ""

        async def step(repositories: Repositories) -> Withdrawal:
            before = await withdrawals(repositories).get(withdrawal_id)
            check_not_own(by, before.account_id)
            match decision:
                case Decision.HOLD:
                    saved = await self._hold(repositories, before, text, now)
                case Decision.RELEASE:
                    saved = await self._release(repositories, before, now)
                case Decision.REFUSE:
                    refused = before.cancel(now=now, note=text)
                    saved = await cancel_in(
                        repositories, before, refused, at=now, actor=by.id, caller=caller
                    )
            what = ACTIVITY[decision]
            own = own_audit(saved, what, by=by, caller=caller, at=now, reason=text)
            await repositories.outbox.add(own)
            if decision is not Decision.REFUSE:  # `cancel_in` has told it
                messages = told(saved, what, at=now, actor=by.id, caller=caller)
                await repositories.outbox.add(*messages)
            return saved

        return step

    async def _hold(
        self, repositories: Repositories, before: Withdrawal, text: str, now: datetime
    ) -> Withdrawal:
        held = before.hold(Waiting.OPERATOR, note=text, now=now)
        saved = await withdrawals(repositories).save(held)
        due = now + self.policy.review_within
        expect = message(ExpectReview(saved.id), f"{saved.id}:{saved.version}", due_at=due)
        await repositories.outbox.add(expect)
        return saved

    @staticmethod
    async def _release(repositories: Repositories, before: Withdrawal, now: datetime) -> Withdrawal:
        saved = await withdrawals(repositories).save(before.release(now=now))
        account = await payout_accounts(repositories).find(saved.developer_id)
        if account and account.known_as == saved.beneficiary and not account.trusted:
            await payout_accounts(repositories).save(account.trust())
        await repositories.outbox.add(send_message(saved, at=now))
        return saved
