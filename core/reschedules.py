"""Moving a booking: one side proposes a new time, the other accepts or keeps the old one.

The price, the terms and the payment stay. All deadlines that count from the start or the end
follow the new time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from core.bookings import MOVABLE, REASON_MAXIMUM, Booking, BookingId, IllegalTransition, Status
from core.bookings_policy import BookingPolicy
from core.errors import Conflict, Errors, Forbidden, Invalid
from core.outbox import OutboxMessage, Payload, message
from core.policy import CELL
from core.proposals import Proposal
from core.reschedules_policy import ReschedulePolicy
from core.text import checked_text
from core.timeline import Actor


class RescheduleStep(StrEnum):
    """Kinds of timeline entries of a move. The values are stored."""

    PROPOSED = "move_proposed"
    MOVED = "moved"
    REFUSED = "move_refused"
    WITHDRAWN = "move_withdrawn"
    EXPIRED = "move_expired"
    TAKEN = "move_taken"


class NotMovable(IllegalTransition):
    """This booking cannot be moved. Check its current state."""

    code = "not_movable"


class TooLateToMove(Conflict):
    """It is too late to move this booking. You meet at the booked time."""

    code = "move_too_late"


class NoMovesLeft(Conflict):
    """All new times that can be proposed for one booking are used."""

    code = "no_moves_left"


class AlreadyProposed(Conflict):
    """A new time is already proposed. First it has to be answered or withdrawn."""

    code = "move_proposed_already"


class NothingProposed(Conflict):
    """No new time is proposed any more. You meet at the booked time."""

    code = "nothing_proposed"


class ProposalChanged(Conflict):
    """The proposed time has changed since it was shown. Nothing was moved. Check the new one."""

    code = "proposal_changed"


class NewTimeTaken(Conflict):
    """The new time has just been taken. You still meet at the booked time."""

    code = "new_time_taken"


@dataclass(frozen=True, slots=True)
class ExpireProposal(Payload):
    """Deadline: the old time stays unless the proposal is answered."""

    kind: ClassVar[str] = "reschedules.expire"
    booking: BookingId
    proposal: int


def moves_left(booking: Booking, policy: ReschedulePolicy) -> int:
    """How many new times can still be proposed."""
    return max(policy.moves_maximum - booking.proposals, 0)


def check_movable(booking: Booking, *, now: datetime, policy: ReschedulePolicy) -> None:
    """Raises the reason why no new time can be proposed: `NotMovable`, `TooLateToMove`,
    `AlreadyProposed` or `NoMovesLeft`."""
    if booking.status not in MOVABLE:
        raise NotMovable
    if now >= booking.start - policy.move_before_start:
        raise TooLateToMove
    if booking.open_proposal(now):
        raise AlreadyProposed
    if not moves_left(booking, policy):
        raise NoMovesLeft


def propose(
    booking: Booking,
    start: datetime,
    *,
    by: Actor,
    reason: str,
    now: datetime,
    policy: ReschedulePolicy,
    limits: BookingPolicy,
) -> Booking:
    """The booking with a proposed new start. It is not reserved while the proposal waits.

    Raises as `check_movable`, and `Invalid` for the start or the reason.
    """
    check_movable(booking, now=now, policy=policy)
    errors = Errors()
    with errors:
        _check_start(booking, start, now=now, limits=limits)
    with errors:
        text = checked_move_reason(reason)
    errors.check()
    answer_by = _answer_by(booking, start, now=now, policy=policy, limits=limits)
    if answer_by <= now:
        raise TooLateToMove
    proposal = Proposal(booking.version + 1, start, by, now, answer_by, text)
    return replace(booking, proposal=proposal, proposals=booking.proposals + 1)


def checked_move_reason(reason: str) -> str:
    """The optional reason of a proposal, as it is stored. Raises `Invalid`."""
    return checked_text(reason, field="reason", maximum=REASON_MAXIMUM, lines=True, called="reason")


def _check_start(
    booking: Booking, start: datetime, *, now: datetime, limits: BookingPolicy
) -> None:
    if start.timestamp() % CELL.total_seconds():
        raise Invalid(start="Bookings start on a quarter hour.")
    if start == booking.start:
        raise Invalid(start="This is the booked time. Choose another one.")
    if not now + limits.minimum_notice <= start < now + limits.horizon:
        raise Invalid(start="This time is too near or too far away. Choose another one.")


def accept(
    booking: Booking,
    *,
    by: Actor,
    now: datetime,
    limits: BookingPolicy,
    expecting: datetime | None = None,
) -> Booking:
    """The booking at its new time. `expecting` is the start that was shown.

    Raises `NothingProposed`, `Forbidden` for the side that proposed it, and `ProposalChanged`.
    """
    proposal = _to_answer(booking, by=by, now=now, expecting=expecting)
    accept_by = booking.accept_by
    if booking.status is Status.REQUESTED and booking.paid_at:
        accept_by = limits.accept_by(paid_at=booking.paid_at, start=proposal.start)
    return replace(
        booking,
        start=proposal.start,
        accept_by=accept_by,
        proposal=None,
        moves=booking.moves + 1,
    )


def refuse(
    booking: Booking, *, by: Actor, now: datetime, expecting: datetime | None = None
) -> Booking:
    """The old time stays. Raises as `accept`."""
    _to_answer(booking, by=by, now=now, expecting=expecting)
    return replace(booking, proposal=None)


def withdraw(booking: Booking, *, by: Actor, now: datetime) -> Booking:
    """The side that proposed the new time withdraws it. Raises `NothingProposed`, and `Forbidden`
    for the other side."""
    if _open(booking, now).by is not by:
        raise Forbidden("Only the side that proposed the new time can withdraw it.")
    return replace(booking, proposal=None)


def taken(booking: Booking, start: datetime, *, now: datetime) -> Booking:
    """The proposed start is no longer free; this proposal does not count. Raises `NothingProposed`
    if it is not the open one."""
    if _open(booking, now).start != start:
        raise NothingProposed
    return replace(booking, proposal=None, proposals=booking.proposals - 1)


def expire(booking: Booking) -> Booking:
    """Nobody answered in time: the old time stays."""
    return replace(booking, proposal=None)


def expiry(booking: Booking, proposal: Proposal) -> OutboxMessage:
    """The message that ends the proposal."""
    key = f"{booking.id}:{proposal.key}"
    return message(ExpireProposal(booking.id, proposal.key), key, due_at=proposal.answer_by)


def _answer_by(
    booking: Booking,
    start: datetime,
    *,
    now: datetime,
    policy: ReschedulePolicy,
    limits: BookingPolicy,
) -> datetime:
    """The earliest of: a time after the proposal, times before the old and the new start, and of
    a request the time by which the developer has to answer it."""
    moments = [
        now + policy.move_answer_within,
        booking.start - policy.move_before_start,
        start - limits.answer_before_start,
    ]
    if booking.status is Status.REQUESTED and booking.accept_by:
        moments.append(booking.accept_by)
    return min(moments)


def _open(booking: Booking, now: datetime) -> Proposal:
    proposal = booking.open_proposal(now)
    if proposal is None:
        raise NothingProposed
    return proposal


def _to_answer(
    booking: Booking, *, by: Actor, now: datetime, expecting: datetime | None
) -> Proposal:
    proposal = _open(booking, now)
    if proposal.by is by:
        raise Forbidden("The other side answers the proposed time.")
    if expecting is not None and expecting != proposal.start:
        raise ProposalChanged
    return proposal
