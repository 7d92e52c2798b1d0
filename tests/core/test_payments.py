"""Facts of a provider in any order lead to one state; a refund keeps its id."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import permutations
from math import ceil

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.errors import Invalid
from core.money import Money
from core.payments import (
    NEXT,
    IllegalTransition,
    NotRefundable,
    NotStopped,
    Payment,
    PaymentId,
    Refund,
    RefundId,
    RefundTooLarge,
    Status,
    UnderChargeback,
)
from core.payments_facts import (
    RANK,
    Attempt,
    AttemptStatus,
    OrderFacts,
    OrderId,
    OrderStatus,
    RefundFact,
    RefundStatus,
)
from core.payments_policy import PaymentPolicy
from core.policy import DAY, HOUR, MINUTE
from tests.core.test_bookings import NOW

PRICE = Money(480_000)
POLICY = PaymentPolicy()
LATER = NOW + HOUR
ORDER = OrderId("ord_1")


def a_payment(status: Status = Status.PENDING, **special: object) -> Payment:
    usual = Payment(
        id=PaymentId("pay_1"),
        booking_id="bkg_1",
        client_id="cli_1",
        developer_id="dev_1",
        amount=PRICE,
        provider="memory",
        order_id=ORDER,
        order_expires_at=NOW + 16 * MINUTE,
        created_at=NOW,
        status=status,
    )
    return replace(usual, **special)  # type: ignore[arg-type]


def an_attempt(
    name: str, status: AttemptStatus = AttemptStatus.SUCCESS, amount: Money = PRICE, after: int = 0
) -> Attempt:
    return Attempt(name, status, amount, NOW + timedelta(seconds=after))


def facts_of(
    *attempts: Attempt, status: OrderStatus = OrderStatus.PAID, amount: Money = PRICE
) -> OrderFacts:
    return OrderFacts(ORDER, status, amount, attempts)


def a_refund_fact(refund: Refund, status: RefundStatus) -> RefundFact:
    return RefundFact("theirs", refund.id, "a", refund.amount, status)


STEPS: dict[str, tuple[Callable[[Payment], Payment], set[Status], Status]] = {
    "pay": (lambda p: p.pay(an_attempt("a")), {Status.PENDING, Status.EXPIRED}, Status.PAID),
    "expire": (lambda p: p.expire(), {Status.PENDING}, Status.EXPIRED),
    "release": (lambda p: p.release(), {Status.PAID}, Status.RECEIVED),
    "refund": (
        lambda p: p.refund(PRICE, reason="Declined", at=NOW),
        {Status.PENDING, Status.EXPIRED, Status.PAID},
        Status.REFUNDING,
    ),
}
BY_DECISION = {(Status.RECEIVED, Status.REFUNDING), (Status.REFUNDED, Status.REFUNDING)}
"""What an administrator who refunds can do besides, with `decide_refund`."""
BY_NEWS = {
    (Status.REFUNDING, Status.REFUNDED),
    (Status.PAID, Status.REFUNDED),
    (Status.RECEIVED, Status.REFUNDED),
    (Status.REFUNDED, Status.RECEIVED),
}
"""What the provider's news of refunds and chargebacks can do."""


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("name", STEPS)
def test_every_step_from_every_state_is_allowed_or_refused(name: str, status: Status) -> None:
    step, allowed, then = STEPS[name]
    payment = a_payment(status)
    if status in allowed:
        assert step(payment).status is then
    else:
        with pytest.raises(IllegalTransition):
            step(payment)


def test_the_steps_and_the_table_agree() -> None:
    taken = {(before, then) for _, allowed, then in STEPS.values() for before in allowed}
    assert taken | BY_NEWS | BY_DECISION == {
        (before, then) for before in NEXT for then in NEXT[before]
    }
    assert set(NEXT) == set(Status)


