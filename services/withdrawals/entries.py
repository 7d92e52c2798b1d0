"""Ledger entries of withdrawals, each posted together with the running balance."""

from __future__ import annotations

from datetime import datetime

from core.money import Money, zero
from core.transactions import (
    TRANSFER_COSTS,
    Kind,
    Line,
    Transaction,
    TransactionId,
    earnings,
    movement,
    paid_out,
    withdrawing,
)
from core.withdrawals import Status, Withdrawal
from ports.store import Repositories
from services.payments import balance_of, post

FEES_AT_MOST = 8
"""How often the charge for one transfer can change. A provider charges it, and may return it."""


async def reserve(repositories: Repositories, withdrawal: Withdrawal) -> None:
    """Take the money out of what is ready. Raises `Overdrawn`."""
    mine = withdrawal.developer_id
    lines = movement(withdrawal.amount, source=earnings(mine), target=withdrawing(mine))
    entry = _entry(
        withdrawal, Kind.WITHDRAW, f"withdraw:{withdrawal.id}", lines, "Withdrawal",
        withdrawal.requested_at,
    )  # fmt: skip
    await post(repositories, mine, entry)


async def pay_out(repositories: Repositories, withdrawal: Withdrawal, *, at: datetime) -> None:
    """The money has arrived."""
    mine, target = withdrawal.developer_id, paid_out(withdrawal.provider)
    lines = movement(withdrawal.amount, source=withdrawing(mine), target=target)
    entry = _entry(withdrawal, Kind.PAYOUT, f"payout:{withdrawal.id}", lines, "In your bank", at)
    await post(repositories, mine, entry)


async def give_back(
    repositories: Repositories, withdrawal: Withdrawal, *, before: Status, at: datetime
) -> None:
    """The money is the developer's again, once per withdrawal: it was taken back, failed or came
    back. `before` is the state it was in. What the developer owes is netted."""
    mine, amount = withdrawal.developer_id, withdrawal.amount
    arrived = before is Status.SUCCEEDED
    source = paid_out(withdrawal.provider) if arrived else withdrawing(mine)
    balance = await balance_of(repositories, mine, amount.currency)
    lines = (Line(source, -amount), *balance.credit(amount))
    entry = _entry(
        withdrawal, Kind.PAYOUT_REVERSAL, f"payout-reversal:{withdrawal.id}", lines,
        "Back in the wallet", at,
    )  # fmt: skip
    await post(repositories, mine, entry)


async def book_fee(
    repositories: Repositories, withdrawal: Withdrawal, fee: Money, *, at: datetime
) -> None:
    """What the provider has charged us for the transfer so far, whatever became of it: what is
    not booked of it yet, which is below zero if the provider has given some back. It is ours to
    carry (docs/rules.md), so no account of the developer changes."""
    names = [fee_entry(withdrawal, number) for number in range(FEES_AT_MOST)]
    booked = await repositories.transactions.many(names)
    costs = (line for each in booked.values() for line in each.lines)
    more = fee + sum(
        (line.amount for line in costs if line.account == TRANSFER_COSTS), zero(fee.currency)
    )
    if not more or len(booked) == FEES_AT_MOST:
        return
    lines = movement(more, source=TRANSFER_COSTS, target=paid_out(withdrawal.provider))
    name = fee_entry(withdrawal, len(booked))
    await repositories.transactions.add(
        _entry(withdrawal, Kind.PAYOUT_FEE, name, lines, "Cost of the transfer", at, ours=True)
    )


def fee_entry(withdrawal: Withdrawal, number: int) -> TransactionId:
    """The id of the entry of the first charge for the transfer, and of each change of it."""
    return TransactionId(f"payout-fee:{withdrawal.transfer_id}{f':{number}' if number else ''}")


def _entry(
    withdrawal: Withdrawal,
    kind: Kind,
    name: str,
    lines: tuple[Line, ...],
    description: str,
    at: datetime,
    *,
    ours: bool = False,
) -> Transaction:
    """`ours`: it does not concern the developer."""
    return Transaction(
        id=TransactionId(name),
        kind=kind,
        at=at,
        lines=lines,
        description=description,
        developer_id=None if ours else withdrawal.developer_id,
    )
