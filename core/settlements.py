"""Settlements: what a payment provider pays to our bank, and the payments and refunds it lists."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType, Self

from core.money import Money

SettlementId = NewType("SettlementId", str)


class Status(StrEnum):
    """What the provider says about a settlement. The values are stored."""

    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"
    REVERSED = "reversed"
    UNKNOWN = "unknown"
    """A status that the adapter does not know. It means nothing, and is reported."""


class LineKind(StrEnum):
    """Why a line adds to a settlement, or takes from it. The values are stored."""

    PAYMENT = "payment"
    REFUND = "refund"
    REFUND_REVERSAL = "refund_reversal"
    CHARGEBACK = "chargeback"
    CHARGEBACK_REVERSAL = "chargeback_reversal"
    ADJUSTMENT = "adjustment"
    """Anything else, with the provider's remark."""
    UNKNOWN = "unknown"
    """A kind that the adapter does not know. It is reported."""


NOT_PAID = frozenset({Status.FAILED, Status.REVERSED})


@dataclass(frozen=True, slots=True)
class SettlementFact:
    """A settlement as the provider reports it now. `reference` is its id there, `said` its word for
    the status. `amount` went to our bank; `charge` is what it took for the settlement itself, taxes
    included. `bank_reference` (UTR) is empty until the bank has it. `at` is when it began, in UTC.
    """

    reference: str
    status: Status
    said: str
    amount: Money
    charge: Money
    at: datetime
    bank_reference: str = ""


@dataclass(frozen=True, slots=True)
class LineFact:
    """One line of a settlement. `reference` is the provider's id of the event, `attempt_id` that of
    the attempt to pay, `refund_id` is ours; `order_id` is ours too. Each is empty if there is none.

    `amount` is not negative: of a payment that of its order, without what the customer paid on top
    to the provider. `net` is what the line adds to the settlement, below zero for what it takes.
    `at` is in UTC.
    """

    reference: str
    kind: LineKind
    said: str
    amount: Money
    net: Money
    at: datetime
    order_id: str = ""
    attempt_id: str = ""
    refund_id: str = ""


@dataclass(frozen=True, slots=True)
class ProviderSettlement:
    """A settlement as it is stored. `read`: all of its lines are stored. `listed` is what they
    summed to when they were read last."""

    id: SettlementId
    provider: str
    reference: str
    status: Status
    said: str
    amount: Money
    charge: Money
    at: datetime
    bank_reference: str = ""
    read: bool = False
    listed: Money | None = None
    version: int = 0

    @classmethod
    def of(cls, provider: str, fact: SettlementFact) -> Self:
        """As it is reported for the first time."""
        return cls(
            settlement_id(provider, fact.reference), provider, fact.reference, fact.status,
            fact.said, fact.amount, fact.charge, fact.at, fact.bank_reference,
        )  # fmt: skip

    def follow(self, fact: SettlementFact) -> Self:
        """As it is reported now. Its lines are read again when its amount has changed."""
        return replace(
            self,
            status=fact.status,
            said=fact.said,
            amount=fact.amount,
            charge=fact.charge,
            at=fact.at,
            bank_reference=fact.bank_reference or self.bank_reference,
            read=self.read and (fact.amount, fact.charge) == (self.amount, self.charge),
        )

    def listing(self, net: Money) -> Self:
        """All of its lines were read, and sum to `net`."""
        return replace(self, read=True, listed=net)


@dataclass(frozen=True, slots=True)
class SettledLine:
    """A line as it was reported first. `contradiction` says how a later report differs, which
    nobody has explained; empty while reports agree. One payment is one line, whichever settlement
    has paid it in the end."""

    id: str
    provider: str
    settlement: SettlementId
    reference: str
    kind: LineKind
    said: str
    amount: Money
    net: Money
    at: datetime
    order_id: str = ""
    attempt_id: str = ""
    refund_id: str = ""
    contradiction: str = ""
    version: int = 0

    @classmethod
    def of(cls, settlement: ProviderSettlement, fact: LineFact) -> Self:
        return cls(
            line_id(settlement.provider, fact), settlement.provider, settlement.id, fact.reference,
            fact.kind, fact.said, fact.amount, fact.net, fact.at, fact.order_id, fact.attempt_id,
            fact.refund_id,
        )  # fmt: skip

    @property
    def fee(self) -> Money:
        """What the provider keeps of this line, taxes included; below zero if it gave more."""
        return self.amount - self.net if self.net.amount >= 0 else -self.net - self.amount

    def follow(self, other: Self, before: ProviderSettlement, after: ProviderSettlement) -> Self:
        """After another report of the same fact. `before` and `after` are the settlements of both
        lines: only one of them can have been paid."""
        said = ""
        if before.id != after.id:
            if before.status is not Status.PAID:
                return replace(other, version=self.version)
            if after.status is not Status.PAID:
                return self
            said = f"{before.id} and {after.id} have it both."
        elif (other.amount, other.net) != (self.amount, self.net):
            first, now = (f"{each.amount.amount} less {each.fee.amount}" for each in (self, other))
            said = f"It was {first}, and is {now} now (minor units)."
        return self if said == self.contradiction else replace(self, contradiction=said)


@dataclass(frozen=True, slots=True)
class SettlementReading:
    """Which settlements of a provider, which is the id, have been read: all that began between
    `since` and `until` (UTC)."""

    id: str
    since: datetime
    until: datetime
    version: int = 0


def settlement_id(provider: str, reference: str) -> SettlementId:
    return SettlementId(f"{provider}:{reference}")


def line_id(provider: str, fact: LineFact) -> str:
    """By the business fact, so that a payment has one line: the attempt, our refund, else the
    event."""
    match fact.kind:
        case LineKind.PAYMENT:
            key = fact.attempt_id
        case LineKind.REFUND | LineKind.REFUND_REVERSAL:
            key = fact.refund_id
        case _:
            key = ""
    return f"{provider}:{fact.kind}:{key or fact.reference}"


def payment_line(provider: str, attempt_id: str) -> str:
    """The id of the line of a payment."""
    return f"{provider}:{LineKind.PAYMENT}:{attempt_id}"


def refund_line(provider: str, refund_id: str, kind: LineKind = LineKind.REFUND) -> str:
    """The id of the line of a refund that we asked for, or of its reversal."""
    return f"{provider}:{kind}:{refund_id}"
