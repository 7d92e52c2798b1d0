"""The card of a booking's page with the ways into a calendar."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from quart import render_template

from core.bookings import Booking
from core.reminders import reminder_times
from web.calendars import links
from web.reminders import length
from web.shared.context import me, now, services


async def in_your_calendar(facts: Mapping[str, object]) -> str | None:
    """For a meeting that is agreed and has not ended."""
    booking = cast(Booking, facts["booking"])
    if not booking.is_ahead(now()):
        return None
    entry = services().invitations.preview(booking, reader=me())
    return await render_template(
        "calendars/_in_your_calendar.html",
        booking=booking,
        google=links.google(entry),
        outlook=links.outlook(entry),
        reminders=[
            (length(before), at)
            for before, at in reminder_times(booking, now=now(), policy=services().reminders.policy)
        ],
    )
