"""Compares the balance of a developer and the clearing of a booking with the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from core.earnings import Balance, ClearEarnings, Clearing, Overdrawn, earned
from core.findings import FindingKind
from core.outbox import OutboxMessage, message, message_id
from core.reconciliation import GRACE, Difference, words
from core.transactions import Kind, Line, Transaction


def of_balance(balance: Balance, lines: Iterable[Line]) -> Iterator[Difference]:
    """`lines` are all of the developer."""
    empty = Balance.empty(balance.developer_id, balance.currency)
    try:
        summed = empty.apply(lines)
    except Overdrawn:
        kind = FindingKind.BALANCE_BELOW_ZERO
        yield Difference(kind, balance.id, "The entries of the ledger sum to less than nothing.")
        return
    names = ("clearing", "available", "withdrawing", "owed")
    wrong = [each for each in names if getattr(summed, each) != getattr(balance, each)]
    if wrong:
        said = ", ".join(
            f"{each} {words(getattr(balance, each))}, by the ledger {words(getattr(summed, each))}"
            for each in wrong
        )
        yield Difference(FindingKind.BALANCE_WRONG, balance.id, f"{said}.")


def of_clearing(
    clearing: Clearing,
    entries: Mapping[str, Transaction],
    messages: Mapping[str, OutboxMessage],
    *,
    now: datetime,
) -> Iterator[Difference]:
    """`entries` are those of the booking, by id. `messages` are the existing ones of
    `clear_id`."""
    if clearing.cleared:
        if clearing.amount and f"clear:{clearing.id}" not in entries:
            kind = FindingKind.CLEAR_ENTRY_MISSING
            yield Difference(kind, clearing.id, "It is marked as ready; the ledger does not know.")
        return
    step = ClearEarnings(clearing.id)
    if now > clearing.clears_at + GRACE:
        detail = f"The step of {clearing.clears_at:%Y-%m-%d %H:%M} UTC was not taken."
        yield Difference(FindingKind.CLEARING_OVERDUE, clearing.id, detail, repair=step)
    elif clear_id(clearing) not in messages:
        yield Difference(
            FindingKind.CLEARING_STEP_MISSING,
            clearing.id,
            "Nothing makes this money ready to withdraw.",
            missing=message(step, clearing.id, due_at=clearing.clears_at),
        )


def clear_id(clearing: Clearing) -> str:
    """The outbox message that makes the money ready."""
    return message_id(ClearEarnings, clearing.id)


def of_release(entry: Transaction, clearing: Clearing | None) -> Iterator[Difference]:
    """A release must have begun to clear. Entries of version 0.1.0 had no clearing."""
    of = entry.developer_id or ""
    began = any(line.account == f"clearing:{of}" for line in entry.lines)
    if entry.kind is Kind.RELEASE and began and earned(entry, of) and clearing is None:
        kind = FindingKind.CLEARING_MISSING
        yield Difference(kind, entry.id, "What it released never becomes ready to withdraw.")
