"""Jobs: the work of a paid booking, with deliveries, changes and approval."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, NewType, Self

from core.bookings import Party
from core.errors import Conflict
from core.outbox import Payload
from core.policy import Terms
from core.text import checked_text
from core.timeline import NextEvent

JobId = NewType("JobId", str)

NOTES_MAXIMUM = 8000
"""Characters of a note."""


class Status(StrEnum):
    OPEN = "open"
    ACTIVE = "active"
    DELIVERED = "delivered"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    CANCELLING = "cancelling"
    DISPUTED = "disputed"
    SETTLED = "settled"
    CANCELLED = "cancelled"


class JobStep(StrEnum):
    """Kinds of timeline entries of a job. The values are stored."""

    DELIVERED = "delivered"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    NOT_DELIVERED = "not_delivered"
    SEND_AGAIN = "send_again"


NEXT: dict[Status, frozenset[Status]] = {
    Status.OPEN: frozenset({Status.ACTIVE, Status.CANCELLED}),
    Status.ACTIVE: frozenset({Status.DELIVERED, Status.DISPUTED, Status.CANCELLED}),
    # Until the booked start, the developer can cancel, and the client can propose to.
    Status.DELIVERED: frozenset(
        {
            Status.CHANGES_REQUESTED,
            Status.APPROVED,
            Status.DISPUTED,
            Status.CANCELLING,
            Status.CANCELLED,
        }
    ),
    Status.CHANGES_REQUESTED: frozenset(
        {Status.DELIVERED, Status.DISPUTED, Status.CANCELLING, Status.CANCELLED}
    ),
    # The developer agrees, or contests; or the client keeps the booking.
    Status.CANCELLING: frozenset(
        {Status.CANCELLED, Status.DISPUTED, Status.DELIVERED, Status.CHANGES_REQUESTED}
    ),
    # Settled; or the work goes on; or a chargeback has taken the money.
    Status.DISPUTED: frozenset(
        {
            Status.SETTLED,
            Status.ACTIVE,
            Status.DELIVERED,
            Status.CHANGES_REQUESTED,
            Status.CANCELLED,
        }
    ),
    Status.APPROVED: frozenset(),
    Status.SETTLED: frozenset(),
    Status.CANCELLED: frozenset(),
}
"""The allowed transitions."""

WORKING = frozenset({Status.ACTIVE, Status.CHANGES_REQUESTED})
"""The developer works, and a delivery is expected."""
FROZEN = frozenset({Status.DISPUTED, Status.CANCELLING})
"""No deadline ends the job, and no money moves, until the two sides or an administrator decide."""


class IllegalTransition(Conflict):
    """The job has changed in the meantime. Check its current state."""

    code = "job_moved_on"


class Frozen(IllegalTransition):
    """This is in dispute, or its cancellation is proposed. First that has to end."""

    code = "in_dispute"


class NoRevisionsLeft(Conflict):
    """All included rounds of changes are used."""

    code = "no_rounds_left"


@dataclass(frozen=True, slots=True)
class Job:
    """The job of one booking. `approve_by` is set while a delivery waits for the client;
    `deliveries` is the number of the last delivery. Times are in UTC.

    A review never ends before `terms.approve_within` after `booked_end`, the end of the booked
    time, however early the delivery was. Jobs of version 0.1.0 were stored without `booked_end`
    and with earlier reviews; they are corrected when they are loaded.

    `frozen_from` is the status it had before a dispute or a proposed cancellation, which began at
    `frozen_at`. The time until the end of that is added to its deadlines. `dispute_id` is that of
    the newest one, also after its end.
    """

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
    booked_end: datetime | None = None
    frozen_from: Status | None = None
    frozen_at: datetime | None = None
    dispute_id: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        # `deliver_by` begins as this long after the booked end. A request for changes can extend
        # it, but only from the time of the request, which is before the next delivery.
        end = self.booked_end or self.deliver_by - self.terms.deliver_within
        object.__setattr__(self, "booked_end", end)
        if self.approve_by:
            earliest = end + self.terms.approve_within
            object.__setattr__(self, "approve_by", max(self.approve_by, earliest))

    def activate(self) -> Self:
        return self._to(Status.ACTIVE)

    def deliver(self, *, now: datetime) -> Self:
        """A new delivery. The client has `terms.approve_within` to review it, counted from the
        later of now and the end of the booked time."""
        return replace(
            self._to(Status.DELIVERED),
            deliveries=self.deliveries + 1,
            approve_by=now + self.terms.approve_within,  # or later, see `__post_init__`
        )

    def request_changes(self, *, now: datetime) -> Self:
        """The client asks for one of the included rounds of changes; `deliver_by` is extended.

        Raises `NoRevisionsLeft` and `IllegalTransition`.
        """
        if self.status is Status.DELIVERED and self.revisions_used >= self.revisions_allowed:
            raise NoRevisionsLeft(
                f"All {self.revisions_allowed} included rounds of changes are used. "
                "Approve the work, or tell us that something is wrong."
            )
        return replace(
            self._to(Status.CHANGES_REQUESTED),
            revisions_used=self.revisions_used + 1,
            approve_by=None,
            deliver_by=max(self.deliver_by, now + self.terms.deliver_within),
        )

    def send_again(self, *, now: datetime) -> Self:
        """A file of the delivery is broken or missing: the developer delivers again, and no round
        of changes is used. Raises `IllegalTransition`."""
        if self.status is not Status.DELIVERED:
            raise IllegalTransition
        return self._work_again(Status.CHANGES_REQUESTED, now)

    def approve(self) -> Self:
        """The client accepts the work. Raises `IllegalTransition`."""
        return replace(self._to(Status.APPROVED), approve_by=None)

    def auto_approve(self, *, delivery: int, now: datetime) -> Self:
        """Approve the delivery of this number after its deadline.

        Raises `IllegalTransition` before the deadline, and if another delivery was made.
        """
        waiting = self.status is Status.DELIVERED and self.deliveries == delivery
        if not waiting or self.approve_by is None or now < self.approve_by:
            raise IllegalTransition
        return self.approve()

    def give_up(self, *, now: datetime) -> Self:
        """Cancel because nothing was delivered in time. Raises `IllegalTransition` before that time
        and after a delivery."""
        if now < self.deliver_by or self.status is Status.DELIVERED:
            raise IllegalTransition
        return self.cancel()

    def dispute(self, dispute_id: str, *, now: datetime) -> Self:
        """A dispute is opened. Raises `Frozen` while there is another one, and
        `IllegalTransition`."""
        return self._freeze(Status.DISPUTED, dispute_id, now)

    def contest(self) -> Self:
        """The developer contests the proposed cancellation. Raises `IllegalTransition`."""
        if self.status is not Status.CANCELLING:
            raise IllegalTransition
        return replace(self, status=Status.DISPUTED)

    def propose_cancellation(self, dispute_id: str, *, now: datetime) -> Self:
        """The client wants to cancel delivered work. Raises `IllegalTransition`."""
        return self._freeze(Status.CANCELLING, dispute_id, now)

    def lose_money(self) -> Self:
        """All of its held money was lost in a chargeback: it ends cancelled, also out of a dispute.
        Raises `IllegalTransition`."""
        thawed = replace(self, frozen_from=None, frozen_at=None, approve_by=None)
        if Status.CANCELLED not in NEXT[self.status]:
            raise IllegalTransition
        return replace(thawed, status=Status.CANCELLED)

    def settle(self) -> Self:
        """The dispute has ended, and so has the job. Raises `IllegalTransition`."""
        return self._thaw(Status.SETTLED)

    def end_cancelled(self) -> Self:
        """The proposed cancellation stands. Raises `IllegalTransition`."""
        if self.status is not Status.CANCELLING:
            raise IllegalTransition
        return replace(self._thaw(Status.CANCELLED), approve_by=None)

    def resume(self, *, now: datetime) -> Self:
        """The dispute was withdrawn: the job continues where it was, and all deadlines are later by
        the time it was frozen. Raises `IllegalTransition`."""
        if self.frozen_from is None or self.frozen_at is None:
            raise IllegalTransition
        lost = now - self.frozen_at
        return replace(
            self._thaw(self.frozen_from),
            deliver_by=self.deliver_by + lost,
            approve_by=self.approve_by and self.approve_by + lost,
        )

    def resume_with_changes(self, *, now: datetime) -> Self:
        """The dispute ended with the promise to deliver again, which uses no round of changes.
        Raises `IllegalTransition`."""
        status = Status.CHANGES_REQUESTED if self.deliveries else Status.ACTIVE
        return self.resume(now=now)._work_again(status, now)

    def move(self, end: datetime) -> Self:
        """The booked time was moved and now has this end. The deadlines that count from it follow;
        a later time to deliver, granted with changes, stays. Raises `Frozen`."""
        if self.status in FROZEN:
            raise Frozen
        assert self.booked_end
        due = end + self.terms.deliver_within
        usual = self.deliver_by == self.booked_end + self.terms.deliver_within
        return replace(
            self,
            booked_end=end,
            deliver_by=due if usual else max(self.deliver_by, due),
            approve_by=self.approve_by and self.approve_by + (end - self.booked_end),
        )

    def cancel(self) -> Self:
        """The booking is cancelled; `Booking.cancel` decides until when that is possible."""
        return replace(self._to(Status.CANCELLED), approve_by=None)

    @property
    def review_starts(self) -> datetime | None:
        """When the time to review begins: the later of delivery and booked end. None without a
        delivery that awaits review."""
        return self.approve_by and self.approve_by - self.terms.approve_within

    @property
    def next_event(self) -> NextEvent | None:
        """The next deadline of the job, if there is one."""
        match self.status:
            case Status.ACTIVE | Status.CHANGES_REQUESTED:
                return NextEvent("deliver", self.deliver_by)
            case Status.DELIVERED:
                return NextEvent("approve", self.approve_by)
            case Status.DISPUTED | Status.CANCELLING:
                return NextEvent("settle")
            case _:
                return None

    def _work_again(self, status: Status, now: datetime) -> Self:
        return replace(
            self,
            status=status,
            approve_by=None,
            deliver_by=max(self.deliver_by, now + self.terms.deliver_within),
        )

    def _freeze(self, status: Status, dispute_id: str, now: datetime) -> Self:
        frozen = replace(self._to(status), frozen_from=self.status, frozen_at=now)
        return replace(frozen, dispute_id=dispute_id)

    def _thaw(self, status: Status) -> Self:
        if self.status not in FROZEN or status not in NEXT[self.status]:
            raise IllegalTransition
        return replace(self, status=status, frozen_from=None, frozen_at=None)

    def _to(self, status: Status) -> Self:
        if self.status in FROZEN:
            raise Frozen
        if status not in NEXT[self.status]:
            raise IllegalTransition
        return replace(self, status=status)


def checked_notes(text: str, *, field: str) -> str:
    """A note as it is stored (`core/text.py`). Raises `Invalid` if it is empty or over
    `NOTES_MAXIMUM`."""
    return checked_text(
        text,
        field=field,
        maximum=NOTES_MAXIMUM,
        lines=True,
        empty="Write a sentence that explains it to the other side.",
    )


@dataclass(frozen=True, slots=True)
class AutoApprove(Payload):
    """Deadline: this delivery is approved unless the client has answered."""

    kind: ClassVar[str] = "jobs.auto_approve"
    job: JobId
    delivery: int


@dataclass(frozen=True, slots=True)
class RemindToReview(Payload):
    """Remind the client to review this delivery. Without effect if the booked time has another end
    by then: a move adds new messages."""

    kind: ClassVar[str] = "jobs.remind_review"
    job: JobId
    delivery: int
    booked_end: datetime | None = None


@dataclass(frozen=True, slots=True)
class RemindToDeliver(Payload):
    """Remind the developer to deliver. Without effect if the booked time has another end by then:
    a move adds new messages."""

    kind: ClassVar[str] = "jobs.remind_delivery"
    job: JobId
    booked_end: datetime | None = None


@dataclass(frozen=True, slots=True)
class GiveUp(Payload):
    """Deadline: the job is cancelled unless something was delivered."""

    kind: ClassVar[str] = "jobs.give_up"
    job: JobId
