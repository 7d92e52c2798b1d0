"""The chain of questions to a gateway that may not send a webhook (rules: polling)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from core.outbox import OutboxMessage, message
from core.payments import Payment, PollGateway
from core.payments_policy import PaymentPolicy
from core.policy import DAY


def first_poll(
    payment: Payment, *, since: datetime, policy: PaymentPolicy, name: str
) -> OutboxMessage:
    """The first question of a chain that starts at `since`; `name` makes the chain unique."""
    return _message(PollGateway(payment.id, 0, since, name), policy)


def next_poll(asked: PollGateway, *, policy: PaymentPolicy) -> OutboxMessage:
    """The question after `asked`. Where the policy's list ends, one question a day follows."""
    return _message(replace(asked, turn=asked.turn + 1), policy)


def _message(poll: PollGateway, policy: PaymentPolicy) -> OutboxMessage:
    beyond = max(0, poll.turn + 1 - len(policy.poll_after))
    due = poll.since + policy.poll_after[poll.turn - beyond] + beyond * DAY
    return message(poll, f"{poll.name}:{poll.turn}", due_at=due)
