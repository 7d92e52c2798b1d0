"""API schemas of payments and ledger transactions."""

from __future__ import annotations

from typing_extensions import TypedDict

from core.bookings import Booking
from core.payments import Payment, Status
from core.payments_facts import AttemptStatus
from core.transactions import Kind, Transaction
from web.shared.schemas import Moment, MoneySchema, moment, money


class AttemptSchema(TypedDict):
    id: str
    status: AttemptStatus
    at: Moment


class PaymentSchema(TypedDict):
    id: str
    booking_id: str
    booking_number: str
    status: Status
    amount: MoneySchema
    refunded: MoneySchema
    provider: str
    order_id: str
    attempts: list[AttemptSchema]


class LineSchema(TypedDict):
    account: str
    amount: MoneySchema


class TransactionSchema(TypedDict):
    id: str
    kind: Kind
    at: Moment
    lines: list[LineSchema]
    booking_id: str | None
    description: str


def payment(value: Payment, booking: Booking) -> PaymentSchema:
    return {
        "id": value.id,
        "booking_id": value.booking_id,
        "booking_number": booking.number,
        "status": value.status,
        "amount": money(value.amount),
        "refunded": money(value.refunded),
        "provider": value.provider,
        "order_id": value.order_id,
        "attempts": [
            {"id": each.id, "status": each.status, "at": moment(each.at)} for each in value.attempts
        ],
    }


def transaction(value: Transaction) -> TransactionSchema:
    return {
        "id": value.id,
        "kind": value.kind,
        "at": moment(value.at),
        "lines": [{"account": each.account, "amount": money(each.amount)} for each in value.lines],
        "booking_id": value.booking_id,
        "description": value.description,
    }
