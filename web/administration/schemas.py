"""API schemas of what administrators read."""

from __future__ import annotations

from typing_extensions import TypedDict

from core.bookings import Booking, Party
from core.bookings import Status as BookingStatus
from core.jobs import Job
from core.jobs import Status as JobStatus
from core.money_days import MoneyDay
from core.outbox import OutboxMessage, State
from core.payments import Payment
from core.payments import Status as PaymentStatus
from core.payments_facts import AttemptStatus, RefundStatus
from ports.findings import Finding
from services.payments import MoneyDays
from services.reconciliation import digest_of
from web.administration.reading import Overview, payload_of
from web.shared.schemas import Moment, MoneySchema, maybe, moment, money


class PersonSchema(TypedDict):
    """A party of a booking; `id` is the id of its profile."""

    id: str
    account_id: str
    name: str


class AdminBookingSchema(TypedDict):
    id: str
    number: str
    status: BookingStatus
    client: PersonSchema
    developer: PersonSchema
    start: Moment
    end: Moment
    price: MoneySchema
    payment_id: str
    job_id: str | None
    created_at: Moment


class AdminAttemptSchema(TypedDict):
    """An attempt to pay; `id` is the provider's."""

    id: str
    status: AttemptStatus
    amount: MoneySchema
    method: str
    at: Moment


class AdminRefundSchema(TypedDict):
    """`attempt` counts its requests since somebody asked for it. It waits for an administrator
    since `stopped_at`; `reference` is that of the transfer by which it was paid otherwise."""

    id: str
    status: RefundStatus
    amount: MoneySchema
    reason: str
    attempt: int
    stopped_at: Moment | None
    reference: str


class AdminPaymentSchema(TypedDict):
    """`mismatch`: the provider reported another amount, and no money moves."""

    id: str
    booking_id: str
    booking_number: str
    status: PaymentStatus
    amount: MoneySchema
    refunded: MoneySchema
    client: PersonSchema
    developer: PersonSchema
    provider: str
    order_id: str
    mismatch: bool
    attempts: list[AdminAttemptSchema]
    refunds: list[AdminRefundSchema]
    created_at: Moment


class AdminJobSchema(TypedDict):
    id: str
    booking_id: str
    booking_number: str
    status: JobStatus
    client: PersonSchema
    developer: PersonSchema
    deliveries: int
    deliver_by: Moment
    approve_by: Moment | None
    created_at: Moment


class MessageSchema(TypedDict):
    """An outbox message; secrets in `payload` are hidden."""

    id: str
    kind: str
    state: State
    due_at: Moment
    attempts: int
    last_error: str | None
    payload: dict[str, str]


class FindingSchema(TypedDict):
    """`owner` must act: operator, developer_on_call or automatic. `severity`: notice, warning or
    urgent."""

    id: str
    kind: str
    subject: str
    detail: str
    at: Moment
    owner: str
    severity: str
    words: str


class WholeFindingSchema(FindingSchema):
    """`resolved_by` is an account id, or the name of what found it gone. With `stands` a person has
    resolved it, and the same inconsistency does not open it again. `digest` changes with it."""

    resolved_at: Moment | None
    resolved_by: str | None
    resolution: str | None
    stands: bool
    digest: str


class OutboxSchema(TypedDict):
    """How many messages; counts end at 1000. `lag_s`: seconds the oldest due one has waited."""

    dead: int
    failing: int
    waiting: int
    lag_s: float


class MoneyDaySchema(TypedDict):
    """One day of India, from the ledger. `gross` is what clients paid in `payments` payments;
    `held` (for bookings) and `due_out` (to developers, less what they owe) are those at its end."""

    day: str
    gross: MoneySchema
    payments: int
    fees: MoneySchema
    refunds: MoneySchema
    paid_out: MoneySchema
    held: MoneySchema
    due_out: MoneySchema


class OverviewSchema(TypedDict):
    """`days` are in order, the last one is today, up to `as_of`."""

    findings: list[FindingSchema]
    outbox: OutboxSchema
    days: list[MoneyDaySchema]
    as_of: Moment


def person(value: Party) -> PersonSchema:
    return {"id": value.id, "account_id": value.account_id, "name": value.name}


def booking(value: Booking) -> AdminBookingSchema:
    return {
        "id": value.id,
        "number": value.number,
        "status": value.status,
        "client": person(value.client),
        "developer": person(value.developer),
        "start": moment(value.start),
        "end": moment(value.end),
        "price": money(value.price),
        "payment_id": value.payment_id,
        "job_id": value.job_id,
        "created_at": moment(value.created_at),
    }


def payment(value: Payment, of: Booking) -> AdminPaymentSchema:
    return {
        "id": value.id,
        "booking_id": of.id,
        "booking_number": of.number,
        "status": value.status,
        "amount": money(value.amount),
        "refunded": money(value.refunded),
        "client": person(of.client),
        "developer": person(of.developer),
        "provider": value.provider,
        "order_id": value.order_id,
        "mismatch": value.mismatch,
        "attempts": [
            {
                "id": each.id,
                "status": each.status,
                "amount": money(each.amount),
                "method": each.method,
                "at": moment(each.at),
            }
            for each in value.attempts
        ],
        "refunds": [
            {
                "id": each.id,
                "status": each.status,
                "amount": money(each.amount),
                "reason": each.reason,
                "attempt": each.attempt,
                "stopped_at": maybe(each.stopped_at),
                "reference": each.reference,
            }
            for each in value.refunds
        ],
        "created_at": moment(value.created_at),
    }


def job(value: Job, of: Booking) -> AdminJobSchema:
    return {
        "id": value.id,
        "booking_id": of.id,
        "booking_number": of.number,
        "status": value.status,
        "client": person(value.client),
        "developer": person(value.developer),
        "deliveries": value.deliveries,
        "deliver_by": moment(value.deliver_by),
        "approve_by": maybe(value.approve_by),
        "created_at": moment(value.created_at),
    }


def message(value: OutboxMessage) -> MessageSchema:
    return {
        "id": value.id,
        "kind": value.kind,
        "state": value.state,
        "due_at": moment(value.due_at),
        "attempts": value.attempts,
        "last_error": value.last_error,
        "payload": payload_of(value),
    }


def money_day(value: MoneyDay) -> MoneyDaySchema:
    return {
        "day": value.id,
        "gross": money(value.gross),
        "payments": value.payments,
        "fees": money(value.fees),
        "refunds": money(value.refunds),
        "paid_out": money(value.paid_out),
        "held": money(value.held),
        "due_out": money(value.due_out),
    }


def overview(value: Overview, of: MoneyDays) -> OverviewSchema:
    return {
        "findings": [finding(each) for each in value.findings],
        "outbox": {
            "dead": value.dead,
            "failing": value.failing,
            "waiting": value.waiting,
            "lag_s": round(value.lag_s, 3),
        },
        "days": [money_day(each) for each in of.days],
        "as_of": moment(of.as_of),
    }


def finding(value: Finding) -> FindingSchema:
    return {
        "id": value.id,
        "kind": value.kind,
        "subject": value.subject,
        "detail": value.detail,
        "at": moment(value.at),
        "owner": value.owner,
        "severity": value.severity,
        "words": value.facts.words,
    }


def whole_finding(value: Finding) -> WholeFindingSchema:
    return {
        **finding(value),
        "resolved_at": maybe(value.resolved_at),
        "resolved_by": value.resolved_by or None,
        "resolution": value.resolution or None,
        "stands": value.stands,
        "digest": digest_of(value),
    }
