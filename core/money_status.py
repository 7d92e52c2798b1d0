"""Where the money of a booking is: its state and amounts, why it is there, who acts next, and what
happens by itself at which time.

A pure function of what is stored. What it promises for a time is what an outbox message does then.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from core import bookings, disputes, jobs
from core.bookings import Booking
from core.bookings_policy import BookingPolicy
from core.disputes import Dispute
from core.earnings import Clearing
from core.jobs import Job
from core.money import Money
from core.payments import Payment, Refund, Status
from core.payments_facts import UNDER_WAY, RefundStatus
from core.payments_policy import PaymentPolicy
from core.shares import Shares
from core.timeline import Actor


class Place(StrEnum):
    """Where the client's money is. `REFUNDING` and `REFUNDED` are also those of a part."""

    NOT_PAID = "not_paid"
    UNCERTAIN = "uncertain"
    NOT_CHARGED = "not_charged"
    UNDER_REVIEW = "under_review"
    HELD = "held"
    SET_ASIDE = "set_aside"
    REFUNDING = "refunding"
    REFUNDED = "refunded"
    RELEASED = "released"


class Why(StrEnum):
    """Why it is there."""

    TIME_RESERVED = "time_reserved"
    ATTEMPT_OPEN = "attempt_open"
    NOT_PAID_IN_TIME = "not_paid_in_time"
    TIME_GIVEN_BACK = "time_given_back"
    OTHER_AMOUNT = "other_amount"
    ANSWER_AWAITED = "answer_awaited"
    WORK_AWAITED = "work_awaited"
    CHANGES_AWAITED = "changes_awaited"
    REVIEW_AWAITED = "review_awaited"
    CANCELLATION_PROPOSED = "cancellation_proposed"
    NO_SHOW_CLAIMED = "no_show_claimed"
    DISPUTED = "disputed"
    PAID_TOO_LATE = "paid_too_late"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    SETTLED = "settled"
    APPROVED = "approved"
    CHARGEBACK = "chargeback"
    CHARGED_BACK = "charged_back"


class Expected(StrEnum):
    """What is expected of whoever acts next."""

    PAY = "pay"
    REPORT = "report"
    CHECK_AMOUNT = "check_amount"
    ANSWER = "answer"
    DELIVER = "deliver"
    REVIEW = "review"
    CONTEST = "contest"
    ANSWER_CASE = "answer_case"
    ADD_EVIDENCE = "add_evidence"
    DECIDE = "decide"
    REFUND = "refund"
    CONFIRM_REFUND = "confirm_refund"
    SOLVE_REFUND = "solve_refund"
    CLEAR = "clear"
    DECIDE_CHARGEBACK = "decide_chargeback"


class Automatic(StrEnum):
    """What happens by itself."""

    FREE_TIME = "free_time"
    ASK_PROVIDER = "ask_provider"
    REQUEST_REFUND = "request_refund"
    REFUND = "refund"
    RELEASE = "release"
    COLLECT_EVIDENCE = "collect_evidence"
    AWAIT_DECISION = "await_decision"
    MAKE_READY = "make_ready"


@dataclass(frozen=True, slots=True)
class NextStep:
    """`by` is who acts next. Without that, `automatic` happens at `at` (UTC); both are None where
    nothing happens by itself. `refund` is what then goes back to the client. `retry_at` is when it
    is tried again if it has failed at its time."""

    by: Actor
    expected: Expected
    at: datetime | None = None
    automatic: Automatic | None = None
    refund: Money | None = None
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MoneyStatus:
    """`shares` divide the price as it is known now: what goes back to the client, what is for the
    developer, and our fee. `next` is None once nothing follows."""

    place: Place
    why: Why
    shares: Shares
    next: NextStep | None = None


def money_status(
    booking: Booking,
    payment: Payment,
    job: Job | None,
    dispute: Dispute | None,
    *,
    now: datetime,
    policy: BookingPolicy,
    polling: PaymentPolicy,
    clearing: Clearing | None = None,
) -> MoneyStatus:
    """Where the money of the booking is. `dispute` is the open one of its job, if there is one;
    `clearing` is its released money, which only the developer waits for."""
    shares = Shares.known(booking, payment)
    if payment.mismatch and not payment.captured and not payment.review_ended:
        step = NextStep(Actor.ADMIN, Expected.CHECK_AMOUNT)
        return MoneyStatus(Place.UNDER_REVIEW, Why.OTHER_AMOUNT, shares, step)
    if payment.contested:
        step = NextStep(Actor.PROVIDER, Expected.DECIDE_CHARGEBACK)
        return MoneyStatus(Place.SET_ASIDE, Why.CHARGEBACK, shares, step)
    match payment.status:
        case Status.PENDING | Status.EXPIRED:
            found = _unpaid(booking, payment, now=now, policy=policy, polling=polling)
        case Status.PAID:
            found = _held(booking, job, dispute)
        case Status.REFUNDING:
            step = _refund_step(payment, now=now, polling=polling)
            found = Place.REFUNDING, _why_ended(booking, job), step
        case Status.REFUNDED:
            why = Why.CHARGED_BACK if payment.charged_back else _why_ended(booking, job)
            found = Place.REFUNDED, why, _clearing_step(clearing)
        case Status.RECEIVED:
            found = Place.RELEASED, _why_ended(booking, job), _clearing_step(clearing)
    place, reason, following = found
    return MoneyStatus(place, reason, shares, following)


Found = tuple[Place, Why, NextStep | None]


