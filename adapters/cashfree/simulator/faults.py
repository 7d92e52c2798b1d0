"""Bad days of a provider, asked for in advance: the next calls of the API meet them."""

from __future__ import annotations

from adapters.cashfree.simulator.database import Transaction
from adapters.cashfree.simulator.errors import ApiError

LOST = "lost"
"""The work is done and its answer replaced by an error, as when a connection breaks."""

ANSWERS = {
    "busy": (429, "request_failed", "rate_limit_error"),
    "error": (500, "internal_error", "api_error"),
    "bank": (502, "bank_processing_failure", "api_error"),
    LOST: (500, "internal_error", "api_error"),
}


def order(transaction: Transaction, kind: str, times: int) -> None:
    """The next `times` calls meet this fault."""
    transaction.run("INSERT INTO faults (kind, times) VALUES (?, ?)", kind, times)


def waiting(transaction: Transaction) -> bool:
    return transaction.one("SELECT 1 FROM faults WHERE times > 0") is not None


def take(transaction: Transaction) -> str | None:
    """The fault this call meets, if any; each is met as often as was ordered."""
    row = transaction.one(
        "UPDATE faults SET times = times - 1 WHERE id ="
        " (SELECT min(id) FROM faults WHERE times > 0) RETURNING kind"
    )
    return None if row is None else str(row["kind"])


def answer(kind: str) -> ApiError:
    status, code, family = ANSWERS[kind]
    return ApiError(status, code, f"simulated fault: {kind}", family)
