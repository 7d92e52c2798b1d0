"""Compares a withdrawal with its ledger entries, and finds those that wait beyond their time."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from core.findings import FindingKind
from core.payout_accounts import PayoutAccount, State
from core.policy import DAY, HOUR
from core.reconciliation import SLOW_ANSWER, Difference
from core.withdrawals import GIVEN_BACK, Status, Withdrawal
from core.withdrawals_messages import (
    EndHold,
    RegisterPayoutAccount,
    SendWithdrawal,
    TransferNews,
)

SEND_WITHIN: timedelta = HOUR
CHECK_WITHIN: timedelta = DAY


def entry_ids(withdrawal: Withdrawal) -> tuple[str, str, str]:
    """The ids of the entries it can have: its reservation, its payout and its return."""
    key = withdrawal.id
    return f"withdraw:{key}", f"payout:{key}", f"payout-reversal:{key}"


def differences(
    withdrawal: Withdrawal, entries: Collection[str], *, now: datetime
) -> Iterator[Difference]:
    """`entries` are the ids of those of `entry_ids` that exist."""
    reserved, paid, returned = (each in entries for each in entry_ids(withdrawal))
    status, subject = withdrawal.status, withdrawal.id
    if not reserved:
        kind = FindingKind.WITHDRAW_ENTRY_MISSING
        yield Difference(kind, subject, "Its money was never taken out of the balance.")
    if status is Status.SUCCEEDED and not paid:
        kind = FindingKind.PAYOUT_ENTRY_MISSING
        yield Difference(kind, subject, "The money has arrived; the ledger does not say so.")
    if paid and status not in (Status.SUCCEEDED, Status.REVERSED):
        kind = FindingKind.PAYOUT_ENTRY_UNFOUNDED
        yield Difference(kind, subject, f"A payout is booked; it is {status}.")
    if status in GIVEN_BACK and not returned:
        kind = FindingKind.RETURN_ENTRY_MISSING
        yield Difference(kind, subject, f"It is {status}, and the money is not back.")
    if returned and status not in GIVEN_BACK:
        kind = FindingKind.RETURN_ENTRY_UNFOUNDED
        yield Difference(kind, subject, f"Its money is back in the wallet; it is {status}.")
    yield from waiting(withdrawal, now=now)


def waiting(withdrawal: Withdrawal, *, now: datetime) -> Iterator[Difference]:
    """A withdrawal that should have been sent, or whose transfer should have ended."""
    since = withdrawal.changed_at or withdrawal.requested_at
    if withdrawal.attempt:
        since = withdrawal.requested_at
    until = withdrawal.next_at
    if withdrawal.status is Status.REQUESTED and now > since + SEND_WITHIN:
        planned = until is not None and now <= until + SEND_WITHIN
        yield Difference(
            FindingKind.WITHDRAWAL_NOT_SENT,
            withdrawal.id,
            f"It waits to be sent since {since:%Y-%m-%d %H:%M} UTC.",
            repair=None if planned else SendWithdrawal(withdrawal.id),
        )
    if withdrawal.hold_ends and until and now > until + SEND_WITHIN:
        yield Difference(
            FindingKind.WITHDRAWAL_NOT_SENT,
            withdrawal.id,
            f"Its hold is over since {until:%Y-%m-%d %H:%M} UTC.",
            repair=EndHold(withdrawal.id),
        )
    sent = withdrawal.sent_at or since
    if withdrawal.status is Status.SENT and now > sent + SLOW_ANSWER:
        yield Difference(
            FindingKind.TRANSFER_WITHOUT_VERDICT,
            withdrawal.id,
            f"It was sent at {sent:%Y-%m-%d %H:%M} UTC and has had no verdict since.",
            repair=TransferNews(withdrawal.transfer_id),
        )


def of_account(account: PayoutAccount, *, now: datetime) -> Iterator[Difference]:
    """A bank account whose check does not end."""
    if account.state is State.CHECKING and now > account.added_at + CHECK_WITHIN:
        yield Difference(
            FindingKind.PAYOUT_ACCOUNT_UNCHECKED,
            account.id,
            f"It is under check since {account.added_at:%Y-%m-%d %H:%M} UTC.",
            repair=RegisterPayoutAccount(account.id, account.beneficiary),
        )
