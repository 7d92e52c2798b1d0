"""API schemas of bookings, their timeline and cancellation."""

from __future__ import annotations

from collections.abc import Iterable

from typing_extensions import TypedDict

from core.bookings import Booking, Status
from core.jobs import Job
from core.money_status import Automatic, Expected, MoneyStatus, Place, Why
from core.payments import Payment
from core.payments import Status as PaymentStatus
from core.prices import PriceLine
from core.timeline import Actor, Entry, MoneyState, NextEvent
from services.bookings import Quote
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


class ProposalSchema(TypedDict):
    """A new time that waits for the answer of the other side."""

    start: Moment
    end: Moment
    by: Actor
    at: Moment
    answer_by: Moment
    reason: str


class PriceLineSchema(TypedDict):
    """What is added to the price of the hours; a discount is negative."""

    label: str
    amount: MoneySchema


class QuoteSchema(TypedDict):
    """`hours_price` is the price of the hours alone, `price_lines` what changes it, also lines of
    nothing that only say something."""

    hours_price: MoneySchema
    price_lines: list[PriceLineSchema]
    price: MoneySchema


class BookingSchema(TypedDict):
    """`files` are ids of the files of the brief. `fee` is the marketplace's share of `price`.
    `checkout` is present while it can be paid. `proposal` is a proposed new time, `moves` how often
    the booking was moved. `dispute_id` is the newest case about it, also after its end."""

    id: str
    number: str
    status: Status
    developer: PartySchema
    client: PartySchema
    start: Moment
    end: Moment
    hours: int
    brief: str
    files: list[str]
    price: MoneySchema
    price_lines: list[PriceLineSchema]
    fee: MoneySchema
    hold_expires_at: Moment | None
    accept_by: Moment | None
    payment: PaymentBrief
    job_id: str | None
    dispute_id: str | None
    checkout: CheckoutSchema | None
    reason: str
    proposal: ProposalSchema | None
    moves: int
    version: int
    next: NextSchema | None


class MoneyAtSchema(TypedDict):
    state: MoneyState
    amount: MoneySchema


class MovedSchema(TypedDict):
    """The old and the new start, of entries about a move."""

    old: Moment
    new: Moment


class TimelineEntrySchema(TypedDict):
    at: Moment
    what: str
    actor: Actor
    detail: str
    money: MoneyAtSchema | None
    moved: MovedSchema | None


class MoneyStepSchema(TypedDict):
    """Who acts next, and what happens by itself `at` a time, with what then goes back. `retry_at`
    is when it is tried again if it has failed at that time."""

    by: Actor
    expected: Expected
    at: Moment | None
    automatic: Automatic | None
    refund: MoneySchema | None
    retry_at: Moment | None


class MoneyStatusSchema(TypedDict):
    """Where the money is and why; `refund`, `earning` and `fee` add up to `price`."""

    place: Place
    why: Why
    price: MoneySchema
    refund: MoneySchema
    earning: MoneySchema
    fee: MoneySchema
    next: MoneyStepSchema | None


class TimelineSchema(TypedDict):
    items: list[TimelineEntrySchema]
    next: NextSchema | None
    money: MoneyStatusSchema


class RefundStepSchema(TypedDict):
    at: Moment
    refund: MoneySchema


class CancellationSchema(TypedDict):
    refund: MoneySchema
    once_accepted: MoneySchema | None
    changes: list[RefundStepSchema]


def booking(
    value: Booking, payment: Payment, upcoming: NextEvent | None, job: Job | None = None
) -> BookingSchema:
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
        "files": list(value.files),
        "price": money(value.price),
        "price_lines": _lines(value.price_lines),
        "fee": money(value.fee),
        "hold_expires_at": moment(value.shown_until) if value.status == "held" else None,
        "accept_by": maybe(value.accept_by),
        "payment": {
            "id": payment.id,
            "status": payment.status,
            "amount": money(payment.amount),
        },
        "job_id": value.job_id,
        "dispute_id": job.dispute_id if job else None,
        "checkout": checkout,
        "reason": value.reason,
        "proposal": _proposal(value),
        "moves": value.moves,
        "version": value.version,
        "next": following(upcoming),
    }


def quote(value: Quote) -> QuoteSchema:
    silent = [line for line in value.lines if not line.amount]
    return {
        "hours_price": money(value.draft.hours_price),
        "price_lines": _lines([*value.draft.price_lines, *silent]),
        "price": money(value.draft.price),
    }


def _lines(lines: Iterable[PriceLine]) -> list[PriceLineSchema]:
    return [{"label": line.label, "amount": money(line.amount)} for line in lines]


def timeline(
    entries: tuple[Entry, ...], upcoming: NextEvent | None, status: MoneyStatus
) -> TimelineSchema:
    return {
        "items": [_entry(entry) for entry in entries],
        "next": following(upcoming),
        "money": _money_status(status),
    }


def _money_status(value: MoneyStatus) -> MoneyStatusSchema:
    step: MoneyStepSchema | None = None
    if value.next:
        step = {
            "by": value.next.by,
            "expected": value.next.expected,
            "at": maybe(value.next.at),
            "automatic": value.next.automatic,
            "refund": money(value.next.refund) if value.next.refund is not None else None,
            "retry_at": maybe(value.next.retry_at),
        }
    return {
        "place": value.place,
        "why": value.why,
        "price": money(value.shares.price),
        "refund": money(value.shares.refund),
        "earning": money(value.shares.earning),
        "fee": money(value.shares.fee),
        "next": step,
    }


def _entry(value: Entry) -> TimelineEntrySchema:
    held: MoneyAtSchema | None = None
    if value.money:
        held = {"state": value.money.state, "amount": money(value.money.amount)}
    moved: MovedSchema | None = None
    if value.times:
        moved = {"old": moment(value.times.old), "new": moment(value.times.new)}
    return {
        "at": moment(value.at),
        "what": value.what,
        "actor": value.actor,
        "detail": value.detail,
        "money": held,
        "moved": moved,
    }


def _proposal(value: Booking) -> ProposalSchema | None:
    proposal = value.proposal
    if proposal is None:
        return None
    return {
        "start": moment(proposal.start),
        "end": moment(proposal.start + (value.end - value.start)),
        "by": proposal.by,
        "at": moment(proposal.at),
        "answer_by": moment(proposal.answer_by),
        "reason": proposal.reason,
    }
