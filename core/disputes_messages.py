"""The deadlines of disputes, as outbox messages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from core.disputes import Dispute, DisputeId, Status
from core.disputes_policy import DisputePolicy
from core.outbox import OutboxMessage, Payload, message


class Stage(StrEnum):
    """What ends, or who is reminded. The values are stored."""

    CONTEST = "contest"
    REMIND = "remind"
    ANSWER = "answer"
    EVIDENCE = "evidence"
    WARN = "warn"
    END = "end"


@dataclass(frozen=True, slots=True)
class DisputeDeadline(Payload):
    """A deadline of a dispute: without effect if the dispute has moved on."""

    kind: ClassVar[str] = "disputes.deadline"
    dispute: DisputeId
    stage: Stage


def deadline(dispute: Dispute, stage: Stage, due: datetime) -> OutboxMessage:
    """The message of one deadline; the same deadline at another time is another message."""
    key = f"{dispute.id}:{stage}:{due:%Y%m%d%H%M%S}"
    return message(DisputeDeadline(dispute.id, stage), key, due_at=due)


def opening_deadlines(dispute: Dispute, policy: DisputePolicy) -> Iterator[OutboxMessage]:
    """The deadlines of a new dispute, or of a proposed cancellation."""
    if dispute.status is Status.PROPOSED:
        yield deadline(dispute, Stage.CONTEST, dispute.answer_by)
        return
    reminder = dispute.opened_at + policy.dispute_reminder
    if dispute.stands_unanswered:
        reminder = dispute.opened_at + (dispute.answer_by - dispute.opened_at) / 2
    yield deadline(dispute, Stage.REMIND, reminder)
    yield deadline(dispute, Stage.ANSWER, dispute.answer_by)
    yield from ending_deadlines(dispute, policy)


def ending_deadlines(dispute: Dispute, policy: DisputePolicy) -> Iterator[OutboxMessage]:
    """The end of a dispute, and the report to operators before it."""
    yield deadline(dispute, Stage.WARN, dispute.ends_at - policy.dispute_decision_warning)
    yield deadline(dispute, Stage.END, dispute.ends_at)
