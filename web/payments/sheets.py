"""The words of receipts, refund notes, statements of earning and their reversals: one text for page
and PDF."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from core.amounts_in_words import amount_in_words
from core.bookings import Booking
from core.money import Money
from core.receipts import EarningReversal, EarningStatement, Receipt, Receipts, RefundNote
from core.reversals import Reversal
from core.supplies import Supply
from ports.printing import Block, Fact, Row, Sheet, Sum
from services.payments import paid_with, provider_name
from services.timeline import BookingDetails
from web.payments.tax_words import NAME, fee_place, issuer, party, place, tax_hint, taxes
from web.payments.wording import why_ended
from web.shared.context import formats, site
from web.shared.sides import Side
from web.shared.templating import zone

NO_INVOICE = "Not a tax invoice"
REVERSAL = "Earning reversal"
TABLE = ("What", "Hours", "Price per hour", "Amount")
WORK = "Software development by the hour"


@dataclass(frozen=True, slots=True)
class Words:
    """What all documents of a booking need."""

    details: BookingDetails
    side: Side

    @property
    def booking(self) -> Booking:
        return self.details.booking


Document = Receipt | RefundNote | EarningStatement | EarningReversal


def sheets(details: BookingDetails, receipts: Receipts, side: Side) -> list[Sheet]:
    """The documents for one party of the booking, in the order in which they were issued."""
    words, found = Words(details, side), list[Sheet]()
    if receipts.payment:
        found.append(_receipt(words, receipts.payment, receipts.refunds))
        found.extend(_note(words, receipts.payment, note) for note in receipts.refunds)
    if receipts.earning:
        found.append(_statement(words, receipts.earning))
        found.extend(_reversal(words, receipts.earning, each) for each in receipts.reversals)
    return found


def _receipt(words: Words, receipt: Receipt, notes: tuple[RefundNote, ...]) -> Sheet:
    money, payment = formats().money, words.details.payment
    after = [Sum(f"Refunded, {note.number}", money(-note.amount)) for note in notes]
    if notes:
        after.append(Sum("Paid after refunds", money(notes[-1].kept), total=True))
    return _sheet(
        words,
        receipt,
        title="Receipt",
        badge="Paid",
        blocks=_parties(words.booking, receipt),
        rows=tuple(_work(words.booking, receipt, receipt.amount)),
        details=(
            *place(_supply(receipt)),
            Fact("Paid with", paid_with(payment)),
            Fact("Provider", provider_name(payment.provider)),
            Fact("Reference", receipt.reference),
        ),
        sums=(*taxes(_supply(receipt)), Sum("Paid", money(receipt.amount), total=True), *after),
        in_words=amount_in_words(receipt.amount),
        hint=tax_hint(_supply(receipt))
        + "The payment provider holds the money until the work is approved or the booking has "
        "ended. Our fee is included in the price.",
    )


BY_PROVIDER = "The payment provider has confirmed this refund to the payment method you used."
BY_TRANSFER = "We have transferred this refund, because the payment provider could not make it."


def _note(words: Words, receipt: Receipt, note: RefundNote) -> Sheet:
    money, booking, payment = formats().money, words.booking, words.details.payment
    before = receipt.amount - note.amount - note.kept
    sums = [Sum("Paid", money(receipt.amount))]
    if before:
        sums.append(Sum("Refunded before", money(-before)))
    sums.append(Sum("Kept by the terms", money(-note.kept if note.kept else note.kept)))
    sums.append(Sum("Refunded", money(note.amount), total=True))
    sums.extend(taxes(_supply(note), "the refund"))
    what = f"{WORK}, {formats().hours(booking.hours)} with {booking.developer.name}"
    provider, how = provider_name(payment.provider), BY_PROVIDER
    if note.outside:
        provider, how = "Transfer of the operator", BY_TRANSFER
    return _sheet(
        words,
        note,
        title="Refund note",
        under=f"For receipt {receipt.number}",
        badge="Refunded in part" if note.kept else "Refunded in full",
        blocks=(
            *_refunded_to(words, note),
            Block("Why", why_ended(words.details, words.side)),
        ),
        columns=("What", "Paid", "Refunded"),
        rows=(
            Row(
                what,
                (money(receipt.amount), money(note.amount)),
                _with_code(booking, note),
                booking.start,
            ),
        ),
        details=(
            *place(_supply(note)),
            Fact("Confirmed", formats().at(note.at, zone()), note.at),
            Fact("Paid by" if note.outside else "Provider", provider),
            Fact("Reference", note.reference),
        ),
        sums=tuple(sums),
        in_words=amount_in_words(note.amount),
        hint=f"{how} Banks show it within a few working days.",
    )


def _refunded_to(words: Words, note: RefundNote) -> tuple[Block, ...]:
    """With the developer, whose tax is given back, if the developer is registered for it."""
    supply, way = _supply(note), "" if note.outside else paid_with(words.details.payment)
    to = party("Refunded to", words.booking.client.name, supply.recipient if supply else None, way)
    lines = (*(line for line in to.lines if line != way), way)
    to = replace(to, lines=tuple(line for line in lines if line))
    if supply is None or not supply.registered:
        return (to,)
    return to, party("Work by", words.booking.developer.name, supply.supplier, "Developer")


def _statement(words: Words, statement: EarningStatement) -> Sheet:
    money, shares, name = formats().money, statement.shares, words.side.name
    supply = _supply(statement)
    of_fee = statement.document.fee if statement.document else None
    fee = f"Our fee, {formats().percent(words.booking.terms.fee_percent)}"
    sums = [Sum(f"Paid by {name}", money(shares.price))]
    if shares.refund:
        sums.append(Sum(f"Refunded to {name}", money(-shares.refund)))
    sums.append(Sum(fee, money(-shares.fee)))
    sums.append(Sum("For you", money(shares.earning), total=True))
    sums.extend(taxes(supply, "your work"))
    sums.extend(taxes(of_fee, "our fee"))
    because = why_ended(words.details, words.side) or "The work was approved."
    return _sheet(
        words,
        statement,
        title="Statement of earning",
        badge="Released",
        blocks=_parties(words.booking, statement, by="Earned by"),
        rows=tuple(_work(words.booking, statement, shares.price)),
        details=(
            Fact("Released", formats().at(statement.at, zone()), statement.at),
            Fact("Because", because),
            *place(supply),
            *fee_place(of_fee),
        ),
        sums=tuple(sums),
        in_words=amount_in_words(shares.earning),
        hint="Taxes on your earning are yours to declare.",
    )


def _reversal(words: Words, statement: EarningStatement, document: EarningReversal) -> Sheet:
    """It corrects the statement, which stays as it is."""
    money, found, name = formats().money, document.reversal, words.side.name
    supply, of_fee = _supply(document), document.document.fee if document.document else None
    to = f"{name}'s bank" if found.lost else name
    sums = [
        Sum("Your earning until then", money(found.earning_before)),
        Sum(f"Returned to {to}", money(-found.amount)),
        Sum("Our fee of it, given back to you", money(found.fee)),
        Sum("Taken back from you", money(found.earning), total=True),
        Sum("Your earning after it", money(found.earning_before - found.earning)),
    ]
    sums.extend(taxes(supply, "your work"))
    sums.extend(taxes(of_fee, "our fee"))
    return _sheet(
        words,
        document,
        title=REVERSAL,
        under=f"Corrects the statement of earning {statement.number}",
        badge="Withdrawn" if found.withdrawn_at else "Taken back",
        blocks=(
            *_parties(words.booking, document, by="Earned by"),
            Block("Why", _why_reversed(words, found)),
        ),
        columns=("What", "Returned", "Of it yours"),
        rows=(
            Row(
                f"{WORK}, {formats().hours(words.booking.hours)} for {name}",
                (money(found.amount), money(found.earning)),
                _with_code(words.booking, document),
                words.booking.start,
            ),
        ),
        details=(
            Fact("Statement", statement.number),
            Fact("Released", formats().at(statement.at, zone()), statement.at),
            *place(supply),
            *fee_place(of_fee),
        ),
        sums=tuple(sums),
        in_words=amount_in_words(found.earning),
        hint="It was taken of what was clearing, then of what was ready; what was not there is "
        "owed and filled by what you earn next. What you declare is the statement less this.",
    )


def _why_reversed(words: Words, found: Reversal) -> str:
    name = words.side.name
    if found.withdrawn_at:
        at = formats().at(found.withdrawn_at, zone())
        return f"{name}'s bank decided for {name}, and decided anew on {at}: nothing is taken back."
    if found.lost:
        return f"{name}'s bank questioned the payment after the release, and decided for {name}."
    refund = next((x for x in words.details.payment.refunds if x.id == found.refund_id), None)
    note = refund.note if refund else ""
    return f"Refunded to {name} after the release. {note}".strip()


def _sheet(
    words: Words,
    document: Document,
    *,
    title: str,
    badge: str,
    blocks: tuple[Block, ...],
    rows: tuple[Row, ...],
    details: tuple[Fact, ...],
    sums: tuple[Sum, ...],
    hint: str,
    in_words: str,
    under: str = NO_INVOICE,
    columns: tuple[str, ...] = TABLE,
) -> Sheet:
    at = formats().at(document.at, zone())
    contact = f" {site().support_email}" if site().support_email else ""
    questions = f" For questions, name the number {document.number}.{contact}"
    return Sheet(
        title=title,
        under=under,
        number=document.number,
        badge=badge,
        issuer=NAME,
        issued_at=document.at,
        facts=(
            Fact("Number", document.number),
            Fact("Date", at, document.at),
            Fact("Booking", words.booking.number),
        ),
        blocks=(*blocks, *issuer(document.document)),
        columns=columns,
        rows=rows,
        details=details,
        sums=sums,
        hint=hint + questions,
        in_words=in_words,
    )


def _parties(booking: Booking, document: Document, *, by: str = "Work by") -> tuple[Block, ...]:
    supply = _supply(document)
    supplier, recipient = (supply.supplier, supply.recipient) if supply else (None, None)
    return (
        party(by, booking.developer.name, supplier, "Developer"),
        party("Paid by", booking.client.name, recipient, "Client"),
    )


def _supply(document: Document) -> Supply | None:
    return document.document.supply if document.document else None


def _work(booking: Booking, document: Document, amount: Money) -> Iterator[Row]:
    """The booked hours, and below them what plugins changed of the price."""
    money, whole = formats().money, amount == booking.price
    row = partial(Row, WORK, small=_with_code(booking, document), at=booking.start)
    shown = booking.hours_price if whole else amount
    yield row((str(booking.hours), money(booking.rate), money(shown)))
    for line in booking.price_lines if whole else ():
        yield Row(line.label, (money(line.amount),))


def _with_code(booking: Booking, document: Document) -> str:
    """The booked time, and the code of the service."""
    when = formats().span(booking.start, booking.end, zone())
    supply = _supply(document)
    return f"{when}. SAC {supply.service_code if supply else site().operator.service_code}"
