"""API schemas of bookings, their timeline and cancellation."""

from __future__ import annotations

from typing_extensions import TypedDict

from core.bookings import Booking, Status
from core.payments import Payment
from core.payments import Status as PaymentStatus
from core.timeline import Actor, Entry, MoneyState, NextEvent
from web.shared.schemas import (
    Moment,
    MoneySchema,
    NextSchema,
    PartySchema,
    following,
    maybe,
    moment,
    money,
    party,
)


class CheckoutSchema(TypedDict):
    url: str
    order_id: str


class PaymentBrief(TypedDict):
    id: str
    status: PaymentStatus
    amount: MoneySchema


class BookingSchema(TypedDict):
    """`fee` is the marketplace's share of `price`. `checkout` is present while it can be paid."""

    id: str
    number: str
    status: Status
    developer: PartySchema
    client: PartySchema
    start: Moment
    end: Moment
    hours: int
    brief: str
    price: MoneySchema
    fee: MoneySchema
    hold_expires_at: Moment | None
    accept_by: Moment | None
    payment: PaymentBrief
    job_id: str | None
    checkout: CheckoutSchema | None
    reason: str
    version: int
    next: NextSchema | None


class MoneyAtSchema(TypedDict):
    state: MoneyState
    amount: MoneySchema


class TimelineEntrySchema(TypedDict):
    at: Moment
    what: str
    actor: Actor
    detail: str
    money: MoneyAtSchema | None


class TimelineSchema(TypedDict):
    items: list[TimelineEntrySchema]
    next: NextSchema | None


class RefundStepSchema(TypedDict):
    at: Moment
    refund: MoneySchema


class CancellationSchema(TypedDict):
    refund: MoneySchema
    once_accepted: MoneySchema | None
    changes: list[RefundStepSchema]


def booking(value: Booking, payment: Payment, upcoming: NextEvent | None) -> BookingSchema:
    checkout: CheckoutSchema | None = None
    if value.status == "held" and payment.checkout_url:
        checkout = {"url": payment.checkout_url, "order_id": payment.order_id}
    return {
        "id": value.id,
        "number": value.number,
        "status": value.status,
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
            "status": payment.status,
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


def _entry(value: Entry) -> TimelineEntrySchema:
    held: MoneyAtSchema | None = None
    if value.money:
        held = {"state": value.money.state, "amount": money(value.money.amount)}
    return {
        "at": moment(value.at),
        "what": value.what,
        "actor": value.actor,
        "detail": value.detail,
        "money": held,
    }