@pytest.mark.parametrize("statuses", [tuple(AttemptStatus)[:4], tuple(AttemptStatus)])
def test_facts_about_one_attempt_in_any_order_end_in_the_highest_state(
    statuses: tuple[AttemptStatus, ...],
) -> None:
    highest = max(RANK[status] for status in statuses)
    for order in permutations(statuses):
        payment = a_payment()
        for status in order:
            payment = payment.merge(facts_of(an_attempt("a", status)))
        assert RANK[payment.attempts[0].status] == highest, order


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from(["pending", "flagged", "success"])),
        max_size=8,
    ),
    st.randoms(use_true_random=False),
)
def test_facts_about_many_attempts_end_in_the_same_state_in_any_order(
    news: list[tuple[str, str]], chance: object
) -> None:
    facts = [facts_of(an_attempt(name, AttemptStatus(status))) for name, status in news]
    shuffled = list(facts)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    one, other = a_payment(), a_payment()
    for fact in facts:
        one = one.merge(fact)
    for fact in [*shuffled, *shuffled]:
        other = other.merge(fact)
    assert one == other


def test_an_attempt_that_has_succeeded_stays_so() -> None:
    paid = a_payment().merge(facts_of(an_attempt("a")))
    for status in AttemptStatus:
        assert paid.merge(facts_of(an_attempt("a", status))) == paid
    assert paid.merge(facts_of()) == paid


def test_the_first_success_pays_and_the_others_are_extra() -> None:
    facts = facts_of(an_attempt("b", after=5), an_attempt("a", after=9))
    payment = a_payment().merge(facts)
    first = payment.first_success(facts)
    assert first and first.id == "b"
    assert [extra.id for extra in payment.pay(first).extra_payments] == ["a"]
    assert payment.pay(first).first_success(facts) is None


def test_money_the_provider_has_sent_back_by_itself_pays_nothing() -> None:
    facts = replace(
        facts_of(an_attempt("a"), an_attempt("b", after=1)),
        refunds=(RefundFact("r", "", "a", PRICE, RefundStatus.SUCCEEDED),),
    )
    first = a_payment().merge(facts).first_success(facts)
    assert first and first.id == "b"


@pytest.mark.parametrize("status", sorted(set(OrderStatus) - {OrderStatus.PAID}))
def test_a_success_counts_only_when_the_order_is_called_paid(status: OrderStatus) -> None:
    facts = facts_of(an_attempt("a"), status=status)
    assert a_payment().merge(facts).first_success(facts) is None


@pytest.mark.parametrize(
    "facts",
    [
        facts_of(an_attempt("a"), amount=Money(100)),
        facts_of(an_attempt("a", amount=PRICE - Money(1))),
        facts_of(an_attempt("a", amount=Money(480_000, "USD"))),
        facts_of(an_attempt("a"), amount=Money(480_000, "USD")),
    ],
)
def test_another_amount_stops_everything_for_good(facts: OrderFacts) -> None:
    payment = a_payment().merge(facts)
    right = facts_of(an_attempt("b"))
    assert payment.mismatch
    assert payment.first_success(facts) is None
    assert payment.merge(right).first_success(right) is None


def test_a_failed_attempt_over_another_amount_is_no_mismatch() -> None:
    assert not a_payment().merge(facts_of(an_attempt("a", AttemptStatus.FAILED, Money(1)))).mismatch


@pytest.mark.parametrize("status", AttemptStatus)
def test_an_attempt_is_under_way_until_it_has_ended(status: AttemptStatus) -> None:
    payment = a_payment(attempts=(an_attempt("a", status),))
    assert payment.has_open_attempt == (status in {"pending", "flagged"})


def test_a_refund_is_named_after_the_payment_and_its_number() -> None:
    owing = a_payment(Status.PAID).refund(PRICE, reason="Declined", at=NOW)
    assert owing.refunds == (Refund(RefundId("rfdpay1n0"), PRICE, "Declined", due_at=NOW),)
    assert owing.refunds_due == owing.refunds
    assert owing.refunds[0].id.isalnum()


