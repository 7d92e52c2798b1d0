"""The way into the room, on pages that show a booking, and who was there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from quart import render_template

from core.accounts import Account
from core.bookings import Booking, Status
from core.calls import Attendance, Verdict, has_room
from core.jobs import FROZEN, Job
from core.no_shows import no_show_refund
from core.policy import DAY
from web.calls.wording import verdict_badge
from web.shared.context import now, services
from web.shared.sides import Side

SHOWN_BEFORE = DAY
"""How long before the start the page of a booking shows its room."""


def may_claim(booking: Booking, job: Job | None, other: Attendance) -> bool:
    """Whether the page offers to say that the other side did not come."""
    held = booking.status is Status.CONFIRMED and job is not None and job.status not in FROZEN
    return held and other.verdict is Verdict.ABSENT and not other.here


async def meeting_panel(facts: Mapping[str, object]) -> str | None:
    """When the room opens, a link to it while it is open, and afterwards who was there."""
    booking, viewer = cast(Booking, facts["booking"]), cast(Account, facts["viewer"])
    window = services().calls.window(booking)
    if not has_room(booking) or now() < window.opens_at - SHOWN_BEFORE:
        return None
    side, job = Side(booking, viewer), cast(Job | None, facts["job"])
    meeting = await services().call_presence.meeting(booking)
    return await render_template(
        "calls/_meeting.html",
        claimable=may_claim(booking, job, meeting.other(viewer.id)),
        claimed=no_show_refund(booking, side.actor, meeting.of(viewer.id)),
        booking=booking,
        side=side,
        window=window,
        mine=meeting.of(viewer.id),
        theirs=meeting.other(viewer.id),
        together=meeting.together,
        verdict_badge=verdict_badge,
    )


async def attendance_panel(facts: Mapping[str, object]) -> str | None:
    """Who was there, on the page of a case: for both sides and for administrators."""
    booking = cast(Booking, facts["booking"])
    if now() < booking.start:
        return None
    meeting = await services().call_presence.meeting(booking)
    sides = ((booking.client.name, meeting.client), (booking.developer.name, meeting.developer))
    return await render_template(
        "calls/_attendance.html",
        booking=booking,
        sides=sides,
        together=meeting.together,
        verdict_badge=verdict_badge,
    )


async def join_panel(facts: Mapping[str, object]) -> str | None:
    """A link to the room while it is open, beside a booking in a list."""
    booking = cast(Booking, facts["booking"])
    if not has_room(booking) or not services().calls.window(booking).is_open(now()):
        return None
    return await render_template("calls/_join.html", booking=booking)
