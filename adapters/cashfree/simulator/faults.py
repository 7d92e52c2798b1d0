"""Simulated faults of the API, set in advance for the next calls."""

from __future__ import annotations

from adapters.cashfree.simulator.database import Transaction
from adapters.cashfree.simulator.errors import ApiError

LOST = "lost"
"""The call takes effect and its response is replaced by an error, like a lost connection."""

ANSWERS = {
    "busy": (429, "request_failed", "rate_limit_error"),
    "error": (500, "internal_error", "api_error"),
    "bank": (502, "bank_processing_failure", "api_error"),
    LOST: (500, "internal_error", "api_error"),
}


def add(transaction: Transaction, kind: str, times: int) -> None:
    """Let the next `times` calls fail in this way."""
    transaction.run("INSERT INTO faults (kind, times) VALUES (?, ?)", kind, times)


def pending(transaction: Transaction) -> bool:
    return transaction.one("SELECT 1 FROM faults WHERE times > 0") is not None


def take(transaction: Transaction) -> str | None:
    """The fault for this call, if there is one; it is counted down."""
    row = transaction.one(
        "UPDATE faults SET times = times - 1 WHERE id ="
        " (SELECT min(id) FROM faults WHERE times > 0) RETURNING kind"
    )
    return None if row is None else str(row["kind"])


def answer(kind: str) -> ApiError:
    status, code, family = ANSWERS[kind]
    return ApiError(status, code, f"simulated fault: {kind}", family)
