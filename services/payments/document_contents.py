"""What a document says beside its number: who supplies whom, and the tax within the amounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.billing import NOBODY, BillingDetails, TaxParty
from core.bookings import Booking
from core.gst import Operator
from core.money import Money
from core.numbering import DocumentNumber, IssuedDocument, Series, series_of
from core.payments_messages import IssueDocument
from core.reversals import reversals_of
from core.supplies import Supply, party_of, supply_of
from core.transactions import FEES, REFUNDS, Kind, Transaction, TransactionId
from ports.store import Repositories


def with_amounts(
    issue: IssueDocument,
    entry: Transaction,
    booking: Booking,
    *,
    receipt: TransactionId | None,
    before: Money | None,
) -> IssueDocument:
    """The message with what follows from the ledger entry and from the payment before it."""
    moved = -entry.lines[0].amount  # the first line is the source
    fees = (line.amount.amount for line in entry.lines if line.account == FEES)
    return replace(
        issue,
        developer=booking.developer.account_id,
        receipt=receipt or "",
        amount=moved.amount,
        before=(before or moved).amount,
        fee=sum(fees),
        currency=moved.currency,
    )


async def complete(repositories: Repositories, issue: IssueDocument) -> IssueDocument:
    """A message of a reversal, of an earlier version, or of a repair, with what it does not have:
    two reads. It stays as it is if there is no such entry."""
    if issue.amount:
        return issue
    booking = await repositories.bookings.find(issue.booking)
    ledger = await repositories.transactions.of_booking(issue.booking)
    entry = next((each for each in ledger if each.id == issue.entry), None)
    paid = next((each for each in ledger if each.kind is Kind.PAY), None)
    if booking is None or entry is None or paid is None:
        return issue
    if issue.series.startswith(Series.REVERSAL):
        return _reversal(issue, booking, ledger, receipt=paid)
    before = -paid.lines[0].amount
    for each in ledger:
        if each.kind in REFUNDS and series_of(each) and _earlier(each, entry):
            before += each.lines[0].amount
    receipt = None if entry.id == paid.id else paid.id
    return with_amounts(issue, entry, booking, receipt=receipt, before=before)


def _reversal(
    issue: IssueDocument, booking: Booking, ledger: Sequence[Transaction], *, receipt: Transaction
) -> IssueDocument:
    released = next((each for each in ledger if each.kind is Kind.RELEASE), None)
    reversals = reversals_of(ledger, booking.developer.id)
    found = next((each for each in reversals if each.entry.id == issue.entry), None)
    if released is None or found is None:
        return issue
    return replace(
        issue,
        developer=booking.developer.account_id,
        receipt=receipt.id,
        amount=found.amount.amount,
        before=found.before.amount,
        fee=found.fee.amount,
        currency=found.amount.currency,
        corrects=released.id,
        fee_before=found.fee_before.amount,
    )


def _earlier(one: Transaction, other: Transaction) -> bool:
    return (one.at, one.id) < (other.at, other.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """`parties` are billing details by account, `documents` those that are issued, by entry."""

    operator: Operator
    parties: Mapping[str, BillingDetails]
    documents: Mapping[str, IssuedDocument]

    def of(self, issue: IssueDocument, number: DocumentNumber, at: datetime) -> IssuedDocument:
        supply = self._supply(issue)
        return IssuedDocument(
            issue.entry,
            number,
            issue.booking,
            issue.account,
            at,
            issuer=party_of(self.operator),
            supply=supply,
            fee=self._fee(issue, supply) if issue.fee else None,
        )

    def _supply(self, issue: IssueDocument) -> Supply | None:
        """None if the receipt says nothing of it, as those of earlier versions."""
        amount = Money(issue.amount, issue.currency)
        if not issue.receipt:
            return self._of_receipt(issue, issue.developer, amount) if issue.developer else None
        receipt = self.documents.get(issue.receipt)
        if receipt is None or receipt.supply is None:
            return None
        if issue.series.startswith((Series.REFUND_NOTE, Series.REVERSAL)):
            return receipt.supply.part(amount, before=Money(issue.before, issue.currency))
        return receipt.supply.only(amount)

    def _of_receipt(self, issue: IssueDocument, developer: str, amount: Money) -> Supply:
        return supply_of(
            self._party(developer),
            self._party(issue.account),
            amount,
            service_code=self.operator.service_code,
            percent=self.operator.percent,
        )

    def _fee(self, issue: IssueDocument, supply: Supply | None) -> Supply | None:
        """On a reversal it is a part of the fee that its statement has, None if that has none."""
        if issue.corrects:
            statement = self.documents.get(issue.corrects)
            fee = statement.fee if statement else None
            before = Money(issue.fee_before, issue.currency)
            return fee.part(Money(issue.fee, issue.currency), before=before) if fee else None
        return supply_of(
            party_of(self.operator),
            supply.supplier if supply else NOBODY,
            Money(issue.fee, issue.currency),
            service_code=self.operator.fee_service_code,
            percent=self.operator.percent,
        )

    def _party(self, account: str) -> TaxParty:
        details = self.parties.get(account)
        return details.party if details else NOBODY
