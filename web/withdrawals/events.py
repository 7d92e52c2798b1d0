"""Live events of withdrawals."""

from __future__ import annotations

from typing_extensions import TypedDict

from core.withdrawals import Status
from web.shared.live_events import LiveEvent


class WithdrawalUpdated(TypedDict):
    """`withdrawal` is its id."""

    withdrawal: str
    status: Status


WITHDRAWAL_UPDATED = LiveEvent(
    name="withdrawal:updated",
    data=WithdrawalUpdated,
    summary="A withdrawal has another state: for its developer.",
)
