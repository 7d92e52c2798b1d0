"""Reconciliation: differences between what we hold and what must be, as values.

Comparisons are pure: they take what was read, and say what does not fit. Each kind of difference
has its owner in core/finding_kinds.py. A difference is `Repairable` only if an ordinary use case
mends it; that use case asks the provider where money is concerned.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from core.findings import FindingKind
from core.money import Money, zero
from core.outbox import OutboxMessage, Payload
from core.transactions import Transaction

GRACE = timedelta(minutes=15)
"""How late a step that is due may be: relays that are busy or were restarted take it."""
SLOW_ANSWER = timedelta(days=10)
"""How long a provider may take for a refund or a transfer (to some cards up to ten working days)
before a person asks."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One inconsistency of the entity `subject`. `key` tells several of one kind and subject apart.

    `repair` is the ordinary use case that may mend it; `missing` is an outbox message that has to
    exist. At most one of them is given.
    """

    kind: FindingKind
    subject: str
    detail: str
    key: str = ""
    repair: Payload | None = None
    missing: OutboxMessage | None = None

    @property
    def id(self) -> str:
        """That of its finding."""
        return ":".join(part for part in (self.kind, self.subject, self.key) if part)

    @property
    def repairable(self) -> bool:
        return self.repair is not None or self.missing is not None


def moved(entries: Iterable[Transaction], account: str, currency: str) -> Money:
    """The balance of a ledger account by these entries."""
    lines = (
        line.amount
        for entry in entries
        for line in entry.lines
        if line.account == account and line.amount.currency == currency
    )
    return sum(lines, zero(currency))


def words(amount: Money) -> str:
    """An amount in a detail, in minor units."""
    return f"{amount.amount} {amount.currency}"
