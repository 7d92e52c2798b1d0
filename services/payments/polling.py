"""Polling of a gateway that may not send a webhook (docs/rules.md, polling).

A series of polls has one outbox message at a time: each poll enqueues the next one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import count

from core.outbox import OutboxId, OutboxMessage, message, message_id
from core.payments import Payment
from core.payments_messages import PollGateway
from core.payments_policy import PaymentPolicy
from core.policy import MINUTE


def first_poll(payment: Payment, *, since: datetime, policy: PaymentPolicy) -> OutboxMessage:
    """The first poll of a checkout that is opened at `since`."""
    return poll_message(PollGateway(payment.id, 0, since, payment.id), policy)


def late_poll(payment: Payment, *, since: datetime, policy: PaymentPolicy) -> OutboxMessage:
    """As `first_poll`, for a checkout that was opened late; `polls_of` names the replaced polls."""
    return poll_message(PollGateway(payment.id, 0, since, f"{payment.id}:late"), policy)


def polls_of(payment: Payment, *, policy: PaymentPolicy) -> tuple[OutboxId, ...]:
    """The ids of all polls that `first_poll` begins."""
    turns = range(len(policy.poll_after))
    return tuple(message_id(PollGateway, f"{payment.id}:{turn}") for turn in turns)


def refund_poll(
    payment: Payment, *, refund: str, since: datetime, policy: PaymentPolicy
) -> OutboxMessage:
    """The first poll of a refund that is requested at `since`: a minute later."""
    turn = next((n for n, after in enumerate(policy.poll_after) if after >= MINUTE), 0)
    return poll_message(PollGateway(payment.id, turn, since, refund), policy)


def next_poll(
    poll: PollGateway, payment: Payment, *, now: datetime, policy: PaymentPolicy
) -> PollGateway:
    """The poll after `poll`: the next that is not over, so that relays that were stopped ask once
    and not for each poll they have missed. Polls before the first minute are only for an open
    checkout."""
    return next(
        replace(poll, turn=turn)
        for turn in count(poll.turn + 1)
        if policy.poll_at(poll.since, turn) > now and (payment.open or not policy.is_early(turn))
    )


def poll_message(poll: PollGateway, policy: PaymentPolicy) -> OutboxMessage:
    return message(poll, f"{poll.name}:{poll.turn}", due_at=policy.poll_at(poll.since, poll.turn))
