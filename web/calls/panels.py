"""The way into the room, on pages that show a booking, and who was there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import cast

from quart import render_template

from core.accounts import Account
from core.bookings import Booking
from core.calls import has_room
from core.policy import DAY
from web.calls.wording import verdict_badge
from web.shared.context import now, services
from web.shared.sides import Side

SHOWN_BEFORE = DAY
"""How long before the start the page of a booking shows its room."""
SOON = timedelta(hours=1)


async def meeting_panel(facts: Mapping[str, object]) -> str | None:
    """When the room opens, a link to it while it is open, and afterwards who was there."""
    booking, viewer = cast(Booking, facts["booking"]), cast(Account, facts["viewer"])
    window = services().calls.window(booking)
    if not has_room(booking) or now() < window.opens_at - SHOWN_BEFORE:
        return None
    side = Side(booking, viewer)
    meeting = await services().call_presence.meeting(booking)
    return await render_template(
        "calls/_meeting.html",
        booking=booking,
        side=side,
        window=window,
        mine=meeting.of(viewer.id),
        theirs=meeting.other(viewer.id),
        together=meeting.together,
        verdict_badge=verdict_badge,
    )


async def join_panel(facts: Mapping[str, object]) -> str | None:
    """A link to the room while it is open, beside a booking in a list."""
    booking = cast(Booking, facts["booking"])
    if not has_room(booking) or not services().calls.window(booking).is_open(now()):
        return None
    return await render_template("calls/_join.html", booking=booking)
