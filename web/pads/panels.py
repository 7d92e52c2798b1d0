"""The pad in other pages: an editor beside a call, a link on a booking, the text in a case."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import cast

from quart import render_template

from core.accounts import Account
from core.bookings import Booking
from core.calls import has_room
from core.pads import LANGUAGES
from web.pads.editor import editor
from web.pads.rendering import shown
from web.shared.context import services
from web.shared.sides import Side


async def call_panel(facts: Mapping[str, object]) -> str:
    """The editor."""
    booking, viewer = cast(Booking, facts["booking"]), cast(Account, facts["viewer"])
    read = await services().pads.of_booking(booking)
    facts = editor(read, Side(booking, viewer))
    return await render_template("pads/_editor.html", **facts)


async def booking_panel(facts: Mapping[str, object]) -> str | None:
    """What is in the pad, and a link to it. Nothing before the confirmation."""
    booking = cast(Booking, facts["booking"])
    read = await services().pads.of_booking(booking)
    if not has_room(booking) and not read.pad.seq:
        return None
    return await render_template(
        "pads/_panel.html", booking=booking, read=read, languages=LANGUAGES
    )


async def case_panel(facts: Mapping[str, object]) -> str | None:
    """The text, on the page of a case: for both sides and for administrators."""
    booking = cast(Booking, facts["booking"])
    read = await services().pads.of_booking(booking)
    if not read.pad.text:
        return None
    view = await asyncio.to_thread(shown, read.pad)
    return await render_template("pads/_case.html", read=read, view=view, languages=LANGUAGES)
