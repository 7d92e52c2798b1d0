"""The rooms of calls: opened for the first person who asks, ended when the time is over."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from functools import partial

from core.bookings import Booking, BookingId
from core.calls import Call, RoomName, Window, check_open, has_room
from core.calls_messages import CloseRoom, closing
from core.calls_policy import CallPolicy
from core.outbox import NotDueYet
from ports.clock import Clock, Ids
from ports.live import Live
from ports.store import Duplicate, Repositories, Stale, Store
from ports.video import Admission, Guest, Room, VideoProvider
from services.calls.presence import PresenceInCalls
from services.calls.storage import CALLS
from services.shared.outbox import handles
from services.shared.ownership import booking_of_party

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Admitted:
    """A party of a booking may enter its room, at this provider."""

    booking: Booking
    window: Window
    room: RoomName
    provider: str
    admission: Admission


@dataclass(frozen=True, slots=True, kw_only=True)
class CallService:
    """`by` is the acting account; raises `NotFound` for one that is no party of the booking."""

    store: Store
    video: VideoProvider
    presence: PresenceInCalls
    live: Live
    clock: Clock
    ids: Ids
    policy: CallPolicy

    def window(self, booking: Booking) -> Window:
        """When the room of the booking is open."""
        return Window.of(booking, self.policy)

    async def admit(self, booking_id: BookingId, *, by: str) -> Admitted:
        """Let a party enter the room, until it closes. Raises `CallClosed`, `VideoUnavailable` and
        `VideoRefused`."""
        now, new_room = self.clock.now(), RoomName(self.ids.new("room"))
        booking = await booking_of_party(self.store.repositories, booking_id, by)
        window = check_open(booking, now=now, policy=self.policy)
        fresh = Call(booking.id, new_room, self.video.name, now, window.closes_at)
        call = await self._opened(fresh)
        await self.presence.asked(booking, by=by)
        room = Room(call.room, window.closes_at)
        await self.video.prepare(room)
        admission = await self.video.admit(room, _guest(booking, by), until=window.closes_at)
        return Admitted(booking, window, call.room, self.video.name, admission)

    @handles(CloseRoom)
    async def close(self, payload: CloseRoom) -> None:
        """Deadline: end the room and tell the pages. Raises `NotDueYet` for a booking that has
        moved."""
        repositories = self.store.repositories
        call = await repositories.documents(CALLS).find(payload.booking)
        if call is None or call.room != payload.room or call.ended_at:
            return
        booking = await repositories.bookings.get(payload.booking)
        window = self.window(booking)
        if has_room(booking) and self.clock.now() < window.closes_at:
            raise NotDueYet(window.closes_at)
        if call.provider == self.video.name:
            await self.video.end(Room(call.room, window.closes_at))
        else:
            log.warning("the room of booking %s is at %s: not ended", booking.id, call.provider)
        await self.live.publish(f"call:{booking.id}", "call:ended", {"booking": booking.id})
        await repositories.documents(CALLS).save(call.end(self.clock.now()))

    async def _opened(self, fresh: Call) -> Call:
        try:
            return await self.store.transact(partial(self._open, fresh=fresh))
        except (Duplicate, Stale):  # the other party has just done the same
            return await self.store.transact(partial(self._open, fresh=fresh))

    @staticmethod
    async def _open(repositories: Repositories, *, fresh: Call) -> Call:
        """The call with its room: a new one if there is none that can be used."""
        calls = repositories.documents(CALLS)
        stored = await calls.find(fresh.id)
        if stored and stored.is_usable(fresh.provider):
            return stored
        await repositories.outbox.add(closing(fresh))
        if stored:
            return await calls.save(replace(fresh, version=stored.version))
        return await calls.add(fresh)


def _guest(booking: Booking, account_id: str) -> Guest:
    is_client = booking.client.account_id == account_id
    return Guest(account_id, (booking.client if is_client else booking.developer).name)
