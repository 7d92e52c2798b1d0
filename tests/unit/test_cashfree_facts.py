"""Each status of Cashfree has one meaning here, and an unknown one does no harm."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import pytest

from adapters.cashfree import facts
from core.money import Money
from core.payments_facts import AttemptStatus, OrderStatus, RefundStatus
from ports.payments import GatewayUnavailable

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)


def payment(**said: object) -> dict[str, object]:
    usual: dict[str, object] = {
        "cf_payment_id": "55",
        "payment_status": "SUCCESS",
        "payment_amount": 4800,
        "payment_currency": "INR",
        "payment_group": "upi",
        "payment_time": "2026-01-02T10:02:01+05:30",
    }
    return usual | said


def refund(**said: object) -> dict[str, object]:
    usual: dict[str, object] = {
        "cf_refund_id": "7",
        "cf_payment_id": "55",
        "refund_id": "rfd1",
        "refund_amount": 4800,
        "refund_currency": "INR",
        "refund_status": "SUCCESS",
        "refund_type": "MERCHANT_INITIATED",
    }
    return usual | said


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("ACTIVE", OrderStatus.OPEN),
        ("PAID", OrderStatus.PAID),
        ("EXPIRED", OrderStatus.EXPIRED),
        ("TERMINATION_REQUESTED", OrderStatus.CLOSING),
        ("TERMINATED", OrderStatus.CLOSED),
        ("SOMETHING_NEW", OrderStatus.OPEN),
    ],
)
def test_what_an_order_is(word: str, status: OrderStatus) -> None:
    assert facts.order_status({"order_status": word}) is status


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("SUCCESS", AttemptStatus.SUCCESS),
        ("NOT_ATTEMPTED", AttemptStatus.PENDING),
        ("PENDING", AttemptStatus.PENDING),
        ("FAILED", AttemptStatus.FAILED),
        ("USER_DROPPED", AttemptStatus.DROPPED),
        ("FLAGGED", AttemptStatus.FLAGGED),
        ("CANCELLED", AttemptStatus.FAILED),
        ("VOID", AttemptStatus.FAILED),
        ("SOMETHING_NEW", AttemptStatus.FLAGGED),
    ],
)
def test_what_an_attempt_is(word: str, status: AttemptStatus) -> None:
    assert facts.attempt(payment(payment_status=word), now=NOW).status is status


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("PENDING", RefundStatus.SENT),
        ("ONHOLD", RefundStatus.SENT),
        ("PENDING_APPROVAL", RefundStatus.SENT),
        ("SUCCESS", RefundStatus.SUCCEEDED),
        ("CANCELLED", RefundStatus.FAILED),
        ("FAILED", RefundStatus.FAILED),
        ("REJECTED", RefundStatus.FAILED),
        ("SOMETHING_NEW", RefundStatus.SENT),
    ],
)
def test_what_a_refund_is(word: str, status: RefundStatus) -> None:
    assert facts.refund(refund(refund_status=word)).status is status


def test_an_unknown_word_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        facts.attempt(payment(payment_status="SOMETHING_NEW"), now=NOW)

    assert "SOMETHING_NEW" in caplog.text


def test_an_attempt_is_read_exactly() -> None:
    attempt = facts.attempt(payment(cf_payment_id=55), now=NOW)

    assert (attempt.id, attempt.amount, attempt.method) == ("55", Money(480_000), "upi")
    assert attempt.at == datetime(2026, 1, 2, 4, 32, 1, tzinfo=UTC)


@pytest.mark.parametrize("kind", ["PAYMENT_AUTO_REFUND", "UNRECONCILED_AUTO_REFUND"])
def test_a_refund_that_cashfree_made_by_itself_is_not_ours(kind: str) -> None:
    fact = facts.refund(refund(refund_type=kind))

    assert (fact.ours, fact.attempt_id) == ("", "55")


@pytest.mark.parametrize("amount", [None, "", "much", 4800.005, True, {}])
def test_without_a_sound_amount_there_is_no_fact(amount: object) -> None:
    with pytest.raises(GatewayUnavailable):
        facts.attempt(payment(payment_amount=amount), now=NOW)


def test_without_an_id_there_is_no_fact() -> None:
    with pytest.raises(GatewayUnavailable):
        facts.attempt(payment(cf_payment_id=None), now=NOW)


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("2026-01-02T10:00:00+05:30", datetime(2026, 1, 2, 4, 30, tzinfo=UTC)),
        ("2026-01-02T10:00:00Z", datetime(2026, 1, 2, 10, tzinfo=UTC)),
        ("2026-01-02 10:00:00", datetime(2026, 1, 2, 4, 30, tzinfo=UTC)),
        ("soon", None),
        (None, None),
    ],
)
def test_times_are_read_as_indian_unless_they_say_otherwise(
    said: object, moment: datetime | None
) -> None:
    assert facts.moment(said) == moment
