"""Entities in the shapes of the API: money in minor units, times in UTC, ids as strings."""

from __future__ import annotations

from datetime import UTC, datetime

from typing_extensions import TypedDict

from core.availability import Availability, Window, clock_of
from core.bookings import Booking
from core.clients import Client
from core.deliveries import Delivery
from core.developers import Developer
from core.jobs import Job
from core.money import Money
from core.payments import Payment
from core.policy import DAY, HOUR
from core.timeline import Entry, Next
from core.transactions import Transaction
from web.shared.assets import avatar_url


class MoneySchema(TypedDict):
    amount: int
    currency: str


class ClientSchema(TypedDict):
    id: str
    name: str
    phone: str | None
    avatar_url: str | None


class RatingSchema(TypedDict):
    average: float
    count: int


class DeveloperCard(TypedDict):
    id: str
    name: str
    headline: str
    skills: list[str]
    rate: MoneySchema
    rating: RatingSchema | None
    timezone: str
    languages: list[str]
    avatar_url: str | None
    next_free: str | None


class PolicySchema(TypedDict):
    revisions: int
    fee_percent: int
    refund: list[dict[str, int]]


class WindowSchema(TypedDict):
    day: int
    start: str
    end: str


class SlotSchema(TypedDict):
    start: str
    end: str


class SlotsSchema(TypedDict):
    timezone: str
    items: list[SlotSchema]


class DeveloperProfile(DeveloperCard):
    bio: str
    policy: PolicySchema
    free: list[SlotSchema]


class MyProfile(DeveloperCard):
    bio: str
    revisions: int
    published: bool
    missing: list[str]


class AvailabilitySchema(TypedDict):
    timezone: str
    weekly: list[WindowSchema]
    minimum_notice_h: int
    horizon_days: int


class SkillSchema(TypedDict):
    name: str
    count: int


class PartySchema(TypedDict):
    id: str
    name: str


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


class DeliverySchema(TypedDict):
    number: int
    note: str
    at: str
    files: list[str]


class RevisionsSchema(TypedDict):
    used: int
    allowed: int


class JobSchema(TypedDict):
    id: str
    booking_id: str
    status: str
    client: PartySchema
    developer: PartySchema
    revisions: RevisionsSchema
    deliveries: list[DeliverySchema]
    payment_status: str
    approve_by: str | None
    deliver_by: str


class AttemptSchema(TypedDict):
    id: str
    status: str
    at: str


class PaymentSchema(TypedDict):
    id: str
    booking_id: str
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


def moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def maybe(value: datetime | None) -> str | None:
    return moment(value) if value else None


def money(value: Money) -> MoneySchema:
    return {"amount": value.amount, "currency": value.currency}


def client(value: Client) -> ClientSchema:
    return {
        "id": value.id,
        "name": value.name,
        "phone": value.phone,
        "avatar_url": value.avatar,
    }


def developer_card(value: Developer, *, now: datetime) -> DeveloperCard:
    upcoming = value.upcoming(now=now)
    rating: RatingSchema | None = None
    if value.rating.count:
        rating = {"average": value.rating.average, "count": value.rating.count}
    return {
        "id": value.id,
        "name": value.name,
        "headline": value.headline,
        "skills": list(value.skills),
        "rate": money(value.rate),
        "rating": rating,
        "timezone": value.timezone,
        "languages": list(value.languages),
        "avatar_url": avatar_url(value.avatar) if value.avatar else None,
        "next_free": moment(upcoming[0]) if upcoming else None,
    }


def my_profile(value: Developer, *, now: datetime) -> MyProfile:
    return {
        **developer_card(value, now=now),
        "bio": value.bio,
        "revisions": value.revisions,
        "published": value.published,
        "missing": list(value.missing),
    }


def availability(value: Availability) -> AvailabilitySchema:
    return {
        "timezone": value.timezone,
        "weekly": [window(each) for each in value.weekly],
        "minimum_notice_h": int(value.minimum_notice / HOUR),
        "horizon_days": int(value.horizon / DAY),
    }


def window(value: Window) -> WindowSchema:
    return {"day": value.day, "start": clock_of(value.start), "end": clock_of(value.end)}


def following(value: Next | None) -> NextSchema | None:
    return {"what": value.what, "at": maybe(value.at)} if value else None


def booking(value: Booking, payment: Payment, upcoming: Next | None) -> BookingSchema:
    checkout: CheckoutSchema | None = None
    if value.status == "held" and payment.checkout_url:
        checkout = {"url": payment.checkout_url, "order_id": payment.order_id}
    return {
        "id": value.id,
        "status": value.status.value,
        "developer": {"id": value.developer.id, "name": value.developer.name},
        "client": {"id": value.client.id, "name": value.client.name},
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


def timeline(entries: tuple[Entry, ...], upcoming: Next | None) -> TimelineSchema:
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


def job(value: Job, deliveries: tuple[Delivery, ...], payment: Payment) -> JobSchema:
    return {
        "id": value.id,
        "booking_id": value.booking_id,
        "status": value.status.value,
        "client": {"id": value.client.id, "name": value.client.name},
        "developer": {"id": value.developer.id, "name": value.developer.name},
        "revisions": {"used": value.revisions_used, "allowed": value.revisions_allowed},
        "deliveries": [delivery(each) for each in deliveries],
        "payment_status": payment.status.value,
        "approve_by": maybe(value.approve_by),
        "deliver_by": moment(value.deliver_by),
    }


def delivery(value: Delivery) -> DeliverySchema:
    return {"number": value.number, "note": value.note, "at": moment(value.at), "files": []}


def payment(value: Payment) -> PaymentSchema:
    return {
        "id": value.id,
        "booking_id": value.booking_id,
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
