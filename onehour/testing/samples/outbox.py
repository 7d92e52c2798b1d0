"""Outbox messages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from core.outbox import OutboxId, OutboxMessage, State
from core.policy import MINUTE
from onehour.testing.samples.sample import NOW, Sample


def a_message(number: int = 1, *, due: timedelta = -MINUTE, **changes: Any) -> OutboxMessage:
    message_id = OutboxId(f"bkg_{number:04d}:2:mail")
    return OutboxMessage(message_id, "mail", NOW + due, {"booking": "bkg_1"}, **changes)


def a_whole_message() -> OutboxMessage:
    return a_message(
        state=State.READY,
        attempts=3,
        lease="relay 1",
        lease_until=NOW + MINUTE,
        last_error="No answer.",
        trace="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    )


SAMPLES = (
    Sample(
        "effects",
        a_whole_message(),
        lambda repositories: repositories.outbox.add(a_whole_message()),
        lambda repositories: repositories.outbox.find(a_whole_message().id),
    ),
)
