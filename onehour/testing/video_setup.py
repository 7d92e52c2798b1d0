"""What `VideoProviderContract` needs of a provider, and the guests and rooms of its cases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol

from core.calls import RoomName
from core.policy import HOUR
from ports.clock import Clock
from ports.video import Admission, Guest, News, Room, VideoProvider

GITA = Guest("acc_gita", "Gita")
RAVI = Guest("acc_ravi", "Ravi")
SERVER = "a server of its own"


class VideoSetup(Protocol):
    """The provider under test. One without a server of its own has `has_server` False: nothing can
    be down or send news, and nobody can be asked who is there."""

    @property
    def provider(self) -> VideoProvider: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def has_server(self) -> bool: ...

    async def enter(self, admission: Admission) -> bool:
        """As a browser with this admission; returns whether it was let in."""
        ...

    async def pass_time(self, by: timedelta) -> None: ...

    async def stop(self) -> None:
        """From now on the provider's server does not answer."""
        ...

    def news(self, news: News) -> tuple[Mapping[str, str], bytes]:
        """The headers, with names in lower case, and the body of a genuine webhook."""
        ...


def a_room(setup: VideoSetup, name: str = "room_1") -> Room:
    return Room(RoomName(name), setup.clock.now() + 2 * HOUR)


async def admitted(
    setup: VideoSetup, guest: Guest = GITA, room: Room | None = None
) -> tuple[Room, Admission]:
    """A prepared room, and an admission to it for an hour."""
    room = room or a_room(setup)
    await setup.provider.prepare(room)
    return room, await setup.provider.admit(room, guest, until=setup.clock.now() + HOUR)


async def guests_in(setup: VideoSetup, room: Room) -> list[str]:
    """The ids of who is in the room, once for each connection, sorted."""
    return sorted(each.guest for each in await setup.provider.present(room) or ())
