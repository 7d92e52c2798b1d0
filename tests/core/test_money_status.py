"""Where the money of a booking is, why, who acts next and what happens by itself: every state."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from core import bookings, jobs
from core.bookings import Booking
from core.dispute_parts import Offer, OfferId, Reason, Statement, Wish, WishKind
from core.disputes import CLOSED, Dispute, DisputeId
from core.disputes import Status as Dispute_
from core.earnings import Clearing
from core.jobs import Job
from core.money import Money
from core.money_status import (
    Automatic,
    Expected,
    MoneyStatus,
    NextStep,
    Place,
    Why,
    money_status,
)
from core.payments import Payment, Status
from core.payments_facts import AttemptStatus, RefundStatus
from core.payments_policy import PaymentPolicy
from core.policy import DAY, HOUR, MINUTE
from core.shares import Shares
from core.timeline import Actor
from tests.core.test_bookings import CLIENT, DEVELOPER, NOW, POLICY, a_booking
from tests.core.test_jobs import DELIVER_BY, a_job
from tests.core.test_payments import PRICE, a_payment, a_refund_fact, an_attempt

B, J = bookings.Status, jobs.Status
LATER = NOW + 5 * DAY
HALF = Money(240_000)
PAID = a_payment(Status.PAID, captured="a", attempts=(an_attempt("a"),))
REFUNDING = PAID.refund(PRICE, reason="Declined", at=NOW)
SENT = REFUNDING.merge_refunds(
    [a_refund_fact(REFUNDING.refunds[0], RefundStatus.SENT)], now=NOW, policy=PaymentPolicy()
)
REFUSED = REFUNDING.merge_refunds(
    [a_refund_fact(REFUNDING.refunds[0], RefundStatus.FAILED)], now=NOW, policy=PaymentPolicy()
)
REFUNDED = REFUNDING.merge_refunds(
    [a_refund_fact(REFUNDING.refunds[0], RefundStatus.SUCCEEDED)], now=NOW, policy=PaymentPolicy()
)
STOPPED = REFUNDING.merge_refunds(
    [a_refund_fact(REFUNDING.refunds[0], RefundStatus.FAILED)],
    now=NOW,
    policy=PaymentPolicy(refund_requests=1),
)
TRYING = (an_attempt("a", AttemptStatus.PENDING),)
OTHER_AMOUNT = a_payment(Status.EXPIRED, mismatch=True)


def paid(status: bookings.Status, **special: object) -> Booking:
    return a_booking(status, paid_at=NOW, **special)


def a_dispute(status: Dispute_, reason: Reason = Reason.OTHER, **special: object) -> Dispute:
    wish = Wish.of(WishKind.PART, HALF, held=PRICE)
    usual = Dispute(
        id=DisputeId("dsp_1"),
        booking_id="bkg_1",
        booking_number="OH",
        job_id="job_1",
        client=CLIENT,
        developer=DEVELOPER,
        held=PRICE,
        opened_by=Actor.CLIENT,
        reason=reason,
        statements=(Statement(Actor.CLIENT, NOW, "It is wrong.", wish),),
        opened_at=NOW,
        answer_by=NOW + 2 * DAY,
        ends_at=NOW + 60 * DAY,
        status=status,
    )
    return replace(usual, **special)  # type: ignore[arg-type]


OFFER = (Offer(OfferId("ofr_1"), Actor.CLIENT, NOW, HALF),)
DISPUTED = a_job(J.DISPUTED)


def says(
    place: Place,
    why: Why,
    by: Actor | None = None,
    expected: Expected | None = None,
    at: datetime | None = None,
    automatic: Automatic | None = None,
    refund: Money | None = None,
) -> tuple[Place, Why, NextStep | None]:
    step = NextStep(by, expected, at, automatic, refund) if by and expected else None
    return place, why, step


Row = tuple[Booking, Payment, Job | None, Dispute | None, tuple[Place, Why, NextStep | None]]
EVERY: dict[str, Row] = {
    "reserved": (
        a_booking(), a_payment(), None, None,
        says(Place.NOT_PAID, Why.TIME_RESERVED, Actor.CLIENT, Expected.PAY,
             POLICY.hold_ends(held_at=NOW), Automatic.FREE_TIME),
    ),
    "the time to pay is over": (
        a_booking(hold_ends=NOW), a_payment(), None, None,
        says(Place.UNCERTAIN, Why.ATTEMPT_OPEN, Actor.PROVIDER, Expected.REPORT,
             NOW + POLICY.attempt_patience, Automatic.FREE_TIME),
    ),
    "an attempt to pay is open after the end": (
        a_booking(B.EXPIRED), a_payment(Status.EXPIRED, attempts=TRYING), None, None,
        says(Place.UNCERTAIN, Why.ATTEMPT_OPEN, Actor.PROVIDER, Expected.REPORT,
             NOW + MINUTE, Automatic.ASK_PROVIDER),
    ),
    "and the provider is no longer asked": (
        a_booking(B.EXPIRED),
        a_payment(Status.EXPIRED, attempts=TRYING, order_expires_at=NOW - 8 * DAY), None, None,
        says(Place.UNCERTAIN, Why.ATTEMPT_OPEN, Actor.PROVIDER, Expected.REPORT),
    ),
    "not paid in time": (
        a_booking(B.EXPIRED), a_payment(Status.EXPIRED), None, None,
        says(Place.NOT_CHARGED, Why.NOT_PAID_IN_TIME),
    ),
    "released by the client": (
        a_booking(B.CANCELLED), a_payment(Status.EXPIRED), None, None,
        says(Place.NOT_CHARGED, Why.TIME_GIVEN_BACK),
    ),
    "another amount": (
        a_booking(B.EXPIRED), OTHER_AMOUNT, None, None,
        says(Place.UNDER_REVIEW, Why.OTHER_AMOUNT, Actor.ADMIN, Expected.CHECK_AMOUNT),
    ),
    "requested": (
        paid(B.REQUESTED), PAID, a_job(J.OPEN), None,
        says(Place.HELD, Why.ANSWER_AWAITED, Actor.DEVELOPER, Expected.ANSWER, NOW + DAY,
             Automatic.REFUND, PRICE),
    ),
    "accepted": (
        paid(B.CONFIRMED), PAID, a_job(J.ACTIVE), None,
        says(Place.HELD, Why.WORK_AWAITED, Actor.DEVELOPER, Expected.DELIVER, DELIVER_BY,
             Automatic.REFUND, PRICE),
    ),
    "delivered": (
        paid(B.CONFIRMED), PAID, a_job(J.DELIVERED, approve_by=LATER), None,
        says(Place.HELD, Why.REVIEW_AWAITED, Actor.CLIENT, Expected.REVIEW, LATER,
             Automatic.RELEASE),
    ),
    "changes requested": (
        paid(B.CONFIRMED), PAID, a_job(J.CHANGES_REQUESTED), None,
        says(Place.HELD, Why.CHANGES_AWAITED, Actor.DEVELOPER, Expected.DELIVER, DELIVER_BY,
             Automatic.REFUND, PRICE),
    ),
    "cancellation proposed": (
        paid(B.CONFIRMED), PAID, a_job(J.CANCELLING),
        a_dispute(Dispute_.PROPOSED, Reason.CANCELLATION, offers=OFFER),
        says(Place.HELD, Why.CANCELLATION_PROPOSED, Actor.DEVELOPER, Expected.CONTEST,
             NOW + 2 * DAY, Automatic.REFUND, HALF),
    ),
    "did not come": (
        paid(B.CONFIRMED), PAID, DISPUTED,
        a_dispute(Dispute_.OPEN, Reason.NO_SHOW, offers=OFFER),
        says(Place.HELD, Why.NO_SHOW_CLAIMED, Actor.DEVELOPER, Expected.ANSWER_CASE,
             NOW + 2 * DAY, Automatic.REFUND, HALF),
    ),
    "a case without an answer": (
        paid(B.CONFIRMED), PAID, DISPUTED, a_dispute(Dispute_.OPEN),
        says(Place.HELD, Why.DISPUTED, Actor.DEVELOPER, Expected.ANSWER_CASE, NOW + 2 * DAY,
             Automatic.COLLECT_EVIDENCE),
    ),
    "a case that collects evidence": (
        paid(B.CONFIRMED), PAID, DISPUTED, a_dispute(Dispute_.EVIDENCE, evidence_until=LATER),
        says(Place.HELD, Why.DISPUTED, Actor.DEVELOPER, Expected.ADD_EVIDENCE, LATER,
             Automatic.AWAIT_DECISION),
    ),
    "a case that awaits a decision": (
        paid(B.CONFIRMED), PAID, DISPUTED, a_dispute(Dispute_.DECISION),
        says(Place.HELD, Why.DISPUTED, Actor.ADMIN, Expected.DECIDE, NOW + 60 * DAY,
             Automatic.REFUND, HALF),
    ),
    "declined": (
        paid(B.DECLINED), REFUNDING, a_job(J.CANCELLED), None,
        says(Place.REFUNDING, Why.DECLINED, Actor.PROVIDER, Expected.CONFIRM_REFUND,
             NOW + MINUTE, Automatic.ASK_PROVIDER),
    ),
    "cancelled, and the refund is requested": (
        paid(B.CANCELLED), SENT, a_job(J.CANCELLED), None,
        says(Place.REFUNDING, Why.CANCELLED, Actor.PROVIDER, Expected.CONFIRM_REFUND,
             NOW + MINUTE, Automatic.ASK_PROVIDER),
    ),
    "a refund was refused": (
        paid(B.CANCELLED), REFUSED, a_job(J.CANCELLED), None,
        says(Place.REFUNDING, Why.CANCELLED, Actor.DEADLINE, Expected.REFUND, NOW + HOUR,
             Automatic.REQUEST_REFUND),
    ),
    "a refund was refused too often": (
        paid(B.CANCELLED), STOPPED, a_job(J.CANCELLED), None,
        says(Place.REFUNDING, Why.CANCELLED, Actor.ADMIN, Expected.SOLVE_REFUND),
    ),
    "paid too late": (
        a_booking(B.EXPIRED), REFUNDED, None, None, says(Place.REFUNDED, Why.PAID_TOO_LATE),
    ),
    "settled": (
        paid(B.CANCELLED), REFUNDED, a_job(J.SETTLED), None, says(Place.REFUNDED, Why.SETTLED),
    ),
    "questioned by the bank": (
        paid(B.CONFIRMED), PAID.contest("cb_1", HALF), a_job(J.ACTIVE), None,
        says(Place.SET_ASIDE, Why.CHARGEBACK, Actor.PROVIDER, Expected.DECIDE_CHARGEBACK),
    ),
    "lost to the bank": (
        paid(B.CANCELLED), PAID.charge_back(PRICE), a_job(J.CANCELLED), None,
        says(Place.REFUNDED, Why.CHARGED_BACK),
    ),
    "approved": (
        paid(B.COMPLETED), PAID.release(), a_job(J.APPROVED), None,
        says(Place.RELEASED, Why.APPROVED),
    ),
    "cancelled without a refund": (
        paid(B.CANCELLED), PAID.release(), a_job(J.CANCELLED), None,
        says(Place.RELEASED, Why.CANCELLED),
    ),
}  # fmt: skip


def status_of(row: Row) -> MoneyStatus:
    booking, payment, job, dispute, _ = row
    return money_status(
        booking, payment, job, dispute, now=NOW, policy=POLICY, polling=PaymentPolicy()
    )


@pytest.mark.parametrize("name", EVERY)
def test_each_state_says_where_why_who_and_when(name: str) -> None:
    booking, payment, *_, (place, why, step) = EVERY[name]
    shares = Shares.known(booking, payment)
    assert status_of(EVERY[name]) == MoneyStatus(place, why, shares, step)


def test_the_developer_reads_when_released_money_is_ready() -> None:
    booking, payment, job, _, _ = EVERY["approved"]
    clears = Clearing("bkg_1", "dev_1", booking.earning, NOW, LATER)

    def step(clearing: Clearing) -> NextStep | None:
        found = money_status(
            booking, payment, job, None,
            now=NOW, policy=POLICY, polling=PaymentPolicy(), clearing=clearing,
        )  # fmt: skip
        return found.next

    assert step(clears) == NextStep(Actor.DEADLINE, Expected.CLEAR, LATER, Automatic.MAKE_READY)
    assert step(clears.clear()) is None


def test_the_table_has_every_state_that_there_is() -> None:
    said = [says for *_, says in EVERY.values()]
    steps = [step for _, _, step in said if step]
    assert {place for place, _, _ in said} == set(Place)
    assert {why for _, why, _ in said} == set(Why)
    assert {step.expected for step in steps} == set(Expected) - {Expected.CLEAR}
    assert {step.automatic for step in steps} - {None} == set(Automatic) - {Automatic.MAKE_READY}
    open_ones = {status for status in Dispute_ if status not in CLOSED}
    for every, found in (
        (set(B), {row[0].status for row in EVERY.values()}),
        (set(Status), {row[1].status for row in EVERY.values()}),
        (set(J), {row[2].status for row in EVERY.values() if row[2]}),
        (open_ones, {row[3].status for row in EVERY.values() if row[3]}),
    ):
        assert every == found


def test_polls_go_on_for_refunds_and_end_for_payments() -> None:
    policy = PaymentPolicy()
    last = policy.poll_after[-1]
    assert policy.next_poll_at(NOW, now=NOW + last) is None
    assert policy.next_poll_at(NOW, now=NOW + last, ends=False) == NOW + last + DAY
    assert policy.next_poll_at(NOW, now=NOW + 3 * MINUTE) == NOW + 10 * MINUTE
