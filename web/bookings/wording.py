"""Wording of the state of a booking and of its timeline entries."""

from __future__ import annotations

from collections.abc import Mapping

from core.bookings import BookingStep
from core.bookings import Status as BookingStatus
from core.jobs import Job
from core.jobs import Status as JobStatus
from core.shares import Shares
from core.timeline import Actor, Entry
from services.timeline import BookingDetails
from web.shared.context import formats, now
from web.shared.sides import Badge, Side
from web.shared.timeline import Line, Wording, all_returned, amount

ENDED: Mapping[BookingStatus, Badge] = {
    BookingStatus.COMPLETED: Badge("circle-check", "Completed", "go"),
    BookingStatus.EXPIRED: Badge("clock-alert", "Not paid in time", "off"),
    BookingStatus.DECLINED: Badge("x", "Declined", "stop"),
    BookingStatus.CANCELLED: Badge("ban", "Cancelled", "off"),
}


def badge(side: Side, job: Job | None) -> Badge:
    """The state of the booking for one party; of a confirmed booking, that of the job."""
    status = side.booking.status
    if job and job.status is JobStatus.SETTLED:
        return Badge("scale", "Settled", "off")
    if status is BookingStatus.COMPLETED and side.booking.is_ahead(now()):
        return Badge("circle-check", "Approved", "go")
    if status in ENDED:
        return ENDED[status]
    if status is BookingStatus.HELD:
        words = "Reserved" if side.is_client else "Payment pending"
        return Badge("timer", words, "wait")
    if status is BookingStatus.REQUESTED:
        words = "Waiting for an answer" if side.is_client else "Waiting for your answer"
        return Badge("hourglass", words, "wait")
    return _at_work(side, job)


def _at_work(side: Side, job: Job | None) -> Badge:
    if job and job.status is JobStatus.DELIVERED:
        if side.is_client:
            return Badge("package-check", "Delivered, review required", "wait")
        return Badge("package-check", "Delivered", "held")
    if job and job.status is JobStatus.DISPUTED:
        return Badge("scale", "In dispute", "stop")
    if job and job.status is JobStatus.CANCELLING:
        words = "Cancellation proposed" if side.is_client else "Cancelled? Your answer"
        return Badge("hourglass", words, "wait")
    if job and job.status is JobStatus.CHANGES_REQUESTED:
        return Badge("rotate-ccw", "Changes requested", "held" if side.is_client else "wait")
    proposal = side.booking.open_proposal(now())
    if proposal:
        own = proposal.by is side.actor
        words = "New time proposed" if own else "New time, your answer"
        return Badge("calendar-clock", words, "wait")
    return Badge("check", "Confirmed", "held")


def _held(entry: Entry, details: BookingDetails, side: Side) -> Line:
    if side.is_client:
        return Line("You selected this time", "Reserved while you pay")
    return Line(f"{side.name} selected this time", f"Reserved while {side.name} pays")


def _declined(entry: Entry, details: BookingDetails, side: Side) -> Line:
    return Line(f"{side.who(Actor.DEVELOPER)} declined", all_returned(side, details), entry.detail)


def _auto_cancelled(entry: Entry, details: BookingDetails, side: Side) -> Line:
    who = f"{side.name} did" if side.is_client else "You did"
    return Line(f"{who} not answer in time", all_returned(side, details))


def _accepted(entry: Entry, details: BookingDetails, side: Side) -> Line:
    until = "you approve" if side.is_client else f"{side.name} approves"
    detail = f"The payment provider holds {amount(entry, details)} until {until}"
    return Line(f"{side.who(Actor.DEVELOPER)} accepted", detail)


def _cancelled(entry: Entry, details: BookingDetails, side: Side) -> Line:
    shares = Shares.known(details.booking, details.payment)
    money, other = formats().money, side.name
    if not shares.released:
        detail = all_returned(side, details)
    else:
        to, developer = ("you", other) if side.is_client else (other, "you")
        back = money(shares.refund) if shares.refund else "By the terms nothing"
        parts = f"{money(shares.earning)} to {developer}, {money(shares.fee)} fee"
        detail = f"{back} is refunded to {to}. {parts}"
    return Line(f"{side.who(entry.actor)} cancelled", detail, entry.detail)


TIMELINE: Mapping[str, Wording] = {
    BookingStep.HELD: _held,
    BookingStep.ACCEPTED: _accepted,
    BookingStep.DECLINED: _declined,
    BookingStep.AUTO_CANCELLED: _auto_cancelled,
    BookingStep.CANCELLED: _cancelled,
    BookingStep.EXPIRED: lambda entry, details, side: Line(
        "Not paid in time", "The time is available again. Nothing was charged"
    ),
    BookingStep.RELEASED: lambda entry, details, side: Line(
        f"{side.who(Actor.CLIENT)} released the time", "Nothing was charged"
    ),
}
