"""What is told about a withdrawal in the transaction of its change: the audit trail, the developer
and their open browsers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from core.accounts import Account
from core.audit import PROVIDER, audit_message
from core.notifications import NotifyAccount
from core.outbox import OutboxMessage, message
from core.sessions import Caller
from core.withdrawals import Status, Withdrawal, WithdrawalActivity
from core.withdrawals_messages import WithdrawalChanged

ACTIVITY: Mapping[Status, WithdrawalActivity] = {
    Status.REQUESTED: WithdrawalActivity.WAITS,
    Status.HELD: WithdrawalActivity.HELD,
    Status.SENT: WithdrawalActivity.SENT,
    Status.SUCCEEDED: WithdrawalActivity.SUCCEEDED,
    Status.FAILED: WithdrawalActivity.FAILED,
    Status.REVERSED: WithdrawalActivity.REVERSED,
    Status.CANCELLED: WithdrawalActivity.CANCELLED,
}
QUIET = frozenset({WithdrawalActivity.SENT})
"""Steps that are seen on the page only: nothing follows for the developer."""


def told(
    withdrawal: Withdrawal,
    what: WithdrawalActivity,
    *,
    at: datetime,
    actor: str = PROVIDER,
    caller: Caller | None = None,
    quiet: bool = False,
) -> list[OutboxMessage]:
    """The messages of one step. `withdrawal` is as it was saved, so that its version names the
    step. `caller` is where a person acted from. `quiet`: the developer gets no notice."""
    key = f"{withdrawal.id}:{withdrawal.version}"
    audit = audit_message(
        what, key, account=withdrawal.account_id, at=at, actor=actor,
        address=caller.place if caller else "", device=caller.device if caller else "",
        number=withdrawal.number, amount=str(withdrawal.amount.amount),
        currency=withdrawal.amount.currency, reason=withdrawal.note,
    )  # fmt: skip
    changed = WithdrawalChanged(withdrawal.account_id, withdrawal.id, withdrawal.status)
    messages = [audit, message(changed, key, due_at=at)]
    if what not in QUIET and not quiet:
        notice = NotifyAccount(
            what,
            withdrawal.account_id,
            fact=key,
            subject=withdrawal.id,
            actor=actor if actor == withdrawal.account_id else "",
        )
        messages.append(message(notice, key, due_at=at))
    return messages


def own_audit(
    withdrawal: Withdrawal,
    what: WithdrawalActivity,
    *,
    by: Account,
    caller: Caller,
    at: datetime,
    reason: str,
) -> OutboxMessage:
    """The same step in the audit trail of the administrator who did it."""
    return audit_message(
        what, f"{withdrawal.id}:{withdrawal.version}", account=by.id, at=at, actor=by.id,
        address=caller.place, device=caller.device, number=withdrawal.number,
        amount=str(withdrawal.amount.amount), currency=withdrawal.amount.currency,
        reason=reason,
    )  # fmt: skip
