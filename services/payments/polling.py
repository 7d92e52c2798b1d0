"""The chain of questions to a gateway that may stay silent (rules: polling)."""

from __future__ import annotations

from datetime import datetime

from core.outbox import OutboxMessage, message
from core.payments import Payment
from core.policy import DAY, Policy


def poll(
    payment: Payment, *, since: datetime, turn: int, policy: Policy, name: str
) -> OutboxMessage:
    """The question number `turn`, counted from 0; `name` tells one chain from another.

    Where the policy's list ends, the questions go on once a day.
    """
    beyond = max(0, turn + 1 - len(policy.poll_after))
    return message(
        "payments.poll",
        f"{name}:{turn}",
        due_at=since + policy.poll_after[turn - beyond] + beyond * DAY,
        payment=payment.id,
        turn=str(turn),
        since=since.isoformat(),
        name=name,
    )
