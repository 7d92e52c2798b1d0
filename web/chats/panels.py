"""The conversation in the page of a booking, and the way to it from a profile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from quart import render_template, url_for

from core.accounts import Account, Role
from core.bookings import Booking
from core.developers import Developer
from web.chats.history import History
from web.chats.opening import of_parties, opens
from web.chats.pages import words
from web.chats.reading import Conversation, other_of
from web.shared.context import me, services


async def booking_panel(facts: Mapping[str, object]) -> str:
    """The conversation of the parties, with the newest messages."""
    booking = cast(Booking, facts["booking"])
    chat, is_stored = await of_parties(booking)
    other = await other_of(chat)
    history = await History.of(chat, other)
    shown = Conversation(
        chat=chat,
        other=other,
        window=await history.newest(),
        opens="" if is_stored else opens(chat),
        unsent=await services().message_files.unsent(chat.id, by=me().id),
    )
    of_chat = url_for("chats.send", chat_id=chat.id)
    of_booking = url_for("chat_opening.write_for_booking", booking_id=booking.id)
    return await render_template(
        "chats/_conversation.html",
        inset=True,
        booking=booking,
        action=of_chat if is_stored else of_booking,
        form={},
        errors={},
        problem="",
        **words(shown),
    )


async def profile_panel(facts: Mapping[str, object]) -> str | None:
    """A link for clients and visitors, who log in first and come back."""
    developer, viewer = cast(Developer, facts["developer"]), cast(Account | None, facts["viewer"])
    if viewer and (Role.CLIENT not in viewer.roles or viewer.id == developer.account_id):
        return None
    if not developer.published:
        return None
    return await render_template("chats/_write.html", developer=developer)
