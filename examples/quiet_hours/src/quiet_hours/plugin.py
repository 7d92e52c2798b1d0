"""The plugin itself: a question, a page, and a link to it."""

from __future__ import annotations

import os

from quart import Blueprint, render_template

from plugins.api import Booking, Who, allow, implements
from quiet_hours.hours import Hours

SETTING = "ONEHOUR_PLUGIN_QUIET_HOURS"
NIGHT = "22-6"


class QuietHours:
    """Made once per process. `refused` counts since this process started."""

    def __init__(self, hours: str | None = None) -> None:
        try:
            self.hours = Hours.parse(hours or os.environ.get(SETTING) or NIGHT)
        except ValueError as error:
            raise ValueError(f"{SETTING}: {error}") from error
        self.refused = 0

    @implements
    async def onehour_may_book(self, booking: Booking) -> str | None:
        """Whoever books, it is the developer's night that counts."""
        developer = booking.developer
        if not self.hours.hold(booking.start, timezone=developer.timezone):
            return None
        self.refused += 1
        return f"{developer.name} takes no bookings that start from {self.hours}, local time."

    @implements
    def onehour_navigation(self) -> list[tuple[str, str]]:
        return [("Quiet hours", "/quiet-hours")]

    @implements
    def onehour_blueprints(self) -> list[Blueprint]:
        pages = Blueprint("quiet_hours", "quiet_hours", template_folder="templates")

        @pages.get("/quiet-hours")
        @allow(Who.ANYONE)
        async def show() -> str:
            return await render_template("quiet_hours/show.html", plugin=self)

        return [pages]
