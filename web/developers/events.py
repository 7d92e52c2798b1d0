"""Socket events about developers."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints
from typing_extensions import TypedDict

from web.shared.access import Who, allow
from web.shared.live_events import LiveEvent, document_event
from web.shared.sockets import Socket


class DeveloperNamed(TypedDict):
    """The id of a developer's profile."""

    developer: Annotated[str, StringConstraints(pattern=r"^dev_[a-z0-9_]{1,56}$")]


SLOTS_CHANGED = LiveEvent(
    name="slots:changed",
    data=DeveloperNamed,
    summary="The free hours of a developer have changed: for those who sent `slots:watch`.",
)


@allow(Who.ANYONE)
@document_event(DeveloperNamed)
async def watch_slots(socket: Socket, data: DeveloperNamed) -> None:
    """Subscribe to `slots:changed` of one developer, instead of the one before."""
    await socket.leave("developer:")
    await socket.enter(f"developer:{data['developer']}")
