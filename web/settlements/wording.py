"""States and lines of settlements in words, for administrators."""

from __future__ import annotations

from collections.abc import Mapping

from core.settlements import LineKind, Status
from web.shared.sides import Badge

BADGES: Mapping[Status, Badge] = {
    Status.PENDING: Badge("hourglass", "Under way", "wait"),
    Status.PAID: Badge("circle-check", "Paid to our bank", "go"),
    Status.FAILED: Badge("x", "Failed", "stop"),
    Status.REVERSED: Badge("undo-2", "Reversed", "stop"),
    Status.UNKNOWN: Badge("circle-alert", "Unknown", "stop"),
}
LINES: Mapping[LineKind, str] = {
    LineKind.PAYMENT: "Payment",
    LineKind.REFUND: "Refund",
    LineKind.REFUND_REVERSAL: "Refund that came back",
    LineKind.CHARGEBACK: "Chargeback",
    LineKind.CHARGEBACK_REVERSAL: "Chargeback that came back",
    LineKind.ADJUSTMENT: "Adjustment",
    LineKind.UNKNOWN: "Unknown",
}
