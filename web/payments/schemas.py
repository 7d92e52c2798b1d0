"""API schemas of payments and ledger transactions."""

from __future__ import annotations

from quart import url_for
from typing_extensions import TypedDict

from core.bookings import Booking
from core.money import Money
from core.payments import Payment, Status
from core.payments_facts import AttemptStatus, RefundStatus
from core.transactions import Kind, Transaction
from services.payments import Wallet
from web.shared.schemas import Moment, MoneySchema, moment, money


class AttemptSchema(TypedDict):
    id: str
    status: AttemptStatus
    at: Moment
    method: str


class RefundSchema(TypedDict):
    id: str
    amount: MoneySchema
    status: RefundStatus


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
    refunds: list[RefundSchema]
    receipt_url: str | None


class UpcomingSchema(TypedDict):
    """Money that becomes ready `at` a time."""

    amount: MoneySchema
    at: Moment
    booking_id: str


class WalletSchema(TypedDict):
    """A developer's money after the fee. `available` is below zero while money is owed; `upcoming`
    has the next 200 amounts that clear, the earliest first."""

    held: MoneySchema
    clearing: MoneySchema
    available: MoneySchema
    withdrawing: MoneySchema
    owed: MoneySchema
    upcoming: list[UpcomingSchema]


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
    number: str | None


def payment(value: Payment, booking: Booking, *, as_client: bool, released: bool) -> PaymentSchema:
    """`released`: the developer has got money of it, whatever was taken back of it later."""
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
            {"id": each.id, "status": each.status, "at": moment(each.at), "method": each.method}
            for each in value.attempts
        ],
        "refunds": [
            {
                "id": each.id,
                "amount": money(each.amount),
                "status": each.status,
            }
            for each in value.refunds
        ],
        "receipt_url": _receipt_url(value, as_client=as_client, released=released),
    }


def _receipt_url(value: Payment, *, as_client: bool, released: bool) -> str | None:
    """The page of the receipts, a path of this site: for the client once the booking is paid, for
    the developer once money was released."""
    in_part = bool(value.price_refunds and value.returning != value.amount)
    released = released or in_part or value.status is Status.RECEIVED
    if not (value.captured if as_client else released):
        return None
    return url_for("receipts.show", booking_id=value.booking_id)


def wallet(value: Wallet, held: Money) -> WalletSchema:
    balance = value.balance
    return {
        "held": money(held),
        "clearing": money(balance.clearing),
        "available": money(balance.ready),
        "withdrawing": money(balance.withdrawing),
        "owed": money(balance.owed),
        "upcoming": [
            {"amount": money(each.amount), "at": moment(each.clears_at), "booking_id": each.id}
            for each in value.upcoming
        ],
    }


def transaction(value: Transaction, number: str | None) -> TransactionSchema:
    return {
        "id": value.id,
        "kind": value.kind,
        "at": moment(value.at),
        "lines": [{"account": each.account, "amount": money(each.amount)} for each in value.lines],
        "booking_id": value.booking_id,
        "description": value.description,
        "number": number,
    }