def test_a_refund_that_succeeds_ends_the_payment_once() -> None:
    owing = a_payment(Status.PAID).refund(Money(240_000), reason="Cancelled", at=NOW)
    sent = owing.merge_refunds(
        [a_refund_fact(owing.refunds[0], RefundStatus.SENT)], now=NOW, policy=POLICY
    )
    back = sent.merge_refunds(
        [a_refund_fact(owing.refunds[0], RefundStatus.SUCCEEDED)], now=NOW, policy=POLICY
    )
    again = back.merge_refunds(
        [a_refund_fact(owing.refunds[0], RefundStatus.FAILED)], now=NOW, policy=POLICY
    )
    assert (sent.status, sent.refunds_due) == (Status.REFUNDING, ())
    assert (back.status, back.refunded) == (Status.REFUNDED, Money(240_000))
    assert again == back


def test_a_refused_refund_is_requested_again_under_a_new_id() -> None:
    owing = a_payment(Status.PAID).refund(PRICE, reason="Declined", at=NOW)
    refused = [a_refund_fact(owing.refunds[0], RefundStatus.FAILED)]
    again = owing.merge_refunds(refused, now=NOW, policy=POLICY).merge_refunds(
        refused, now=NOW, policy=POLICY
    )
    assert [(r.id, r.status) for r in again.refunds] == [
        ("rfdpay1n0", RefundStatus.FAILED),
        ("rfdpay1n1", RefundStatus.DUE),
    ]
    done = again.merge_refunds(
        [a_refund_fact(again.refunds[1], RefundStatus.SUCCEEDED)], now=NOW, policy=POLICY
    )
    assert (done.status, done.refunded) == (Status.REFUNDED, PRICE)


def refused(payment: Payment, now: datetime = NOW) -> Payment:
    """The newest refund is refused finally."""
    fact = a_refund_fact(payment.refunds[-1], RefundStatus.FAILED)
    return payment.merge_refunds([fact], now=now, policy=POLICY)


def test_a_refund_is_requested_as_often_as_the_policy_says_and_then_waits_for_somebody() -> None:
    payment = a_payment(Status.PAID).refund(PRICE, reason="Declined", at=NOW)
    dues = []
    for _ in range(POLICY.refund_requests - 1):
        payment = refused(payment)
        dues.append(payment.refunds[-1].due_at)
    stopped = refused(payment, LATER)

    assert dues == [NOW + HOUR, NOW + 6 * HOUR, NOW + DAY]
    assert [r.attempt for r in stopped.refunds] == [1, 2, 3, 4]
    last = stopped.refunds[-1]
    assert (last.status, last.stopped_at) == (RefundStatus.STOPPED, LATER)
    assert (stopped.status, stopped.refunds_due) == (Status.REFUNDING, ())
    assert stopped.left == PRICE - PRICE
    assert refused(stopped) == stopped

    late = [a_refund_fact(last, RefundStatus.SUCCEEDED)]
    assert stopped.merge_refunds(late, now=NOW, policy=POLICY).status is Status.REFUNDED


def test_more_requests_wait_as_long_as_the_last_but_one() -> None:
    policy = PaymentPolicy(refund_requests=6)
    waits = [policy.refund_again_at(attempt, now=NOW) for attempt in range(1, 7)]
    assert waits == [NOW + HOUR, NOW + 6 * HOUR, *[NOW + DAY] * 3, None]


def test_only_a_refund_that_waits_is_solved_and_never_while_the_bank_may_pay_it() -> None:
    due = a_payment(Status.PAID).refund(PRICE, reason="Declined", at=NOW)
    stopped = due
    for _ in range(4):
        stopped = refused(stopped)
    last = stopped.refunds[-1].id

    for payment, error in (
        (due, NotStopped),
        (replace(stopped, contested=("cb",)), UnderChargeback),
    ):
        with pytest.raises(error):
            payment.retry_refund(payment.refunds[-1].id, now=NOW)
        with pytest.raises(error):
            payment.pay_otherwise(payment.refunds[-1].id, reference="1", note="So.")
    paid = stopped.pay_otherwise(last, reference="UTR1", note="So.")
    assert (paid.status, paid.refunded, paid.refunds[-1].reference) == (
        Status.REFUNDED, PRICE, "UTR1",
    )  # fmt: skip
    with pytest.raises(NotStopped):
        paid.retry_refund(last, now=NOW)


