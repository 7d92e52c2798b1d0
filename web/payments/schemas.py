"""API schemas of payments and ledger transactions."""

from __future__ import annotations

from typing_extensions import TypedDict

from core.bookings import Booking
from core.payments import Payment
from core.transactions import Transaction
from web.shared.schemas import MoneySchema, moment, money


class AttemptSchema(TypedDict):
    id: str
    status: str
    at: str


class PaymentSchema(TypedDict):
    id: str
    booking_id: str
    booking_number: str
    status: str
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
    kind: str
    at: str
    lines: list[LineSchema]
    booking_id: str | None
    description: str


def payment(value: Payment, booking: Booking) -> PaymentSchema:
    return {
        "id": value.id,
        "booking_id": value.booking_id,
        "booking_number": booking.number,
        "status": value.status.value,
        "amount": money(value.amount),
        "refunded": money(value.refunded),
        "provider": value.provider,
        "order_id": value.order_id,
        "attempts": [
            {"id": each.id, "status": each.status.value, "at": moment(each.at)}
            for each in value.attempts
        ],
    }


def transaction(value: Transaction) -> TransactionSchema:
    return {
        "id": value.id,
        "kind": value.kind.value,
        "at": moment(value.at),
        "lines": [{"account": each.account, "amount": money(each.amount)} for each in value.lines],
        "booking_id": value.booking_id,
        "description": value.description,
    }
