"""What the entities mean: every documented status, and what is not documented."""

from __future__ import annotations

from typing import Any

import pytest
from onehour_razorpay import facts

from onehour.api import AttemptStatus, GatewayUnavailable, Money, OrderStatus, RefundStatus

PAYMENT = {
    "id": "pay_1",
    "amount": 480_000,
    "currency": "INR",
    "status": "captured",
    "captured": True,
    "method": "upi",
    "created_at": 1_772_445_600,
}
REFUND = {"id": "rfnd_1", "amount": 100, "currency": "INR", "status": "pending", "receipt": "rfd1"}


def statuses(*payments: dict[str, Any]) -> list[AttemptStatus]:
    return [each.status for each in facts.attempts([PAYMENT | payment for payment in payments])]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ({"status": "created", "captured": False}, AttemptStatus.PENDING),
        ({"status": "authorized", "captured": False}, AttemptStatus.PENDING),
        ({"status": "captured"}, AttemptStatus.SUCCESS),
        ({"status": "refunded"}, AttemptStatus.SUCCESS),
        ({"status": "failed", "captured": False}, AttemptStatus.FAILED),
        (
            {"status": "failed", "captured": False, "error_reason": "payment_cancelled"},
            AttemptStatus.DROPPED,
        ),
    ],
)
def test_each_status_of_a_payment(said: dict[str, Any], meant: AttemptStatus) -> None:
    assert statuses(said) == [meant]


def test_a_payment_that_was_refunded_without_a_capture_is_no_success() -> None:
    returned = {"status": "refunded", "captured": False}

    assert statuses(returned) == [AttemptStatus.FAILED]


def test_beside_one_that_was_captured_it_is_the_second_success() -> None:
    first, second = {"id": "pay_0"}, {"status": "refunded", "captured": False}

    assert statuses(first, second) == [AttemptStatus.SUCCESS, AttemptStatus.SUCCESS]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("created", OrderStatus.OPEN),
        ("partially_paid", OrderStatus.OPEN),
        ("paid", OrderStatus.PAID),
        ("expired", OrderStatus.EXPIRED),
        ("cancelled", OrderStatus.CLOSED),
    ],
)
def test_each_status_of_a_link(said: str, meant: OrderStatus) -> None:
    assert facts.order_status({"status": said}, ()) is meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("pending", RefundStatus.SENT),
        ("processed", RefundStatus.SUCCEEDED),
        ("failed", RefundStatus.FAILED),
    ],
)
def test_each_status_of_a_refund(said: str, meant: RefundStatus) -> None:
    assert facts.refund(REFUND | {"status": said}, PAYMENT).status is meant


def test_unknown_statuses_are_reported_and_move_no_money(caplog: pytest.LogCaptureFixture) -> None:
    new = {"status": "teleported"}

    attempt = statuses(new | {"captured": False})
    order = facts.order_status(new, ())
    refund = facts.refund(REFUND | new, PAYMENT).status

    assert (attempt, order, refund) == (
        [AttemptStatus.FLAGGED],
        OrderStatus.OPEN,
        RefundStatus.SENT,
    )
    assert [record.getMessage() for record in caplog.records] == [
        f"Razorpay sent the unknown status 'teleported' of a {what}"
        for what in ("payment", "payment link", "refund")
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": None},
        {"amount": "480000"},
        {"amount": 4800.0},
        {"amount": True},
        {"amount": -1},
        {"currency": None},
        {"id": None},
        {"created_at": "now"},
        {"created_at": 10**15},
    ],
)
def test_a_malformed_payment_is_not_used(wrong: dict[str, Any]) -> None:
    with pytest.raises(GatewayUnavailable):
        statuses(wrong)


def test_a_refund_of_the_dashboard_is_reported_and_not_ours(
    caplog: pytest.LogCaptureFixture,
) -> None:
    made = facts.refund(REFUND | {"receipt": None}, PAYMENT)

    assert (made.ours, made.attempt_id, made.amount) == ("", "pay_1", Money(100))
    assert "refund rfnd_1 was not made by this site" in caplog.text
