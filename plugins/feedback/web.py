"""The web record."""

from __future__ import annotations

from pathlib import Path

from plugins.api import Link, Panel, PluginContext, Slot, StaticFolder, WebCapability
from plugins.feedback import panels
from plugins.feedback.activity import WORDS as ACTIVITY
from plugins.feedback.api import api
from plugins.feedback.model import Writer
from plugins.feedback.moderation_pages import moderation_pages
from plugins.feedback.notices import WORDS
from plugins.feedback.pages import pages


def web(context: PluginContext) -> WebCapability:
    return WebCapability(
        name="feedback",
        pages=(pages(context), moderation_pages(context)),
        administration=(Link("Reviews", "/admin/reviews"),),
        api=(api(context),),
        panels=(
            Panel(Slot.SEARCH_FACTS, panels.stars),
            Panel(Slot.PROFILE_FACTS, panels.stars),
            Panel(Slot.PROFILE_END, panels.on_profile(context)),
            Panel(Slot.BOOKING_MAIN, panels.on_booking(context)),
            Panel(Slot.BOOKING, panels.of_client(context)),
            Panel(Slot.CLIENT_DASHBOARD, panels.to_write(context, Writer.CLIENT)),
            Panel(Slot.DEVELOPER_DASHBOARD, panels.to_write(context, Writer.DEVELOPER)),
            Panel(Slot.OVERVIEW, panels.waiting(context)),
        ),
        activity=ACTIVITY,
        notices=WORDS,
        static=StaticFolder("feedback", Path(__file__).parent / "static"),
    )
