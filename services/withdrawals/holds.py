"""Holds: when a withdrawal is held without an operator, and how holds end or are reported."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.accounts import Account, AccountId
from core.audit import SYSTEM
from core.findings import FindingKind
from core.outbox import OutboxMessage, message
from core.payout_accounts import PayoutAccount
from core.withdrawals import Status, Waiting, Withdrawal, WithdrawalActivity, WithdrawalId
from core.withdrawals_messages import EndHold, ExpectReview, SendWithdrawal
from core.withdrawals_policy import WithdrawalPolicy
from ports.clock import Clock
from ports.findings import Finding
from ports.store import Repositories, Store
from services.shared.outbox import handles
from services.withdrawals.documents import withdrawals
from services.withdrawals.telling import told


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldService:
    store: Store
    clock: Clock
    policy: WithdrawalPolicy

    @handles(EndHold)
    async def end(self, payload: EndHold) -> None:
        """Release a withdrawal whose time is over. If the password, the address or the second
        factor was changed again meanwhile, it is held longer. Idempotent."""
        await self.store.transact(
            lambda repositories: self._end(repositories, payload.withdrawal, self.clock.now())
        )

    @handles(ExpectReview)
    async def expect_review(self, payload: ExpectReview) -> None:
        """Report a withdrawal that nobody has decided about in time."""
        held = await withdrawals(self.store.repositories).get(payload.withdrawal)
        if held.status is not Status.HELD:
            return
        await self.store.repositories.findings.report(
            Finding(
                f"withdrawal_held:{held.id}",
                FindingKind.WITHDRAWAL_HELD_TOO_LONG,
                held.id,
                f"{held.number} is held for a check since {held.requested_at.isoformat()}.",
                self.clock.now(),
            )
        )

    async def _end(
        self, repositories: Repositories, withdrawal_id: WithdrawalId, now: datetime
    ) -> None:
        held = await withdrawals(repositories).get(withdrawal_id)
        if not held.hold_ends:
            return
        account = await repositories.accounts.get(AccountId(held.account_id))
        until = changed_until(account, self.policy, now=now)
        if until and until != held.next_at:
            longer = held.hold(Waiting.CREDENTIALS, until=until, now=now)
            saved = await withdrawals(repositories).save(longer)
            messages = told(saved, WithdrawalActivity.HELD, at=now, actor=SYSTEM)
            follows = end_message(saved, at=until)
        else:
            saved = await withdrawals(repositories).save(held.release(now=now))
            messages = told(saved, WithdrawalActivity.HOLD_ENDED, at=now, actor=SYSTEM)
            follows = send_message(saved, at=now)
        await repositories.outbox.add(follows, *messages)


def changed_until(account: Account, policy: WithdrawalPolicy, *, now: datetime) -> datetime | None:
    """Until when withdrawals are held because the password, the e-mail address, the second
    factor or a linked sign-in was changed; None if that is over."""
    if account.credentials_changed_at is None:
        return None
    until = account.credentials_changed_at + policy.credentials_hold
    return until if now < until else None


def held_at_first(
    asked: Withdrawal, account: Account, payee: PayoutAccount, policy: WithdrawalPolicy
) -> Withdrawal:
    """The new withdrawal, held if a person has to check its payee, or if the account was changed
    shortly before."""
    now = asked.requested_at
    if not payee.trusted:
        return asked.hold(Waiting.FIRST_TO_ACCOUNT, now=now)
    until = changed_until(account, policy, now=now)
    return asked.hold(Waiting.CREDENTIALS, until=until, now=now) if until else asked


def follows(saved: Withdrawal, policy: WithdrawalPolicy, *, at: datetime) -> OutboxMessage:
    """What comes by itself after the request: the sending, the end of the hold, or the time after
    which a person should have decided."""
    if saved.status is not Status.HELD:
        return send_message(saved, at=at)
    if saved.next_at:
        return end_message(saved, at=saved.next_at)
    return message(ExpectReview(saved.id), saved.id, due_at=at + policy.review_within)


def end_message(withdrawal: Withdrawal, *, at: datetime) -> OutboxMessage:
    return message(EndHold(withdrawal.id), f"{withdrawal.id}:{withdrawal.version}", due_at=at)


def send_message(withdrawal: Withdrawal, *, at: datetime) -> OutboxMessage:
    """One per time that it becomes possible to send it."""
    return message(
        SendWithdrawal(withdrawal.id), f"{withdrawal.id}:{withdrawal.version}", due_at=at
    )
