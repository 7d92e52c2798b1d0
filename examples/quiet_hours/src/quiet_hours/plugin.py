"""The plugin itself: its setting, a question, a page, and a link to it."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic_settings import NoDecode
from quart import Blueprint, render_template

from onehour.api import (
    Booking,
    Link,
    PluginContext,
    WebCapability,
    Who,
    allow,
    implements,
)
from quiet_hours.hours import Hours


class QuietHoursSettings(BaseModel):
    """`ONEHOUR_PLUGIN_QUIET_HOURS_HOURS`: the hours of the developer's day without bookings."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True, hide_input_in_errors=True)

    hours: Annotated[Hours, NoDecode, BeforeValidator(Hours.parse)] = Hours(22, 6)


class QuietHours:
    """Made once per process. `refused` counts since this process started."""

    def __init__(self) -> None:
        self.refused = 0

    @implements
    def onehour_settings(self) -> type[QuietHoursSettings]:
        return QuietHoursSettings

    @implements
    async def onehour_may_book(self, booking: Booking, context: PluginContext) -> str | None:
        """Whoever books, it is the developer's night that counts."""
        hours = context.settings(QuietHoursSettings).hours
        developer = booking.developer
        if not hours.hold(booking.start, timezone=developer.timezone):
            return None
        self.refused += 1
        return f"{developer.name} takes no bookings that start from {hours}, local time."

    @implements
    def onehour_web(self, context: PluginContext) -> list[WebCapability]:
        pages = Blueprint("quiet_hours", "quiet_hours", template_folder="templates")

        @pages.get("/quiet-hours")
        @allow(Who.ANYONE)
        async def show() -> str:
            hours = context.settings(QuietHoursSettings).hours
            return await render_template("quiet_hours/show.html", hours=hours, refused=self.refused)

        link = Link("Quiet hours", "/quiet-hours")
        return [WebCapability(name="quiet_hours", pages=(pages,), navigation=(link,))]
