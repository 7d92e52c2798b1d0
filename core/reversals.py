"""What was taken back of an earning after its release: by a refund, or by a lost chargeback.

Read from the ledger of the booking, so that an entry of any age says the same at any time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.earnings import earned
from core.money import Money, zero
from core.transactions import FEES, Kind, Transaction, clearing, earnings, escrow, owed

LOST, REOPENED = "chargeback-lost:", "chargeback-reopened:"
"""Followed by what names the round of the chargeback, and a version: `<round>:<version>`."""


@dataclass(frozen=True, slots=True)
class Reversal:
    """One correction of an earning: `earning` of the developer and `fee` of ours are reversed, of
    `earning_before` and `fee_before` that were left of the release.

    `entry` is the ledger entry of its document. `lost`: by a chargeback, otherwise by a refund.
    `withdrawn_at` is when the bank decided anew, so that nothing is reversed any more.
    """

    entry: Transaction
    earning: Money
    fee: Money
    earning_before: Money
    fee_before: Money
    lost: bool
    withdrawn_at: datetime | None = None

    @property
    def refund_id(self) -> str:
        """That of the refund, empty for a chargeback."""
        return "" if self.lost else self.entry.id.partition(":")[2]

    @property
    def amount(self) -> Money:
        """What went back of the price."""
        return self.earning + self.fee

    @property
    def before(self) -> Money:
        return self.earning_before + self.fee_before


def reversals_of(ledger: Iterable[Transaction], developer_id: str) -> tuple[Reversal, ...]:
    """The reversals of a booking, the earliest first; `ledger` has all of its entries."""
    entries = sorted(ledger, key=_order)
    released = next((entry for entry in entries if entry.kind is Kind.RELEASE), None)
    if released is None:
        return ()
    earning = earned(released, developer_id)
    fee = -released.lines[0].amount - earning  # the first line is the source
    found = list[Reversal]()
    for entry in entries:
        match entry.kind:
            case Kind.TAKE_BACK if _by_refund(entry):
                taken = _taken(entry, developer_id), _fee(entry)
                found.append(Reversal(entry, *taken, earning, fee, lost=False))
            case Kind.CHARGEBACK_LOST:
                taken = _set_aside(entry, entries, developer_id)
                if not taken[0]:
                    continue
                found.append(Reversal(entry, *taken, earning, fee, lost=True))
            case Kind.CHARGEBACK if entry.id.startswith(REOPENED):
                taken = _withdraw(entry, found)
                earning, fee = earning + taken[0], fee + taken[1]
                continue
            case _:
                continue
        earning, fee = earning - taken[0], fee - taken[1]
    return tuple(found)


def _order(entry: Transaction) -> tuple[datetime, int, bool, str]:
    """By time; decisions of one chargeback at the same time by its version. What was lost is
    opened again before it is lost as another amount."""
    decided = entry.id.startswith((LOST, REOPENED))
    version = int(entry.id.rpartition(":")[2]) if decided else 0
    return entry.at, version, entry.id.startswith(LOST), entry.id


def _by_refund(entry: Transaction) -> bool:
    """What a bank questions is set aside, and not taken back before it is lost."""
    return escrow(entry.booking_id or "") in {line.account for line in entry.lines}


def _withdraw(reopened: Transaction, found: list[Reversal]) -> tuple[Money, Money]:
    """Marks the newest loss of this round; returns its parts."""
    none = zero(reopened.lines[0].amount.currency)
    for index, each in reversed([*enumerate(found)]):
        if each.lost and each.withdrawn_at is None and _round(each.entry) == _round(reopened):
            found[index] = replace(each, withdrawn_at=reopened.at)
            return each.earning, each.fee
    return none, none


def _set_aside(
    lost: Transaction, ledger: Sequence[Transaction], developer_id: str
) -> tuple[Money, Money]:
    """The developer's part and our fee of what was set aside in the round that is lost."""
    name = f"chargeback:{_round(lost)}"
    earning = fee = zero(lost.lines[0].amount.currency)
    for entry in ledger:
        if entry.id == f"take-back:{name}":
            earning = earning + _taken(entry, developer_id)
        if entry.id == name:
            fee = fee + _fee(entry)
    return earning, fee


def _round(decided: Transaction) -> str:
    return decided.id.partition(":")[2].rpartition(":")[0]


def _taken(entry: Transaction, developer_id: str) -> Money:
    mine = clearing(developer_id), earnings(developer_id), owed(developer_id)
    none = zero(entry.lines[0].amount.currency)
    return -sum((line.amount for line in entry.lines if line.account in mine), none)


def _fee(entry: Transaction) -> Money:
    none = zero(entry.lines[0].amount.currency)
    return -sum((line.amount for line in entry.lines if line.account == FEES), none)