@given(st.lists(st.sampled_from(["sent", "succeeded", "failed", "retry", "otherwise"])))
def test_a_new_id_follows_a_final_no_only_and_nobody_is_paid_twice(events: list[str]) -> None:
    """What the provider says about the newest refund, and what an administrator does, in any
    order: there is always exactly one refund that is owed, or that the client has."""
    payment = a_payment(Status.PAID).refund(PRICE, reason="Declined", at=NOW)
    asked, refusals = 1, 0
    for event in events:
        last = payment.refunds[-1]
        was_stopped = last.status is RefundStatus.STOPPED
        try:
            if event == "retry":
                after = payment.retry_refund(last.id, now=NOW)
                asked += 1
            elif event == "otherwise":
                after = payment.pay_otherwise(last.id, reference="1", note="So.")
            else:
                fact = a_refund_fact(last, RefundStatus(event))
                after = payment.merge_refunds([fact], now=NOW, policy=POLICY)
        except NotStopped:
            assert not was_stopped
            continue
        if len(after.refunds) > len(payment.refunds):
            assert event in ("failed", "retry")
            refusals += 1
        payment = after

        current = [r for r in payment.refunds if r.status is not RefundStatus.FAILED]
        assert [r.amount for r in current] == [PRICE]
        assert payment.returning == PRICE
        assert (payment.status is Status.REFUNDED) == (payment.refunded == PRICE)
        assert len(payment.refunds) <= asked * POLICY.refund_requests
        assert len({r.id for r in payment.refunds}) == len(payment.refunds) == refusals + 1


def test_refunds_that_are_not_ours_change_nothing() -> None:
    owing = a_payment(Status.PAID).refund(PRICE, reason="Declined", at=NOW)
    foreign = RefundFact("r", "", "b", PRICE, RefundStatus.SUCCEEDED)
    assert owing.merge_refunds([foreign], now=NOW, policy=POLICY) == owing


@pytest.mark.parametrize("status", [Status.PENDING, Status.EXPIRED])
def test_unexpected_money_is_recorded_and_refunded_in_full(status: Status) -> None:
    unwanted = a_payment(status).refund_unwanted(an_attempt("a"), reason="Too late", at=NOW)
    assert (unwanted.status, unwanted.captured) == (Status.REFUNDING, "a")
    assert [refund.amount for refund in unwanted.refunds] == [PRICE]


@given(
    paid=st.integers(1, 10**9),
    parts=st.lists(st.tuples(st.fractions(0, 1), st.booleans()), max_size=12),
)
@example(paid=3, parts=[(Fraction(1, 3), True)] * 4)
@example(paid=100, parts=[(Fraction(1), False), (Fraction(1), True)])
def test_many_partial_refunds_never_pass_what_was_paid(
    paid: int, parts: list[tuple[Fraction, bool]]
) -> None:
    """Each refunds a part of what was paid, rounded up, and is confirmed at once or after the
    provider has refused it once."""
    payment = a_payment(Status.PAID, amount=Money(paid), captured="a1")
    returned = 0
    for part, refused in parts:
        wanted = Money(ceil(paid * part))
        if not 0 < wanted.amount <= payment.refundable.amount:
            with pytest.raises((Invalid, NotRefundable)):
                payment.decide_refund(wanted, note="", at=NOW)
            with pytest.raises(RefundTooLarge):
                replace(payment, status=Status.PAID).refund(wanted, reason="", at=NOW)
            continue
        payment = payment.decide_refund(wanted, note="", at=NOW)
        for status in (RefundStatus.FAILED,) * refused + (RefundStatus.SUCCEEDED,):
            last = payment.refunds[-1]
            fact = RefundFact("r", last.id, "a1", last.amount, status)
            payment = payment.merge_refunds([fact], now=NOW, policy=POLICY)
        returned += wanted.amount

        assert payment.refunded == Money(returned)
        assert payment.refundable == Money(paid - returned)
    assert returned <= paid
    assert len({refund.id for refund in payment.refunds}) == len(payment.refunds)
