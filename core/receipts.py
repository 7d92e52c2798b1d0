"""Receipts of a booking: of the payment and each refund for the client, of the earning and each
reversal of it for the developer.

What they say comes from the ledger, which never changes, and their numbers, parties and taxes from
the documents that are issued a moment after its entries (docs/rules.md, receipts). Those of
versions without numbers of their own have no `document`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.billing import NOBODY, TaxParty
from core.bookings import Booking
from core.earnings import earned
from core.money import Money
from core.numbering import DocumentNumber, IssuedDocument, Series, series_of
from core.payments import Payment, Refund
from core.payments_facts import WAITING
from core.reversals import Reversal, reversals_of
from core.shares import Shares
from core.transactions import REFUNDS, Kind, Transaction

PAYMENT, REFUND, EARNING = "R", "N", "E"
"""What follows the number of the booking for entries of versions without number series: receipt,
refund note, statement of earning."""
OF_EARNINGS = (Kind.RELEASE, Kind.TAKE_BACK, Kind.CHARGEBACK_LOST)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof of the payment. `reference` is the provider's id of it."""

    number: DocumentNumber
    at: datetime
    amount: Money
    reference: str
    document: IssuedDocument | None = None


@dataclass(frozen=True, slots=True)
class RefundNote:
    """Proof of a refund that the client has. `kept` is what is left of the payment after it;
    `reference` is our id of the refund at the provider, or that of the transfer by which it was
    paid `outside` of the provider."""

    number: DocumentNumber
    at: datetime
    amount: Money
    kept: Money
    reference: str
    outside: bool = False
    document: IssuedDocument | None = None


@dataclass(frozen=True, slots=True)
class EarningStatement:
    """What the developer earned, and how that follows from the price."""

    number: DocumentNumber
    at: datetime
    shares: Shares
    document: IssuedDocument | None = None


@dataclass(frozen=True, slots=True)
class EarningReversal:
    """What was taken back of an earning after its release."""

    number: DocumentNumber
    reversal: Reversal
    document: IssuedDocument | None = None

    @property
    def at(self) -> datetime:
        return self.reversal.entry.at


@dataclass(frozen=True, slots=True)
class Receipts:
    """The receipts for one party; those of the other party are left out. `pending` are refunds
    that the provider has not confirmed yet; `issuing` is what has no number yet."""

    payment: Receipt | None = None
    refunds: tuple[RefundNote, ...] = ()
    pending: tuple[Refund, ...] = ()
    earning: EarningStatement | None = None
    reversals: tuple[EarningReversal, ...] = ()
    issuing: tuple[Series, ...] = ()

    @property
    def own_party(self) -> TaxParty | None:
        """The details of the one who reads them, as the documents of the booking name them. None
        before one was issued."""
        first = self.payment or self.earning
        if first is None:
            return None
        supply = first.document.supply if first.document else None
        if supply is None:
            return NOBODY
        return supply.recipient if self.payment else supply.supplier


Documents = Mapping[str, IssuedDocument]
"""The issued documents by the id of their ledger entry."""


def receipts_of_client(
    booking: Booking, payment: Payment, ledger: Sequence[Transaction], documents: Documents
) -> Receipts:
    """Receipt and refund notes; empty if nothing was paid. `ledger` has the booking's entries."""
    paid = next((entry for entry in ledger if entry.kind is Kind.PAY), None)
    if paid is None:
        return Receipts()
    number = _number(paid, booking, PAYMENT, documents)
    _, _, reference = paid.id.split(":", 2)  # pay:<provider>:<attempt>
    receipt = None
    if number:
        document = documents.get(paid.id)
        receipt = Receipt(number, paid.at, payment.amount, reference, document)
    return Receipts(
        payment=receipt,
        refunds=tuple(_refund_notes(booking, payment, ledger, documents)) if receipt else (),
        pending=tuple(refund for refund in payment.price_refunds if refund.status in WAITING),
        issuing=_issuing(ledger, documents, (Kind.PAY, *REFUNDS)),
    )


def receipts_of_developer(
    booking: Booking, payment: Payment, ledger: Sequence[Transaction], documents: Documents
) -> Receipts:
    """The statement of the earning and its reversals; empty if nothing was released. What versions
    without reversals took back has none."""
    released = next((entry for entry in ledger if entry.kind is Kind.RELEASE), None)
    if released is None:
        return Receipts()
    number = _number(released, booking, EARNING, documents)
    issuing = _issuing(ledger, documents, OF_EARNINGS)
    if number is None:
        return Receipts(issuing=issuing)
    whole = -released.lines[0].amount  # the first line is the source
    shares = Shares(
        booking.price, booking.price - whole, whole - earned(released, booking.developer.id)
    )
    document = documents.get(released.id)
    return Receipts(
        earning=EarningStatement(number, released.at, shares, document),
        reversals=tuple(
            EarningReversal(issued.number, reversal, issued)
            for reversal in reversals_of(ledger, booking.developer.id)
            if (issued := documents.get(reversal.entry.id))
        ),
        issuing=issuing,
    )


def _refund_notes(
    booking: Booking, payment: Payment, ledger: Sequence[Transaction], documents: Documents
) -> Iterator[RefundNote]:
    posted: dict[str, Transaction] = {e.id: e for e in ledger if e.kind in REFUNDS}
    kept = payment.amount
    for index, refund in enumerate(payment.refunds, start=1):
        entry = posted.get(f"refund:{refund.id}")
        if entry is None or refund.suspended:  # it never had a receipt
            continue
        kept -= refund.amount
        number = _number(entry, booking, f"{REFUND}{index}", documents)
        if number:
            outside = entry.kind is Kind.REFUND_OTHERWISE
            reference = refund.reference if outside else refund.id
            document = documents.get(entry.id)
            yield RefundNote(number, entry.at, refund.amount, kept, reference, outside, document)


def _number(
    entry: Transaction, booking: Booking, suffix: str, documents: Documents
) -> DocumentNumber | None:
    """None while the document is being issued."""
    if entry.series:
        issued = documents.get(entry.id)
        return issued.number if issued else None
    return DocumentNumber(entry.number or f"{booking.number}-{suffix}")


def _issuing(
    ledger: Sequence[Transaction], documents: Documents, kinds: tuple[Kind, ...]
) -> tuple[Series, ...]:
    waiting = (e for e in ledger if e.kind in kinds and e.series and e.id not in documents)
    return tuple(series for entry in waiting if (series := series_of(entry)))
