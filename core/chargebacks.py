"""Chargebacks: the bank of a client questions a payment, and the provider sets its money aside.

The provider decides, and its newest report counts. A decision is not final: a case that was won or
lost can be taken to the next instance, so every status can follow every other (docs/rules.md,
chargebacks).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType, Self

from core.errors import Conflict, Invalid
from core.money import Money, zero
from core.text import checked_text
from core.transactions import Line, gateway, movement, reserve

ChargebackId = NewType("ChargebackId", str)


class Status(StrEnum):
    """What the provider says. The values are stored.

    `OPEN`: it waits for evidence. `REVIEW`: it has the evidence, and the bank decides. `LOST` is
    also one that was accepted.
    """

    OPEN = "open"
    REVIEW = "review"
    WON = "won"
    LOST = "lost"


UNDECIDED = frozenset({Status.OPEN, Status.REVIEW})
"""The money is set aside."""


class ChargebackStep(StrEnum):
    """Kinds of timeline entries and notices of a chargeback. The values are stored."""

    OPENED = "chargeback_opened"
    WON = "chargeback_won"
    LOST = "chargeback_lost"


class ChargebackActivity(StrEnum):
    """Kinds of audit entries about chargebacks. The values are stored."""

    OPENED = "chargeback_money_set_aside"
    WON = "chargeback_money_returned"
    LOST = "chargeback_money_lost"
    EVIDENCE_NOW = "chargeback_evidence_now"
    ACCEPTED = "chargeback_accepted"


STEP_OF: dict[Status, ChargebackStep] = {
    Status.OPEN: ChargebackStep.OPENED,
    Status.REVIEW: ChargebackStep.OPENED,
    Status.WON: ChargebackStep.WON,
    Status.LOST: ChargebackStep.LOST,
}
"""What people are told. They need not act between the opening and the decision."""


REASON_MAXIMUM = 500
"""Characters of what an administrator writes about an answer."""


class ChargebackMovedOn(Conflict):
    """This chargeback is decided or answered already."""

    code = "chargeback_moved_on"


@dataclass(frozen=True, slots=True)
class ChargebackFact:
    """A chargeback as the provider reports it. `reference` is the provider's id of it, `said` its
    own word for the status, and `status` is None for a word that we do not know. `fee` is what the
    provider has charged for it until now. Times are in UTC."""

    reference: str
    status: Status | None
    said: str
    amount: Money
    opened_at: datetime
    changed_at: datetime
    reason: str = ""
    respond_by: datetime | None = None
    fee: Money | None = None


@dataclass(frozen=True, slots=True)
class Reserve:
    """Where the money that is set aside came from: the held money of the booking, the developer,
    our fee, and what nobody had any more (`losses`), which we bear."""

    held: Money
    developer: Money
    fee: Money
    losses: Money

    @property
    def paid(self) -> Money:
        """The part that is of the client's payment."""
        return self.held + self.developer + self.fee

    @property
    def total(self) -> Money:
        return self.paid + self.losses


@dataclass(frozen=True, slots=True)
class Chargeback:
    """One chargeback of one payment. `id` names the provider and its reference.

    `reserve` is None while nothing is set aside; `booked_out`: it was lost, and the reserve is with
    the client. `rounds` counts how often money was set aside. `changed_at` is the time of the
    newest report; an older one changes nothing. `evidence_at` is when our evidence was sent,
    `accepted_at` when an administrator has accepted it, which the provider confirms.
    """

    id: ChargebackId
    provider: str
    reference: str
    payment_id: str
    booking_id: str
    booking_number: str
    client_id: str
    developer_id: str
    amount: Money
    status: Status
    reason: str
    opened_at: datetime
    changed_at: datetime
    respond_by: datetime | None = None
    reserve: Reserve | None = None
    booked_out: bool = False
    rounds: int = 0
    fee: Money | None = None
    evidence_at: datetime | None = None
    accepted_at: datetime | None = None
    version: int = 0

    @property
    def undecided(self) -> bool:
        return self.status in UNDECIDED

    @property
    def awaits_evidence(self) -> bool:
        answered = self.evidence_at or self.accepted_at
        return self.status is Status.OPEN and not answered

    def follow(self, fact: ChargebackFact) -> Self:
        """The chargeback after a report of the provider; the money does not move here. Older
        reports, and statuses that we do not know, change nothing."""
        if fact.status is None or fact.changed_at < self.changed_at:
            return self
        again = self.status is not Status.OPEN and fact.status is Status.OPEN
        return replace(
            self,
            status=fact.status,
            amount=fact.amount,
            reason=fact.reason or self.reason,
            changed_at=fact.changed_at,
            respond_by=fact.respond_by or self.respond_by,
            evidence_at=None if again else self.evidence_at,
            accepted_at=None if again else self.accepted_at,
        )

    def set_aside(self, reserve: Reserve) -> Self:
        return replace(self, reserve=reserve, rounds=self.rounds + 1)

    def give_back(self) -> Self:
        """The reserve is where it came from."""
        return replace(self, reserve=None, booked_out=False)

    def book_out(self) -> Self:
        return replace(self, booked_out=True)

    def recover(self) -> Self:
        """It was lost, and is undecided or won now: the reserve is here again."""
        return replace(self, booked_out=False)

    def charge(self, fee: Money) -> Self:
        return replace(self, fee=fee)

    def send_evidence(self, at: datetime) -> Self:
        return replace(self, evidence_at=at)

    def check_awaits_evidence(self) -> None:
        """Raises `ChargebackMovedOn` unless evidence can be sent for it."""
        if not self.awaits_evidence:
            raise ChargebackMovedOn

    def accept(self, at: datetime) -> Self:
        """An administrator gives in: no evidence is sent. Raises `ChargebackMovedOn`."""
        if not self.undecided or self.accepted_at:
            raise ChargebackMovedOn
        return replace(self, accepted_at=at)

    def not_accepted(self) -> Self:
        """The provider has refused the acceptance."""
        return replace(self, accepted_at=None)


def checked_reason(text: str) -> str:
    """What an administrator writes about an answer, as it is stored. Raises `Invalid`."""
    if not text.strip():
        raise Invalid(reason="Say why. It goes into the audit trails.")
    return checked_text(text, field="reason", maximum=REASON_MAXIMUM, lines=True, called="reason")


def loss_lines(chargeback: Chargeback) -> tuple[Line, Line]:
    """What is booked when it is lost: all that is set aside goes to the client's bank."""
    assert chargeback.reserve
    return movement(
        chargeback.reserve.total,
        source=reserve(chargeback.id),
        target=gateway(chargeback.provider),
    )


def chargeback_id(provider: str, reference: str) -> ChargebackId:
    return ChargebackId(f"{provider}:{reference}")


def divided(amount: Money, *, left: Money, held: bool, fee_percent: int) -> Reserve:
    """What each side gives to the reserve. `left` of the payment is not refunded or set aside yet;
    `held`: it is not released. As for a refund, the fee is charged on what stays only
    (docs/rules.md); what is more than `left` is our loss."""
    none = zero(amount.currency)
    taken = Money(min(amount.amount, max(left.amount, 0)), amount.currency)
    if held:
        return Reserve(taken, none, none, amount - taken)
    fee = left.percent(fee_percent) - (left - taken).percent(fee_percent)
    return Reserve(none, taken - fee, fee, amount - taken)