def _unpaid(
    booking: Booking,
    payment: Payment,
    *,
    now: datetime,
    policy: BookingPolicy,
    polling: PaymentPolicy,
) -> Found:
    report = NextStep(Actor.PROVIDER, Expected.REPORT)
    if booking.status is bookings.Status.HELD:
        if now < booking.hold_ends:
            pay = NextStep(Actor.CLIENT, Expected.PAY, booking.hold_ends, Automatic.FREE_TIME)
            return Place.NOT_PAID, Why.TIME_RESERVED, pay
        latest = booking.hold_ends + policy.attempt_patience
        waits = replace(report, at=latest, automatic=Automatic.FREE_TIME)
        return Place.UNCERTAIN, Why.ATTEMPT_OPEN, waits
    if payment.has_open_attempt:
        opened = payment.order_expires_at - policy.order_life
        at = polling.next_poll_at(opened, now=now)
        automatic = Automatic.ASK_PROVIDER if at else None
        return (
            Place.UNCERTAIN, Why.ATTEMPT_OPEN, replace(report, at=at, automatic=automatic),
        )  # fmt: skip
    released = booking.status is bookings.Status.CANCELLED
    why = Why.TIME_GIVEN_BACK if released else Why.NOT_PAID_IN_TIME
    return Place.NOT_CHARGED, why, None


def _held(booking: Booking, job: Job | None, dispute: Dispute | None) -> Found:
    if job is None or job.status is jobs.Status.OPEN:
        answer = NextStep(
            Actor.DEVELOPER, Expected.ANSWER, booking.accept_by, Automatic.REFUND, booking.price
        )
        return Place.HELD, Why.ANSWER_AWAITED, answer
    if dispute is not None and job.status in jobs.FROZEN:
        return Place.HELD, _why_frozen(dispute), _dispute_step(dispute)
    if job.status is jobs.Status.DELIVERED:
        review = NextStep(Actor.CLIENT, Expected.REVIEW, job.approve_by, Automatic.RELEASE)
        return Place.HELD, Why.REVIEW_AWAITED, review
    again = job.status is jobs.Status.CHANGES_REQUESTED
    why = Why.CHANGES_AWAITED if again else Why.WORK_AWAITED
    deliver = NextStep(
        Actor.DEVELOPER, Expected.DELIVER, job.deliver_by, Automatic.REFUND, booking.price
    )
    return Place.HELD, why, deliver


def _why_frozen(dispute: Dispute) -> Why:
    if dispute.status is disputes.Status.PROPOSED:
        return Why.CANCELLATION_PROPOSED
    return Why.NO_SHOW_CLAIMED if dispute.stands_unanswered else Why.DISPUTED


def _dispute_step(dispute: Dispute) -> NextStep:
    match dispute.status:
        case disputes.Status.PROPOSED:
            standing = dispute.standing
            refund = standing.refund if standing else dispute.held
            return NextStep(
                Actor.DEVELOPER, Expected.CONTEST, dispute.answer_by, Automatic.REFUND, refund
            )
        case disputes.Status.OPEN if dispute.stands_unanswered:
            refund = dispute.offers[0].refund
            return NextStep(
                dispute.other, Expected.ANSWER_CASE, dispute.answer_by, Automatic.REFUND, refund
            )
        case disputes.Status.OPEN:
            return NextStep(
                dispute.other, Expected.ANSWER_CASE, dispute.answer_by, Automatic.COLLECT_EVIDENCE
            )
        case disputes.Status.EVIDENCE:
            return NextStep(
                dispute.other, Expected.ADD_EVIDENCE, dispute.due, Automatic.AWAIT_DECISION
            )
        case _:
            asked = dispute.asked_by(Actor.CLIENT)
            refund = dispute.held if asked is None else asked
            return NextStep(
                Actor.ADMIN, Expected.DECIDE, dispute.ends_at, Automatic.REFUND, refund
            )  # fmt: skip


def _why_ended(booking: Booking, job: Job | None) -> Why:
    """Why the money of a paid booking was released or refunded."""
    if booking.paid_at is None:
        return Why.PAID_TOO_LATE
    if job is not None and job.status is jobs.Status.SETTLED:
        return Why.SETTLED
    if booking.status is bookings.Status.DECLINED:
        return Why.DECLINED
    return Why.APPROVED if booking.status is bookings.Status.COMPLETED else Why.CANCELLED


def _clearing_step(clearing: Clearing | None) -> NextStep | None:
    if clearing is None or clearing.cleared or not clearing.amount:
        return None
    return NextStep(Actor.DEADLINE, Expected.CLEAR, clearing.clears_at, Automatic.MAKE_READY)


def _refund_step(payment: Payment, *, now: datetime, polling: PaymentPolicy) -> NextStep:
    """The first thing that happens to the refunds in progress. One that the provider has refused
    too often waits for us."""
    steps = [
        _step_of(refund, now=now, polling=polling)
        for refund in payment.refunds
        if refund.status in UNDER_WAY
    ]
    if not steps:
        return NextStep(Actor.ADMIN, Expected.SOLVE_REFUND)
    return min(steps, key=lambda step: step.at or now)


def _step_of(refund: Refund, *, now: datetime, polling: PaymentPolicy) -> NextStep:
    due = refund.due_at
    if refund.status is RefundStatus.DUE and due is not None and now < due:
        return NextStep(Actor.DEADLINE, Expected.REFUND, due, Automatic.REQUEST_REFUND)
    at = polling.next_poll_at(due, now=now, ends=False) if due else None
    automatic = Automatic.ASK_PROVIDER if at else None
    return NextStep(Actor.PROVIDER, Expected.CONFIRM_REFUND, at, automatic)
