"""API schemas of bookings, their timeline and cancellation."""

from __future__ import annotations

from typing_extensions import TypedDict

from core.bookings import Booking
from core.payments import Payment
from core.timeline import Entry, NextEvent
from web.shared.schemas import MoneySchema, PartySchema, maybe, moment, money, party


class NextSchema(TypedDict):
    what: str
    at: str | None


class CheckoutSchema(TypedDict):
    url: str
    order_id: str


class PaymentBrief(TypedDict):
    id: str
    status: str
    amount: MoneySchema


class BookingSchema(TypedDict):
    id: str
    number: str
    status: str
    developer: PartySchema
    client: PartySchema
    start: str
    end: str
    hours: int
    brief: str
    price: MoneySchema
    fee: MoneySchema
    hold_expires_at: str | None
    accept_by: str | None
    payment: PaymentBrief
    job_id: str | None
    checkout: CheckoutSchema | None
    reason: str
    version: int
    next: NextSchema | None


class MoneyAtSchema(TypedDict):
    state: str
    amount: MoneySchema


class EntrySchema(TypedDict):
    at: str
    what: str
    actor: str
    detail: str
    money: MoneyAtSchema | None


class TimelineSchema(TypedDict):
    items: list[EntrySchema]
    next: NextSchema | None


class RefundStepSchema(TypedDict):
    at: str
    refund: MoneySchema


class CancellationSchema(TypedDict):
    refund: MoneySchema
    once_accepted: MoneySchema | None
    changes: list[RefundStepSchema]


def following(value: NextEvent | None) -> NextSchema | None:
    return {"what": value.what, "at": maybe(value.at)} if value else None


def booking(value: Booking, payment: Payment, upcoming: NextEvent | None) -> BookingSchema:
    checkout: CheckoutSchema | None = None
    if value.status == "held" and payment.checkout_url:
        checkout = {"url": payment.checkout_url, "order_id": payment.order_id}
    return {
        "id": value.id,
        "number": value.number,
        "status": value.status.value,
        "developer": party(value.developer),
        "client": party(value.client),
        "start": moment(value.start),
        "end": moment(value.end),
        "hours": value.hours,
        "brief": value.brief,
        "price": money(value.price),
        "fee": money(value.fee),
        "hold_expires_at": moment(value.shown_until) if value.status == "held" else None,
        "accept_by": maybe(value.accept_by),
        "payment": {
            "id": payment.id,
            "status": payment.status.value,
            "amount": money(payment.amount),
        },
        "job_id": value.job_id,
        "checkout": checkout,
        "reason": value.reason,
        "version": value.version,
        "next": following(upcoming),
    }


def timeline(entries: tuple[Entry, ...], upcoming: NextEvent | None) -> TimelineSchema:
    return {"items": [_entry(entry) for entry in entries], "next": following(upcoming)}


def _entry(value: Entry) -> EntrySchema:
    held: MoneyAtSchema | None = None
    if value.money:
        held = {"state": value.money.state.value, "amount": money(value.money.amount)}
    return {
        "at": moment(value.at),
        "what": value.what,
        "actor": value.actor.value,
        "detail": value.detail,
        "money": held,
    }
