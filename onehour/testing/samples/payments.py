"""Payments, transactions of the ledger, notices of the gateway, and findings."""

from __future__ import annotations

from typing import Any

from core.money import Money
from core.payments import Payment, PaymentId, Refund, RefundId
from core.payments import Status as PaymentStatus
from core.payments_facts import Attempt, AttemptStatus, OrderId, RefundStatus
from core.policy import MINUTE
from core.transactions import Kind, Transaction, TransactionId, earnings, escrow, movement
from onehour.testing.samples.bookings import DEV, GITA
from onehour.testing.samples.sample import DOLLARS, NOW, Sample
from ports.findings import Finding
from ports.payments import StoredWebhook
from ports.store import Repositories


def a_payment(number: int = 1, **changes: Any) -> Payment:
    values: dict[str, Any] = {
        "id": PaymentId(f"pay_{number:04d}"),
        "booking_id": f"bkg_{number:04d}",
        "client_id": GITA.id,
        "developer_id": DEV.id,
        "amount": DOLLARS,
        "provider": "memory",
        "order_id": OrderId(f"ord_{number:04d}"),
        "order_expires_at": NOW + 16 * MINUTE,
        "created_at": NOW,
    }
    return Payment(**{**values, **changes})


def a_whole_payment() -> Payment:
    return a_payment(
        status=PaymentStatus.REFUNDING,
        checkout_url="https://pay.example/1",
        attempts=(Attempt("at_1", AttemptStatus.SUCCESS, DOLLARS, NOW, "upi"),),
        captured="at_1",
        refunds=(
            Refund(RefundId("rfd1"), Money(5, "USD"), "declined", RefundStatus.SENT),
            Refund(
                RefundId("rfd2"),
                Money(2, "USD"),
                "declined",
                RefundStatus.PAID_OTHERWISE,
                attempt=4,
                stopped_at=NOW,
                reference="UTR 1",
                refused="Account closed",
                suspended=True,
            ),
        ),
        mismatch=True,
        contested=("memory:cb_1",),
        set_aside=Money(4, "USD"),
        charged_back=Money(3, "USD"),
    )


def a_transaction(number: int = 1, **changes: Any) -> Transaction:
    lines = movement(DOLLARS, source=escrow("bkg_0001"), target=earnings(DEV.id))
    values: dict[str, Any] = {
        "id": TransactionId(f"release:pay_{number:04d}"),
        "kind": Kind.RELEASE,
        "at": NOW,
        "lines": lines,
        "description": "Released",
        "booking_id": "bkg_0001",
        "client_id": GITA.id,
        "developer_id": DEV.id,
        "number": "E-2026-000017",
        "series": "E-2026",
    }
    return Transaction(**{**values, **changes})


def a_finding() -> Finding:
    return Finding("f:1", "unbalanced", "pay_1", "Off by one.", NOW)


def a_notice() -> StoredWebhook:
    return StoredWebhook("cf:pay:1:SUCCESS", "cashfree", "ord_1", "payment", b"{\x00}", NOW)


async def _all_transactions(repositories: Repositories) -> tuple[Transaction, ...]:
    return tuple([entry async for entry in repositories.transactions.all()])


SAMPLES = (
    Sample(
        "payments",
        a_whole_payment(),
        lambda repositories: repositories.payments.add(a_whole_payment()),
        lambda repositories: repositories.payments.get(a_whole_payment().id),
    ),
    Sample(
        "payments",
        a_payment(2),
        lambda repositories: repositories.payments.add(a_payment(2)),
        lambda repositories: repositories.payments.get(a_payment(2).id),
    ),
    Sample(
        "transactions",
        (a_transaction(),),
        lambda repositories: repositories.transactions.add(a_transaction()),
        _all_transactions,
    ),
    Sample(
        "findings",
        (a_finding(),),
        lambda repositories: repositories.findings.report(a_finding()),
        lambda repositories: repositories.findings.open(),
    ),
    Sample(
        "inbox",
        (a_notice(),),
        lambda repositories: repositories.inbox.add(a_notice()),
        lambda repositories: repositories.inbox.of_order(a_notice().order_id, limit=9),
    ),
)
