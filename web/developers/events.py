"""Socket events about developers."""

from __future__ import annotations

import re
from collections.abc import Mapping

from typing_extensions import TypedDict

from web.shared.access import Who, allow
from web.shared.live_events import LiveEvent, document_event
from web.shared.sockets import Socket

DEVELOPER = re.compile(r"dev_[a-z0-9_]{1,56}")


class DeveloperNamed(TypedDict):
    """The id of a developer's profile."""

    developer: str


SLOTS_CHANGED = LiveEvent(
    name="slots:changed",
    data=DeveloperNamed,
    summary="The free hours of a developer have changed: for those who sent `slots:watch`.",
)


@allow(Who.ANYONE)
@document_event(DeveloperNamed)
async def watch_slots(socket: Socket, data: object) -> Mapping[str, object]:
    """Subscribe to `slots:changed` of one developer, instead of the one before."""
    developer = data.get("developer") if isinstance(data, dict) else None
    if not isinstance(developer, str) or not DEVELOPER.fullmatch(developer):
        return {"ok": False, "code": "invalid", "detail": "The developer is missing."}
    await socket.leave("developer:")
    await socket.enter(f"developer:{developer}")
    return {"ok": True}
