"""Compares payments and withdrawals with what their providers report about them."""

from __future__ import annotations

from collections.abc import Iterator

from core.findings import FindingKind
from core.payments import Payment, Refund
from core.payments_facts import (
    UNDER_WAY,
    WAITING,
    AttemptStatus,
    OrderFacts,
    RefundFact,
    RefundStatus,
)
from core.payments_messages import WebhookReceived
from core.reconciliation import Difference, words
from core.withdrawals import GIVEN_BACK, Status, Withdrawal
from core.withdrawals_facts import CAME_BACK, TransferFact, TransferStatus
from core.withdrawals_messages import TransferNews

REPLACED = frozenset({RefundStatus.FAILED, RefundStatus.PAID_OTHERWISE})
"""A refund that was requested again under another id, or paid by another way."""


def of_order(payment: Payment, facts: OrderFacts | None) -> Iterator[Difference]:
    """`facts` are those of its order with its refunds; None if the provider has no such order.
    The repairs ask the provider again and apply what it says."""
    if facts is None:
        if payment.captured:
            kind = FindingKind.PROVIDER_LACKS_PAYMENT
            yield Difference(kind, payment.id, f"It does not know the order {payment.order_id}.")
        return
    yield from _of_money(payment, facts)
    ours = {refund.id: refund for refund in payment.refunds}
    theirs = {fact.ours: fact for fact in facts.refunds if fact.ours}
    for name, fact in theirs.items():
        mine = next((refund for key, refund in ours.items() if key == name), None)
        yield from _of_refund(payment, mine, fact)
    for refund in payment.refunds:
        if refund.status is RefundStatus.SUCCEEDED and refund.id not in theirs:
            kind = FindingKind.PROVIDER_LACKS_REFUND
            detail = f"{refund.id} of {words(refund.amount)} is booked as returned."
            yield Difference(kind, payment.id, detail, refund.id)


def _of_money(payment: Payment, facts: OrderFacts) -> Iterator[Difference]:
    ask = WebhookReceived(payment.order_id)
    merged = payment.merge(facts)
    if merged.mismatch and not payment.mismatch:
        kind = FindingKind.PROVIDER_AMOUNT_DIFFERS
        detail = f"It has {words(facts.amount)}; ours is {words(payment.amount)}."
        yield Difference(kind, payment.id, detail, repair=ask)
    elif merged.first_success(facts):
        kind = FindingKind.PROVIDER_PAID
        yield Difference(kind, payment.id, f"It is {payment.status} here, paid there.", repair=ask)
    paid = {a.id for a in facts.attempts if a.status is AttemptStatus.SUCCESS}
    if payment.captured and payment.captured not in paid:
        kind = FindingKind.PROVIDER_LACKS_PAYMENT
        yield Difference(kind, payment.id, f"It does not list the attempt {payment.captured}.")


def _of_refund(payment: Payment, mine: Refund | None, fact: RefundFact) -> Iterator[Difference]:
    if mine is None:
        kind = FindingKind.PROVIDER_REFUND_UNKNOWN
        detail = f"It has the refund {fact.ours} of {words(fact.amount)}, and we have not."
        yield Difference(kind, payment.id, detail, fact.ours)
        return
    waits = mine.status in UNDER_WAY and fact.status is RefundStatus.FAILED
    late = mine.status in WAITING and fact.status is RefundStatus.SUCCEEDED
    if waits or late:
        kind = FindingKind.PROVIDER_REFUND
        detail = f"{mine.id} is {mine.status} here and {fact.status} there."
        ask = WebhookReceived(payment.order_id)
        yield Difference(kind, payment.id, detail, mine.id, repair=ask)
    if mine.status in REPLACED and fact.status is RefundStatus.SUCCEEDED:
        kind = FindingKind.REFUND_PAID_TWICE
        detail = f"{mine.id} of {words(fact.amount)} is {mine.status} here, and has arrived."
        yield Difference(kind, payment.id, detail, mine.id)
    if mine.status is RefundStatus.SUCCEEDED and fact.status is not RefundStatus.SUCCEEDED:
        kind = FindingKind.PROVIDER_LACKS_REFUND
        detail = f"{mine.id} is booked as returned, and is {fact.status} there."
        yield Difference(kind, payment.id, detail, mine.id)


def of_transfer(withdrawal: Withdrawal, fact: TransferFact | None) -> Iterator[Difference]:
    """`fact` is None if the provider has no such transfer."""
    status = withdrawal.status
    if fact is None:
        if status is Status.SUCCEEDED:
            kind = FindingKind.PROVIDER_LACKS_TRANSFER
            yield Difference(kind, withdrawal.id, "It does not know this transfer.")
        return
    if status in GIVEN_BACK and fact.status is TransferStatus.SUCCEEDED:
        if status is not Status.REVERSED:  # then the success is older
            kind = FindingKind.PROVIDER_PAID_RETURNED
            yield Difference(kind, withdrawal.id, f"It is {status} here, and has arrived.")
        return
    ended = status is Status.SENT and fact.status is TransferStatus.SUCCEEDED
    back = status in (Status.SENT, Status.SUCCEEDED) and fact.status in CAME_BACK
    if ended or back:
        kind = FindingKind.PROVIDER_TRANSFER
        detail = f"It is {status} here and {fact.status} there."
        ask = TransferNews(withdrawal.transfer_id)
        yield Difference(kind, withdrawal.id, detail, repair=ask)
