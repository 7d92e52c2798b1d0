"""Socket events about notifications."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints
from typing_extensions import TypedDict

from web.shared.access import Who, allow
from web.shared.live_events import LiveEvent, document_event
from web.shared.sockets import Socket

AT_MOST = 100
"""Ids of one event."""
Name = Annotated[str, StringConstraints(min_length=1, max_length=300)]


class NotificationAdded(TypedDict):
    """`id` is that of the notification, `kind` the name of its notice."""

    id: str
    kind: str


class NotificationsNamed(TypedDict):
    """Ids of notifications."""

    ids: list[str]


class NotificationsSeen(TypedDict):
    """Ids of notifications, at most 100."""

    ids: Annotated[list[Name], Field(max_length=AT_MOST)]


NOTIFICATION_NEW = LiveEvent(
    name="notification:new",
    data=NotificationAdded,
    summary="A notification was added: for its account.",
)
NOTIFICATIONS_READ = LiveEvent(
    name="notifications:read",
    data=NotificationsNamed,
    summary="Notifications were marked as read: for their account, also where it read them.",
)


@allow(Who.SIGNED_IN)
@document_event(NotificationsSeen)
async def seen(socket: Socket, data: NotificationsSeen) -> None:
    """Mark notifications of the account as read. Unknown ids have no effect."""
    assert socket.viewer is not None
    await socket.services.notifications.read(data["ids"], by=socket.viewer.id)
