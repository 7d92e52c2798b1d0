"""Payments, refunds and the ledger."""

from core.bookings_policy import BookingPolicy
from core.earnings import ClearEarnings
from core.payments import PaymentActivity, PaymentStep
from core.payments_messages import (
    CloseOrder,
    ExpectReturn,
    IssueDocument,
    OpenCheckout,
    PollGateway,
    SendRefunds,
    WebhookReceived,
)
from core.payments_policy import PaymentPolicy
from services.payments.documents import (
    BALANCES,
    CLEARINGS,
    ISSUED_DOCUMENTS,
    MONEY_DAYS,
    NUMBER_SERIES,
    STOPPED_REFUNDS,
)
from services.payments.earnings import Earnings, Wallet, balance_of, post, summed
from services.payments.held_money import HeldMoney
from services.payments.lists import PaymentLists
from services.payments.money_days import MoneyDays, MoneyDayService
from services.payments.numbering import (
    Numbering,
    documents_of,
    issue_messages,
    numbers_of,
    reader_of,
)
from services.payments.personal_data import PaymentData
from services.payments.polling import first_poll
from services.payments.receipts import NoReceipt, ReceiptService
from services.payments.refund_queue import watch_charged_back
from services.payments.refunds import RefundPreview, RefundService
from services.payments.service import PaymentService
from services.payments.settlement import Settlement
from services.payments.statuses import MoneyStatuses
from services.payments.stopped_refunds import Solution, Solving, StoppedRefundService
from services.payments.suspended_money import SuspendedMoney
from services.payments.suspense import returnable
from services.payments.wording import method_name, paid_with, provider_name
from services.shared.capabilities import Built, Capability
from services.shared.dependencies import Dependencies
from services.shared.notices import PAYMENTS, Notice, about_bookings
from services.timeline import TimelineService

__all__ = [
    "BALANCES",
    "CAPABILITY",
    "CLEARINGS",
    "ISSUED_DOCUMENTS",
    "MONEY_DAYS",
    "NUMBER_SERIES",
    "STOPPED_REFUNDS",
    "Earnings",
    "HeldMoney",
    "MoneyDayService",
    "MoneyDays",
    "MoneyStatuses",
    "NoReceipt",
    "Numbering",
    "PaymentLists",
    "PaymentService",
    "ReceiptService",
    "RefundPreview",
    "RefundService",
    "Solution",
    "Solving",
    "StoppedRefundService",
    "SuspendedMoney",
    "Wallet",
    "balance_of",
    "documents_of",
    "first_poll",
    "issue_messages",
    "method_name",
    "numbers_of",
    "paid_with",
    "post",
    "provider_name",
    "reader_of",
    "returnable",
    "summed",
    "watch_charged_back",
]


def build(dependencies: Dependencies, built: Built) -> dict[str, object]:
    d = dependencies
    policy = d.policies[PaymentPolicy]
    earnings = Earnings(store=d.store, clock=d.clock, policy=policy)
    held = HeldMoney(clock=d.clock, policy=policy, extensions=d.extensions, earnings=earnings)
    settlement = Settlement(
        held=held, clock=d.clock, policy=d.policies[BookingPolicy], extensions=d.extensions
    )
    payments = PaymentService(
        store=d.store,
        gateways=d.gateways,
        settlement=settlement,
        clock=d.clock,
        policy=d.policies[BookingPolicy],
        payment_policy=policy,
        site=d.site,
        telemetry=d.telemetry,
    )
    receipts = ReceiptService(store=d.store, timeline=built[TimelineService], printer=d.printer)
    statuses = MoneyStatuses(
        store=d.store,
        clock=d.clock,
        policy=d.policies[BookingPolicy],
        polling=d.policies[PaymentPolicy],
    )
    refunds = RefundService(
        store=d.store, held=held, clock=d.clock, policy=policy, extensions=d.extensions
    )
    return {
        "payments": payments,
        "refunds": refunds,
        "stopped_refunds": StoppedRefundService(
            store=d.store, held=held, clock=d.clock, extensions=d.extensions
        ),
        "suspended_money": SuspendedMoney(
            store=d.store, held=held, clock=d.clock, extensions=d.extensions
        ),
        "money_days": MoneyDayService(store=d.store, clock=d.clock),
        "held_money": held,
        "numbering": Numbering(store=d.store, clock=d.clock, operator=d.operator),
        "payment_lists": PaymentLists(store=d.store),
        "receipts": receipts,
        "earnings": earnings,
        "money_statuses": statuses,
    }


CAPABILITY = Capability(
    name="payments",
    build=build,
    repositories=("payments", "inbox", "transactions"),
    messages=(
        OpenCheckout,
        WebhookReceived,
        SendRefunds,
        CloseOrder,
        PollGateway,
        ExpectReturn,
        IssueDocument,
        ClearEarnings,
    ),
    documents=(BALANCES, CLEARINGS, NUMBER_SERIES, ISSUED_DOCUMENTS, STOPPED_REFUNDS, MONEY_DAYS),
    personal_data=PaymentData(),
    notices=(
        *about_bookings("requested"),
        *about_bookings("paid", "under_review", group=PAYMENTS),
        Notice("paid_too_late", "bookings/paid_too_late", PAYMENTS, news=True),
        *about_bookings("paid_twice", "refunded", group=PAYMENTS, repeats=True),
        *about_bookings("refund_paid_otherwise", group=PAYMENTS, repeats=True),
        *about_bookings("refund_decided", group=PAYMENTS, repeats=True, invites=True),
    ),
    timeline=PaymentStep,
    activity=PaymentActivity,
    policy=PaymentPolicy,
)
