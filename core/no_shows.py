"""Claims that the other side of a meeting did not come, and what follows for the money."""

from __future__ import annotations

from datetime import datetime

from core.bookings import Booking
from core.calls import CAME, Attendance, Verdict, call_terms
from core.calls_policy import CallPolicy
from core.errors import Conflict
from core.money import Money
from core.timeline import Actor


class NoClaim(Conflict):
    """This cannot be claimed. If something else is wrong, open a case."""

    code = "no_show_refused"


def check_claim(booking: Booking, other: Attendance, *, now: datetime, policy: CallPolicy) -> None:
    """Raises `NoClaim` with the reason unless the other side was expected and not seen at all.
    Trouble with the connection is no absence."""
    if now < booking.start + call_terms(booking, policy).no_show_after:
        raise NoClaim("It is too early to say that somebody did not come.")
    if other.verdict in CAME:
        raise NoClaim("The other side was in the room. If something else is wrong, open a case.")
    if other.verdict is not Verdict.ABSENT:
        raise NoClaim(
            "The other side tried to come and could not connect, which does not count as not "
            "coming. If you cannot agree on another time, open a case."
        )


def no_show_refund(booking: Booking, claimant: Actor, own: Attendance) -> Money:
    """What goes back to the client if the claim stands: nothing if the client alone did not come,
    otherwise everything."""
    client_absent = claimant is Actor.DEVELOPER
    return booking.price * 0 if client_absent and own.verdict in CAME else booking.price
