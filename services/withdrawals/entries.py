"""Ledger entries of withdrawals, each posted together with the running balance."""

from __future__ import annotations

from datetime import datetime

from core.money import Money
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
    """What the provider charges us for the transfer, once, whatever became of it."""
    name = TransactionId(f"payout-fee:{withdrawal.id}")
    if not fee or await repositories.transactions.exists(name):
        return
    lines = movement(fee, source=TRANSFER_COSTS, target=paid_out(withdrawal.provider))
    await repositories.transactions.add(
        _entry(withdrawal, Kind.PAYOUT_FEE, name, lines, "Cost of the transfer", at, ours=True)
    )


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
