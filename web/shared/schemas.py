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
from web.shared.templating import face


class MoneyShape(TypedDict):
    amount: int
    currency: str


class ClientShape(TypedDict):
    id: str
    name: str
    phone: str | None
    avatar_url: str | None


class RatingShape(TypedDict):
    average: float
    count: int


class DeveloperCard(TypedDict):
    id: str
    name: str
    headline: str
    skills: list[str]
    rate: MoneyShape
    rating: RatingShape | None
    timezone: str
    languages: list[str]
    avatar_url: str | None
    next_free: str | None


class PolicyShape(TypedDict):
    revisions: int
    fee_percent: int
    refund: list[dict[str, int]]


class WindowShape(TypedDict):
    day: int
    start: str
    end: str


class SlotShape(TypedDict):
    start: str
    end: str


class SlotsShape(TypedDict):
    timezone: str
    items: list[SlotShape]


class DeveloperProfile(DeveloperCard):
    bio: str
    policy: PolicyShape
    free: list[SlotShape]


class MyProfile(DeveloperCard):
    bio: str
    revisions: int
    published: bool
    missing: list[str]


class AvailabilityShape(TypedDict):
    timezone: str
    weekly: list[WindowShape]
    minimum_notice_h: int
    horizon_days: int


class SkillShape(TypedDict):
    name: str
    count: int


class PartyShape(TypedDict):
    id: str
    name: str


class NextShape(TypedDict):
    what: str
    at: str | None


class CheckoutShape(TypedDict):
    url: str
    order_id: str


class PaymentBrief(TypedDict):
    id: str
    status: str
    amount: MoneyShape


class BookingShape(TypedDict):
    id: str
    status: str
    developer: PartyShape
    client: PartyShape
    start: str
    end: str
    hours: int
    brief: str
    price: MoneyShape
    fee: MoneyShape
    hold_expires_at: str | None
    accept_by: str | None
    payment: PaymentBrief
    job_id: str | None
    checkout: CheckoutShape | None
    reason: str
    version: int
    next: NextShape | None


class MoneyAtShape(TypedDict):
    state: str
    amount: MoneyShape


class EntryShape(TypedDict):
    at: str
    what: str
    actor: str
    detail: str
    money: MoneyAtShape | None


class TimelineShape(TypedDict):
    items: list[EntryShape]
    next: NextShape | None


class RefundStepShape(TypedDict):
    at: str
    refund: MoneyShape


class CancellationShape(TypedDict):
    refund: MoneyShape
    once_accepted: MoneyShape | None
    changes: list[RefundStepShape]


class DeliveryShape(TypedDict):
    number: int
    note: str
    at: str
    files: list[str]


class RevisionsShape(TypedDict):
    used: int
    allowed: int


class JobShape(TypedDict):
    id: str
    booking_id: str
    status: str
    client: PartyShape
    developer: PartyShape
    revisions: RevisionsShape
    deliveries: list[DeliveryShape]
    payment_status: str
    approve_by: str | None
    deliver_by: str


class AttemptShape(TypedDict):
    id: str
    status: str
    at: str


class PaymentShape(TypedDict):
    id: str
    booking_id: str
    status: str
    amount: MoneyShape
    refunded: MoneyShape
    provider: str
    order_id: str
    attempts: list[AttemptShape]


class LineShape(TypedDict):
    account: str
    amount: MoneyShape


class TransactionShape(TypedDict):
    id: str
    kind: str
    at: str
    lines: list[LineShape]
    booking_id: str | None
    description: str


def moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def maybe(value: datetime | None) -> str | None:
    return moment(value) if value else None


def money(value: Money) -> MoneyShape:
    return {"amount": value.amount, "currency": value.currency}


def client(value: Client) -> ClientShape:
    return {
        "id": value.id,
        "name": value.name,
        "phone": value.phone,
        "avatar_url": value.avatar,
    }


def developer_card(value: Developer, *, now: datetime) -> DeveloperCard:
    upcoming = value.upcoming(now=now)
    rating: RatingShape | None = None
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
        "avatar_url": face(value.avatar) if value.avatar else None,
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


def availability(value: Availability) -> AvailabilityShape:
    return {
        "timezone": value.timezone,
        "weekly": [window(each) for each in value.weekly],
        "minimum_notice_h": int(value.minimum_notice / HOUR),
        "horizon_days": int(value.horizon / DAY),
    }


def window(value: Window) -> WindowShape:
    return {"day": value.day, "start": clock_of(value.start), "end": clock_of(value.end)}


def following(value: Next | None) -> NextShape | None:
    return {"what": value.what, "at": maybe(value.at)} if value else None


def booking(value: Booking, payment: Payment, upcoming: Next | None) -> BookingShape:
    checkout: CheckoutShape | None = None
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


def timeline(entries: tuple[Entry, ...], upcoming: Next | None) -> TimelineShape:
    return {"items": [_entry(entry) for entry in entries], "next": following(upcoming)}


def _entry(value: Entry) -> EntryShape:
    held: MoneyAtShape | None = None
    if value.money:
        held = {"state": value.money.state.value, "amount": money(value.money.amount)}
    return {
        "at": moment(value.at),
        "what": value.what,
        "actor": value.actor.value,
        "detail": value.detail,
        "money": held,
    }


def job(value: Job, deliveries: tuple[Delivery, ...], payment: Payment) -> JobShape:
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


def delivery(value: Delivery) -> DeliveryShape:
    return {"number": value.number, "note": value.note, "at": moment(value.at), "files": []}


def payment(value: Payment) -> PaymentShape:
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


def transaction(value: Transaction) -> TransactionShape:
    return {
        "id": value.id,
        "kind": value.kind.value,
        "at": moment(value.at),
        "lines": [{"account": each.account, "amount": money(each.amount)} for each in value.lines],
        "booking_id": value.booking_id,
        "description": value.description,
    }
