"""Bookings: reserved while they are paid, accepted or declined, completed or cancelled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType, Self

from core.availability import cells_between
from core.booking_numbers import BookingNumber, number_of
from core.bookings_policy import BookingPolicy
from core.calls_policy import CallPolicy
from core.errors import Conflict, Errors
from core.money import Money
from core.policy import CELL, HOUR, Terms
from core.prices import PriceLine, effective, total
from core.proposals import Proposal
from core.text import checked_text
from core.timeline import Actor, NextEvent
from core.timezones import ZoneName

BookingId = NewType("BookingId", str)

NO_NUMBER = BookingNumber("")
BRIEF_MAXIMUM = 4000
REASON_MAXIMUM = 1000
"""Characters."""


class Status(StrEnum):
    HELD = "held"
    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    COMPLETED = "completed"
    EXPIRED = "expired"
    DECLINED = "declined"
    CANCELLED = "cancelled"


class BookingStep(StrEnum):
    """Kinds of timeline entries of a booking. The values are stored."""

    HELD = "held"
    RELEASED = "given_back"
    EXPIRED = "expired"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    AUTO_CANCELLED = "auto_cancelled"


NEXT: dict[Status, frozenset[Status]] = {
    Status.HELD: frozenset({Status.REQUESTED, Status.EXPIRED, Status.CANCELLED}),
    Status.REQUESTED: frozenset({Status.CONFIRMED, Status.DECLINED, Status.CANCELLED}),
    Status.CONFIRMED: frozenset({Status.COMPLETED, Status.CANCELLED}),
    # A late payment books the slot again, if it is still free.
    Status.EXPIRED: frozenset({Status.REQUESTED}),
    Status.COMPLETED: frozenset(),
    Status.DECLINED: frozenset(),
    Status.CANCELLED: frozenset(),
}
"""The allowed transitions."""

HOLDING = frozenset({Status.HELD, Status.REQUESTED, Status.CONFIRMED, Status.COMPLETED})
"""The states in which no other booking can have the same time."""
AGREED = (Status.CONFIRMED, Status.COMPLETED)
"""The states of a meeting that takes place."""
MOVABLE = frozenset({Status.REQUESTED, Status.CONFIRMED, Status.COMPLETED})
"""The states in which a new time can be proposed, until some time before the start."""


class IllegalTransition(Conflict):
    """The booking has changed in the meantime. Check its current state."""

    code = "booking_moved_on"


class HourTaken(Conflict):
    """This hour has just been taken. Nothing was charged. Pick another time."""

    code = "hour_taken"


class NumberTaken(Conflict):
    """The booking could not be numbered. Nothing was charged. Try again."""

    code = "number_taken"


class NotOffered(Conflict):
    """The developer does not offer this time. Pick one of the free times."""

    code = "time_not_offered"


class OwnHour(Conflict):
    """This is your own profile. You cannot book yourself."""

    code = "own_profile"


class RefundChanged(Conflict):
    """The refund has changed since it was shown. Nothing was cancelled. Check the new amount."""

    code = "refund_changed"


class PriceChanged(Conflict):
    """The price has changed since it was shown. Nothing was booked. Check the new price."""

    code = "price_changed"


class TooLateToAnswer(Conflict):
    """The time to answer is over. The booking is being cancelled and refunded."""

    code = "answer_too_late"


@dataclass(frozen=True, slots=True)
class Party:
    """The client or the developer of a booking, with the name and time zone the other one sees.

    `id` is the id of the client or developer profile.
    """

    id: str
    account_id: str
    name: str
    timezone: ZoneName


@dataclass(frozen=True, slots=True)
class Booking:
    """Whole hours of one developer for one client. Price and terms do not change afterwards.

    `rate` is the price per hour. `shown_until` is when the payment countdown on the page ends.
    `hold_ends` is when an unpaid booking expires, a little later, so that a payment attempt
    that began in time can still succeed. All times are in UTC. `number` is made from the id unless
    it is given, as those of bookings that were stored without one.

    `files` are ids of the files of the brief. `proposal` is the new time that waits for an answer,
    `proposals` the number of those that count, and `moves` how often the booking was moved
    (core/reschedules.py). `call_terms` are those of its meeting; bookings that were made by a
    version without them have those of the present policy. `price_lines` are what its price has
    beside the hours; they are those of the moment in which it was made.
    """

    id: BookingId
    client: Party
    developer: Party
    start: datetime
    hours: int
    brief: str
    rate: Money
    terms: Terms
    created_at: datetime
    shown_until: datetime
    hold_ends: datetime
    payment_id: str
    revisions: int
    status: Status = Status.HELD
    paid_at: datetime | None = None
    accept_by: datetime | None = None
    job_id: str | None = None
    reason: str = ""
    number: BookingNumber = NO_NUMBER
    proposal: Proposal | None = None
    proposals: int = 0
    moves: int = 0
    files: tuple[str, ...] = ()
    call_terms: CallPolicy | None = None
    price_lines: tuple[PriceLine, ...] = ()
    version: int = 0

    def __post_init__(self) -> None:
        if not self.number:
            object.__setattr__(self, "number", number_of(self.id))

    @property
    def end(self) -> datetime:
        return self.start + self.hours * HOUR

    @property
    def hours_price(self) -> Money:
        """The price of the hours alone."""
        return self.rate * self.hours

    @property
    def price(self) -> Money:
        return total(self.price_lines, hours=self.hours_price)

    def with_price(self, lines: Iterable[PriceLine]) -> Self:
        """The booking before it is stored, with the lines of its price."""
        return replace(self, price_lines=effective(lines, hours=self.hours_price))

    @property
    def fee(self) -> Money:
        return self.price.percent(self.terms.fee_percent)

    @property
    def earning(self) -> Money:
        """The developer's share. Fee and earning always add up to the price."""
        return self.price - self.fee

    @property
    def cells(self) -> range:
        """The cells this booking covers (core/availability.py)."""
        return cells_between(self.start, self.end)

    @property
    def holds(self) -> bool:
        """Whether the booking occupies its cells."""
        return self.status in HOLDING

    @property
    def ended_unpaid(self) -> bool:
        """Whether it expired or was released, and was not paid later."""
        return self.paid_at is None and not self.holds

    def is_party(self, account_id: str) -> bool:
        return account_id in (self.client.account_id, self.developer.account_id)

    def open_proposal(self, now: datetime) -> Proposal | None:
        """The proposed new time, if it can still be answered."""
        proposal = self.proposal
        return proposal if proposal and now < proposal.answer_by else None

    def pay(self, *, job_id: str, now: datetime, policy: BookingPolicy) -> Self:
        """The booking is paid and waits for the developer. Also allowed for an expired booking.

        Raises `TooLateToAnswer` if the developer would have no time to answer, and
        `IllegalTransition`.
        """
        accept_by = policy.accept_by(paid_at=now, start=self.start)
        if accept_by <= now:
            raise TooLateToAnswer
        return replace(self._to(Status.REQUESTED), paid_at=now, accept_by=accept_by, job_id=job_id)

    def expire(self) -> Self:
        """The booking was not paid in time; its slot is free again."""
        return self._to(Status.EXPIRED)

    def release(self) -> Self:
        """The client releases an unpaid booking. Raises `IllegalTransition` for a paid one."""
        if self.status is not Status.HELD:
            raise IllegalTransition
        return self._to(Status.CANCELLED)

    def accept(self, *, now: datetime) -> Self:
        """The developer accepts. Raises `TooLateToAnswer` from the auto-cancel time on."""
        if self.status is Status.REQUESTED and self.accept_by and now >= self.accept_by:
            raise TooLateToAnswer
        return self._to(Status.CONFIRMED)

    def decline(self, *, reason: str) -> Self:
        return replace(self._to(Status.DECLINED), reason=_reason(reason))

    def auto_cancel(self, *, now: datetime) -> Self:
        """The developer did not answer in time. Raises `IllegalTransition` before that time."""
        if self.status is not Status.REQUESTED or not self.accept_by or now < self.accept_by:
            raise IllegalTransition
        return replace(self._to(Status.CANCELLED), reason="The developer did not answer in time.")

    def cancel(self, *, reason: str, now: datetime) -> Self:
        """Either party cancels a paid booking before it starts, also after a delivery. Raises
        `IllegalTransition`."""
        self.check_cancellable(now=now)
        return replace(self._to(Status.CANCELLED), reason=_reason(reason))

    def check_cancellable(self, *, now: datetime) -> None:
        """Raises `IllegalTransition` with the reason if neither party can cancel the booking."""
        if self.status is Status.CONFIRMED and now >= self.start:
            raise IllegalTransition(
                "The booked time has started. Ask for changes, or approve the work."
            )
        if self.status is Status.HELD:
            raise IllegalTransition("This booking is not paid yet. Release this time instead.")
        if self.status is Status.COMPLETED:
            raise IllegalTransition(
                "The work is approved and the money is released. It cannot be cancelled."
            )
        if Status.CANCELLED not in NEXT[self.status]:
            raise IllegalTransition

    def abandon(self, *, reason: str) -> Self:
        """The time is over and nothing was delivered: the booking ends cancelled."""
        return replace(self._to(Status.CANCELLED), reason=reason)

    def complete(self) -> Self:
        return self._to(Status.COMPLETED)

    def settle(self, refund: Money, *, reason: str, now: datetime) -> Self:
        """The dispute about it ended with this refund. It is completed if the developer earns
        something for a time that has begun, and cancelled otherwise: its time is then free."""
        earned = refund != self.price and now >= self.start
        return replace(self._to(Status.COMPLETED if earned else Status.CANCELLED), reason=reason)

    def cancellation_refund(self, *, by: Actor, now: datetime) -> Money:
        """The amount refunded to the client if `by` cancels now (docs/rules.md, cancellation)."""
        if by is not Actor.CLIENT or self.status is Status.REQUESTED:
            return self.price
        return self.price.percent(self.terms.refund_percent(notice=self.start - now))

    def is_ahead(self, now: datetime) -> bool:
        """Whether the booked time is agreed and has not ended. Also true of a completed booking:
        work that was approved early does not cancel the meeting."""
        return self.status in AGREED and now < self.end

    def next_event(self, now: datetime) -> NextEvent | None:
        """What happens next, if anything: a deadline, or the booked time until it starts."""
        match self.status:
            case Status.HELD:
                return NextEvent("pay", self.shown_until)
            case Status.REQUESTED:
                return NextEvent("answer", self.accept_by)
            case Status.CONFIRMED | Status.COMPLETED if proposal := self.open_proposal(now):
                return NextEvent("answer_move", proposal.answer_by)
            case Status.CONFIRMED | Status.COMPLETED if now < self.start:
                return NextEvent("meet", self.start)
            case _:
                return None

    def _to(self, status: Status) -> Self:
        if status not in NEXT[self.status]:
            raise IllegalTransition
        return replace(self, status=status, proposal=self.proposal if status in MOVABLE else None)


def checked_request(*, start: datetime, hours: int, brief: str, policy: BookingPolicy) -> str:
    """The brief as it is stored (`core/text.py`). Raises `Invalid` with all of wrong hours, start
    and brief."""
    least, most, errors = policy.hours_minimum, policy.hours_maximum, Errors()
    if not least <= hours <= most:
        errors.add(hours=f"Book between {least} and {most} hours.")
    if start.timestamp() % CELL.total_seconds():
        errors.add(start="Bookings start on a quarter hour.")
    with errors:
        brief = checked_brief(brief)
    errors.check()
    return brief


def checked_brief(brief: str) -> str:
    """What the booking is about, as it is stored (`core/text.py`). Raises `Invalid`."""
    return checked_text(
        brief,
        field="brief",
        maximum=BRIEF_MAXIMUM,
        lines=True,
        empty="Say in a sentence or two what it is about.",
    )


def _reason(reason: str) -> str:
    return checked_text(reason, field="reason", maximum=REASON_MAXIMUM, lines=True, called="reason")
