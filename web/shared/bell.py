"""The bell of every page: how many notifications the viewer has not read."""

from __future__ import annotations

from core.errors import Unavailable
from services.notifications import COUNTED
from web.shared.context import services, viewer


async def unread_notifications() -> int:
    """One count in an index; none for a visitor. Without a database 0, so that the page of the
    error can be shown."""
    account = viewer()
    if account is None:
        return 0
    try:
        return await services().notifications.unread(by=account.id)
    except Unavailable:
        return 0


def unread_words(number: int) -> str:
    """'3', or '99+'."""
    return f"{COUNTED}+" if number > COUNTED else str(number)
