"""The way into the room, on pages that show a booking, and who was there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from quart import render_template

from core.accounts import Account, first_name
from core.bookings import Booking, Status
from core.calls import Attendance, Verdict, has_room
from core.jobs import FROZEN, Job
from core.no_shows import no_show_refund
from core.policy import DAY
from web.bookings import meeting_is_next
from web.calls.wording import verdict_badge
from web.shared.context import now, services
from web.shared.sides import Side

SHOWN_BEFORE = DAY
"""How long before the start the page of a booking shows its room."""


def may_claim(booking: Booking, job: Job | None, other: Attendance) -> bool:
    """Whether the page offers to say that the other side did not come."""
    held = booking.status is Status.CONFIRMED and job is not None and job.status not in FROZEN
    return held and other.verdict is Verdict.ABSENT and not other.here


async def next_panel(facts: Mapping[str, object]) -> str | None:
    """The room in what comes next, while that is the meeting."""
    return await _room("calls/_room.html", facts)


async def room_panel(facts: Mapping[str, object]) -> str | None:
    """The room in a card, while something else comes next."""
    booking, viewer = cast(Booking, facts["booking"]), cast(Account, facts["viewer"])
    if meeting_is_next(Side(booking, viewer), cast(Job | None, facts["job"])):
        return None
    return await _room("calls/_meeting.html", facts)


async def _room(template: str, facts: Mapping[str, object]) -> str | None:
    """From a day before the start until the room closes."""
    booking, viewer = cast(Booking, facts["booking"]), cast(Account, facts["viewer"])
    window = services().calls.window(booking)
    if not (has_room(booking) and window.opens_at - SHOWN_BEFORE <= now() < window.closes_at):
        return None
    meeting = await services().call_presence.meeting(booking)
    mine, theirs = meeting.of(viewer.id), meeting.other(viewer.id)
    return await render_template(
        template, **_claim(facts, mine, theirs), window=window, mine=mine, theirs=theirs
    )


async def attended_panel(facts: Mapping[str, object]) -> str | None:
    """Who was there, on the page of the booking, when the room has closed."""
    booking, viewer = cast(Booking, facts["booking"]), cast(Account, facts["viewer"])
    if not has_room(booking) or now() < services().calls.window(booking).closes_at:
        return None
    meeting = await services().call_presence.meeting(booking)
    mine, theirs = meeting.of(viewer.id), meeting.other(viewer.id)
    return await render_template(
        "calls/_attendance.html",
        **_claim(facts, mine, theirs),
        sides=(("You", mine), (Side(booking, viewer).name, theirs)),
        together=meeting.together,
        verdict_badge=verdict_badge,
    )


def _claim(facts: Mapping[str, object], mine: Attendance, theirs: Attendance) -> dict[str, object]:
    """The booking as the viewer sees it, and what follows if the other side did not come."""
    booking, viewer = cast(Booking, facts["booking"]), cast(Account, facts["viewer"])
    side = Side(booking, viewer)
    return {
        "booking": booking,
        "side": side,
        "claimable": may_claim(booking, cast(Job | None, facts["job"]), theirs),
        "claimed": no_show_refund(booking, side.actor, mine),
    }


async def attendance_panel(facts: Mapping[str, object]) -> str | None:
    """Who was there, on the page of a case: for both sides and for administrators."""
    booking = cast(Booking, facts["booking"])
    if now() < booking.start:
        return None
    meeting = await services().call_presence.meeting(booking)
    return await render_template(
        "calls/_attendance.html",
        booking=booking,
        sides=(
            (first_name(booking.client.name), meeting.client),
            (first_name(booking.developer.name), meeting.developer),
        ),
        together=meeting.together,
        verdict_badge=verdict_badge,
    )


async def join_panel(facts: Mapping[str, object]) -> str | None:
    """A link to the room while it is open, beside a booking in a list."""
    booking = cast(Booking, facts["booking"])
    if not has_room(booking) or not services().calls.window(booking).is_open(now()):
        return None
    return await render_template("calls/_join.html", booking=booking)
