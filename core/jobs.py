"""The engagement made when the money arrives: accepted, delivered, changed, approved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, NewType, Self

from core.bookings import Party
from core.errors import Conflict, Invalid
from core.outbox import Payload
from core.policy import Terms
from core.timeline import NextEvent

JobId = NewType("JobId", str)


class Status(StrEnum):
    OPEN = "open"
    ACTIVE = "active"
    DELIVERED = "delivered"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    DISPUTED = "disputed"
    SETTLED = "settled"
    CANCELLED = "cancelled"


class JobStep(StrEnum):
    """The timeline entries of the work."""

    DELIVERED = "delivered"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    NOT_DELIVERED = "not_delivered"


NEXT: dict[Status, frozenset[Status]] = {
    Status.OPEN: frozenset({Status.ACTIVE, Status.CANCELLED}),
    Status.ACTIVE: frozenset({Status.DELIVERED, Status.CANCELLED}),
    Status.DELIVERED: frozenset({Status.CHANGES_REQUESTED, Status.APPROVED, Status.DISPUTED}),
    Status.CHANGES_REQUESTED: frozenset({Status.DELIVERED, Status.DISPUTED, Status.CANCELLED}),
    Status.DISPUTED: frozenset({Status.SETTLED}),
    Status.APPROVED: frozenset(),
    Status.SETTLED: frozenset(),
    Status.CANCELLED: frozenset(),
}


class IllegalTransition(Conflict):
    """The work has moved on in the meantime. Look at where it stands now."""

    code = "job_moved_on"


class NoRevisionsLeft(Conflict):
    """All included rounds of changes are used."""

    code = "no_rounds_left"


@dataclass(frozen=True, slots=True)
class Job:
    """The work of one booking. `approve_by` runs while a delivery waits for the client."""

    id: JobId
    booking_id: str
    client: Party
    developer: Party
    terms: Terms
    created_at: datetime
    deliver_by: datetime
    revisions_allowed: int
    status: Status = Status.OPEN
    deliveries: int = 0
    revisions_used: int = 0
    approve_by: datetime | None = None
    version: int = 0

    def activate(self) -> Self:
        return self._step(Status.ACTIVE)

    def deliver(self, *, now: datetime) -> Self:
        """A new numbered version of the work; the client's 72 hours begin."""
        return replace(
            self._step(Status.DELIVERED),
            deliveries=self.deliveries + 1,
            approve_by=now + self.terms.approve_within,
        )

    def request_changes(self, *, now: datetime) -> Self:
        """One included round of changes; the time to deliver begins anew."""
        if self.status is Status.DELIVERED and self.revisions_used >= self.revisions_allowed:
            raise NoRevisionsLeft(
                f"All {self.revisions_allowed} included rounds of changes are used. "
                "Approve the work, or tell us that something is wrong."
            )
        return replace(
            self._step(Status.CHANGES_REQUESTED),
            revisions_used=self.revisions_used + 1,
            approve_by=None,
            deliver_by=max(self.deliver_by, now + self.terms.deliver_within),
        )

    def approve(self) -> Self:
        return replace(self._step(Status.APPROVED), approve_by=None)

    def auto_approve(self, *, delivery: int, now: datetime) -> Self:
        """The client's time is over; only for the delivery whose clock it was, never early."""
        waiting = self.status is Status.DELIVERED and self.deliveries == delivery
        if not waiting or self.approve_by is None or now < self.approve_by:
            raise IllegalTransition
        return self.approve()

    def give_up(self, *, now: datetime) -> Self:
        """Nothing was delivered in time; never before that moment, never after a delivery."""
        if now < self.deliver_by:
            raise IllegalTransition
        return self.cancel()

    def cancel(self) -> Self:
        return replace(self._step(Status.CANCELLED), approve_by=None)

    @property
    def next_event(self) -> NextEvent | None:
        match self.status:
            case Status.ACTIVE | Status.CHANGES_REQUESTED:
                return NextEvent("deliver", self.deliver_by)
            case Status.DELIVERED:
                return NextEvent("approve", self.approve_by)
            case _:
                return None

    def _step(self, status: Status) -> Self:
        if status not in NEXT[self.status]:
            raise IllegalTransition
        return replace(self, status=status)


def checked_notes(text: str, *, field: str) -> str:
    """A note, trimmed; neither empty nor longer than 8,000 characters."""
    text = text.strip()
    if not text:
        raise Invalid(**{field: "Write a sentence, so the other side knows what to look at."})
    if len(text) > 8000:
        raise Invalid(**{field: "Keep the text to 8,000 characters."})
    return text


@dataclass(frozen=True, slots=True)
class AutoApprove(Payload):
    """Deadline: the time to review this delivery is over."""

    kind: ClassVar[str] = "jobs.auto_approve"
    job: JobId
    delivery: int


@dataclass(frozen=True, slots=True)
class RemindToReview(Payload):
    """The delivery still waits for a review."""

    kind: ClassVar[str] = "jobs.remind_review"
    job: JobId
    delivery: int


@dataclass(frozen=True, slots=True)
class RemindToDeliver(Payload):
    """The work has not been delivered yet."""

    kind: ClassVar[str] = "jobs.remind_delivery"
    job: JobId


@dataclass(frozen=True, slots=True)
class GiveUp(Payload):
    """Deadline: nothing was delivered in time."""

    kind: ClassVar[str] = "jobs.give_up"
    job: JobId
