"""The letters about a booking: what each side is told, in their own time zone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from core.accounts import Account
from core.bookings import Booking
from core.formats import NO_BREAK, at, clocks, first_name, hours, money, span
from core.jobs import Job
from core.letters import Letter


@dataclass(frozen=True, slots=True)
class Telling:
    """All a letter about a booking may speak of, and to whom it speaks."""

    booking: Booking
    job: Job | None
    reader: Account
    url: str

    @property
    def to_client(self) -> bool:
        return self.reader.id == self.booking.client.account_id

    @property
    def other(self) -> str:
        side = self.booking.developer if self.to_client else self.booking.client
        return first_name(side.name)

    @property
    def when(self) -> str:
        """The booked time for the reader, and for the other side beside it."""
        booking, zone = self.booking, self.reader.timezone
        side = booking.developer if self.to_client else booking.client
        text = span(booking.start, booking.end, zone)
        if side.timezone == zone:
            return text
        return f"{text} ({clocks(booking.start, booking.end, side.timezone)} for {self.other})"

    @property
    def price(self) -> str:
        return money(self.booking.price)

    def at(self, moment: datetime | None) -> str:
        return at(moment, self.reader.timezone) if moment else ""


def _open(telling: Telling, words: str = "Open the booking") -> tuple[str, str]:
    return words, telling.url


def _requested(t: Telling) -> Letter:
    return Letter(
        f"{t.other} asks for {hours(t.booking.hours)}",
        (
            t.when,
            f"“{t.booking.brief}”",
            f"{money(t.booking.earning)} is for you, of {t.price}. The client has paid; the "
            "payment provider holds the money until the work is approved.",
            f"Answer by {t.at(t.booking.accept_by)}. Without an answer the booking is "
            "cancelled and refunded in full.",
        ),
        button=_open(t, "Answer the request"),
    )


def _paid(t: Telling) -> Letter:
    return Letter(
        f"Paid. Now {t.other} has to answer",
        (
            t.when,
            f"{t.price} is held by the payment provider until you approve the work.",
            f"{t.other} answers by {t.at(t.booking.accept_by)}. If not, you get all of it back "
            "without asking.",
        ),
        button=_open(t),
        note=f"Until {t.other} has answered you can cancel and get 100{NO_BREAK}% back.",
    )


def _paid_too_late(t: Telling) -> Letter:
    return Letter(
        "Your money is on its way back",
        (
            "The payment arrived after the time was given up, and it could not be booked again.",
            f"All {t.price} goes back the way it came. We write to you when the payment "
            "provider confirms it.",
        ),
        button=_open(t),
    )


def _remind_answer(t: Telling) -> Letter:
    return Letter(
        f"{t.other} still waits for your answer",
        (
            t.when,
            f"Answer by {t.at(t.booking.accept_by)}. After that the booking is cancelled and "
            "refunded in full.",
        ),
        button=_open(t, "Answer the request"),
    )


def _accepted(t: Telling) -> Letter:
    return Letter(
        f"{t.other} accepted your booking",
        (
            f"You meet on {t.when}.",
            f"{t.price} is held by the payment provider until you approve the work.",
        ),
        button=_open(t),
    )


def _declined(t: Telling) -> Letter:
    reason = (f"“{t.booking.reason}”",) if t.booking.reason else ()
    return Letter(
        f"{t.other} cannot take your booking",
        (
            t.when,
            *reason,
            f"All {t.price} goes back to you. We write when the payment provider confirms it.",
        ),
        button=_open(t),
    )


def _cancelled(t: Telling) -> Letter:
    reason = (f"“{t.booking.reason}”",) if t.booking.reason else ()
    return Letter(
        f"The booking with {t.other} is cancelled",
        (t.when, *reason, "Where the money is, to the rupee, stands on the booking's page."),
        button=_open(t),
    )


def _auto_cancelled(t: Telling) -> Letter:
    if t.to_client:
        return Letter(
            f"{t.other} did not answer, you get everything back",
            (t.when, f"All {t.price} goes back to you. You do not have to do anything."),
            button=_open(t),
        )
    return Letter(
        f"The request of {t.other} was cancelled",
        (t.when, "It was not answered in time, so the client gets everything back."),
        button=_open(t),
    )


def _delivered(t: Telling) -> Letter:
    number = t.job.deliveries if t.job else 1
    until = t.at(t.job.approve_by) if t.job else ""
    return Letter(
        f"{t.other} has delivered: look at delivery {number}",
        (f"Approve it, or ask for changes. Without an answer {t.price} is released on {until}.",),
        button=_open(t, "Look at the delivery"),
    )


def _remind_review(t: Telling) -> Letter:
    until = t.at(t.job.approve_by) if t.job else ""
    return Letter(
        f"The delivery of {t.other} waits for you",
        (f"Without an answer {t.price} is released on {until}.",),
        button=_open(t, "Look at the delivery"),
    )


def _remind_delivery(t: Telling) -> Letter:
    until = t.at(t.job.deliver_by) if t.job else ""
    return Letter(
        f"{t.other} waits for your work",
        (f"Deliver it by {until}. After that the booking is cancelled and refunded in full.",),
        button=_open(t, "Deliver the work"),
    )


def _changes_requested(t: Telling) -> Letter:
    until = t.at(t.job.deliver_by) if t.job else ""
    return Letter(
        f"{t.other} asks for changes",
        ("What should change stands on the booking's page.", f"Deliver again by {until}."),
        button=_open(t),
    )


def _released(t: Telling) -> Letter:
    return Letter(
        f"{money(t.booking.earning)} is yours",
        (
            f"{t.other}’s booking is complete. Of {t.price}, {money(t.booking.earning)} is "
            f"released to you and {money(t.booking.fee)} is our fee.",
        ),
        button=_open(t),
    )


def _approved(t: Telling) -> Letter:
    return Letter(
        f"Released: {t.price} for {t.other}",
        (f"The booking of {t.when} is complete. Thank you for working here.",),
        button=_open(t),
    )


def _not_delivered(t: Telling) -> Letter:
    told = (
        f"All {t.price} goes back to you. You do not have to do anything."
        if t.to_client
        else "No work was delivered in time, so the client gets everything back."
    )
    return Letter(f"The booking with {t.other} has ended", (t.when, told), button=_open(t))


def _refunded(t: Telling) -> Letter:
    return Letter(
        "The refund has arrived at your bank",
        (
            "The payment provider has confirmed the refund for the booking of "
            f"{t.when}. Banks show it within a few working days.",
        ),
        button=_open(t),
    )


LETTERS: Mapping[str, Callable[[Telling], Letter]] = {
    "requested": _requested,
    "paid": _paid,
    "paid_too_late": _paid_too_late,
    "remind_answer": _remind_answer,
    "accepted": _accepted,
    "declined": _declined,
    "cancelled": _cancelled,
    "auto_cancelled": _auto_cancelled,
    "delivered": _delivered,
    "remind_review": _remind_review,
    "remind_delivery": _remind_delivery,
    "changes_requested": _changes_requested,
    "released": _released,
    "approved": _approved,
    "not_delivered": _not_delivered,
    "refunded": _refunded,
}
REPEATING = frozenset({"delivered", "remind_review", "remind_delivery", "changes_requested"})
"""Letters one booking can need several times; each version of the job has its own."""
