"""Polling of a gateway that may not send a webhook (docs/rules.md, polling)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from core.outbox import OutboxMessage, message
from core.payments import Payment
from core.payments_messages import PollGateway
from core.payments_policy import PaymentPolicy
from core.policy import DAY


def first_poll(
    payment: Payment, *, since: datetime, policy: PaymentPolicy, name: str
) -> OutboxMessage:
    """The first poll of a series that starts at `since`; `name` identifies the series."""
    return _message(PollGateway(payment.id, 0, since, name), policy)


def next_poll(poll: PollGateway, *, policy: PaymentPolicy) -> OutboxMessage:
    """The poll after `poll`. After the last delay of the policy, one poll per day."""
    return _message(replace(poll, turn=poll.turn + 1), policy)


def _message(poll: PollGateway, policy: PaymentPolicy) -> OutboxMessage:
    beyond = max(0, poll.turn + 1 - len(policy.poll_after))
    due = poll.since + policy.poll_after[poll.turn - beyond] + beyond * DAY
    return message(poll, f"{poll.name}:{poll.turn}", due_at=due)
