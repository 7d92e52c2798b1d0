"""Compares payments and refunds with the lines of the provider's settlements."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from core.chargebacks_messages import ChargebackNews
from core.findings import FindingKind
from core.money import Money
from core.payments import Payment
from core.payments_facts import RefundStatus
from core.payments_messages import WebhookReceived
from core.reconciliation import SLOW_ANSWER, Difference, words
from core.settlements import (
    NOT_PAID,
    LineKind,
    ProviderSettlement,
    SettledLine,
    SettlementReading,
    Status,
    payment_line,
    refund_line,
)
from core.settlements_policy import SettlementPolicy

SETTLEMENT_KINDS = frozenset(
    {
        FindingKind.SETTLEMENT_SUM_DIFFERS,
        FindingKind.SETTLEMENT_NOT_PAID,
        FindingKind.UNKNOWN_SETTLEMENT_STATUS,
    }
)
"""The findings whose subject is a settlement."""
LINE_KINDS = frozenset(
    {
        FindingKind.SETTLED_PAYMENT_UNKNOWN,
        FindingKind.SETTLED_NOT_BOOKED,
        FindingKind.SETTLED_REFUND_UNKNOWN,
        FindingKind.SETTLED_AMOUNT_DIFFERS,
        FindingKind.SETTLED_FEE_DIFFERS,
        FindingKind.SETTLED_LINE_CHANGED,
        FindingKind.SETTLED_LINE_UNEXPLAINED,
    }
)
"""The findings whose subject is a line of a settlement."""
HUNDREDTHS = 10_000
"""Hundredths of a percent in the whole."""
UNEXPLAINED = frozenset({LineKind.ADJUSTMENT, LineKind.UNKNOWN})


def of_line(
    line: SettledLine,
    payment: Payment | None,
    *,
    reversed_refunds: Collection[str],
    questioned: bool,
    policy: SettlementPolicy,
) -> Iterator[Difference]:
    """`payment` is that of its order. `reversed_refunds` are the ids of the lines that give a
    refund back. `questioned`: a chargeback of this payment is known."""
    if line.contradiction:
        yield Difference(FindingKind.SETTLED_LINE_CHANGED, line.id, line.contradiction)
    if line.kind in UNEXPLAINED:
        detail = f"{line.settlement} has {line.said!r} of {words(line.net)}."
        yield Difference(FindingKind.SETTLED_LINE_UNEXPLAINED, line.id, detail)
    elif payment is None:
        refund = line.kind is LineKind.REFUND
        kinds = FindingKind.SETTLED_REFUND_UNKNOWN, FindingKind.SETTLED_PAYMENT_UNKNOWN
        detail = f"{line.settlement} has {words(line.amount)} of the order {line.order_id!r}."
        yield Difference(kinds[0] if refund else kinds[1], line.id, detail)
    elif line.kind is LineKind.PAYMENT:
        yield from _of_payment(line, payment)
        yield from _of_fee(line, policy)
    elif line.kind is LineKind.CHARGEBACK and not questioned:
        detail = f"{line.settlement} has a chargeback of {payment.id}, which is not known here."
        ask = ChargebackNews(payment.order_id)
        yield Difference(FindingKind.SETTLED_NOT_BOOKED, line.id, detail, repair=ask)
    elif line.kind is LineKind.REFUND and line.refund_id:
        yield from _of_refund(line, payment, reversed_refunds)


def _of_payment(line: SettledLine, payment: Payment) -> Iterator[Difference]:
    if payment.mismatch:  # it has its finding
        return
    extra = {attempt.id: payment.credited(attempt.amount) for attempt in payment.extra_payments}
    booked = payment.amount if line.attempt_id == payment.captured else extra.get(line.attempt_id)
    if booked is None:
        detail = f"{line.settlement} has {words(line.amount)} of {payment.id}."
        ask = WebhookReceived(payment.order_id)
        yield Difference(FindingKind.SETTLED_NOT_BOOKED, line.id, detail, repair=ask)
    else:
        yield from _of_amount(line, booked)


def _of_refund(
    line: SettledLine, payment: Payment, reversed_refunds: Collection[str]
) -> Iterator[Difference]:
    refund = next((each for each in payment.refunds if each.id == line.refund_id), None)
    if refund is None:
        detail = f"{line.settlement} has the refund {line.refund_id!r} of {payment.id}."
        yield Difference(FindingKind.SETTLED_REFUND_UNKNOWN, line.id, detail)
        return
    given_back = refund_line(line.provider, refund.id, LineKind.REFUND_REVERSAL)
    if refund.status is RefundStatus.FAILED and given_back not in reversed_refunds:
        detail = f"{line.settlement} has {refund.id} of {payment.id}, which has failed here."
        ask = WebhookReceived(payment.order_id)
        yield Difference(FindingKind.SETTLED_NOT_BOOKED, line.id, detail, repair=ask)
    yield from _of_amount(line, refund.amount)


def _of_amount(line: SettledLine, booked: Money) -> Iterator[Difference]:
    if line.amount != booked:
        detail = f"It has settled {words(line.amount)}; {words(booked)} is booked."
        yield Difference(FindingKind.SETTLED_AMOUNT_DIFFERS, line.id, detail)


def _of_fee(line: SettledLine, policy: SettlementPolicy) -> Iterator[Difference]:
    most = line.amount.amount * policy.settlement_fee_at_most
    if line.fee.amount < 0 or line.fee.amount * HUNDREDTHS > most:
        detail = (
            f"It has kept {words(line.fee)} of {words(line.amount)}, more or less than is agreed."
        )
        yield Difference(FindingKind.SETTLED_FEE_DIFFERS, line.id, detail)


def of_settlement(
    settlement: ProviderSettlement, *, now: datetime, policy: SettlementPolicy
) -> Iterator[Difference]:
    """A settlement that failed is reported while its payments can still be settled by another; what
    is not settled then is found with each payment."""
    age, name = now - settlement.at, settlement.id
    late = settlement.status is Status.PENDING and age > policy.settled_within
    if late or (settlement.status in NOT_PAID and age <= policy.settlements_read_back):
        detail = f"{words(settlement.amount)}: {settlement.said!r}."
        yield Difference(FindingKind.SETTLEMENT_NOT_PAID, name, detail)
    if settlement.status is Status.UNKNOWN:
        kind = FindingKind.UNKNOWN_SETTLEMENT_STATUS
        yield Difference(kind, name, f"It is {settlement.said!r}.")
    listed = settlement.listed
    whole = settlement.amount + settlement.charge
    if settlement.status is Status.PAID and listed is not None and listed != whole:
        detail = f"Its lines sum to {words(listed)}; {words(whole)} was paid, with its charge."
        yield Difference(FindingKind.SETTLEMENT_SUM_DIFFERS, name, detail)


def lines_of(payment: Payment) -> list[str]:
    """The ids of the lines that settlements have of what is booked of a payment."""
    refunds = (each.id for each in payment.refunds if each.status is RefundStatus.SUCCEEDED)
    captured = [payment_line(payment.provider, payment.captured)] if payment.captured else []
    return [*captured, *(refund_line(payment.provider, each) for each in refunds)]


def of_unsettled(
    payment: Payment,
    lines: Mapping[str, SettledLine],
    settlements: Mapping[str, ProviderSettlement],
    reading: SettlementReading,
    *,
    policy: SettlementPolicy,
) -> Iterator[Difference]:
    """What is booked of a payment and was to be settled while settlements were read."""

    def missing(line_id: str, at: datetime, within: bool) -> bool:
        line = lines.get(line_id)
        settled = line is not None and settlements[line.settlement].status not in NOT_PAID
        return within and reading.since <= at and not settled

    paid, patience = payment.paid_by, policy.settled_within
    if paid and missing(
        payment_line(payment.provider, paid.id), paid.at, paid.at + patience < reading.until
    ):
        detail = f"{words(payment.amount)} of {paid.at:%Y-%m-%d} is in no settlement."
        yield Difference(FindingKind.NOT_SETTLED, payment.id, detail)
    for refund in payment.refunds:
        due = refund.due_at or payment.created_at
        over = due + patience + SLOW_ANSWER < reading.until
        line_id = refund_line(payment.provider, refund.id)
        if refund.status is RefundStatus.SUCCEEDED and missing(line_id, due, over):
            detail = f"{refund.id} of {words(refund.amount)} is in no settlement."
            yield Difference(FindingKind.REFUND_NOT_SETTLED, payment.id, detail, refund.id)
