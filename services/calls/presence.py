"""Who is in the room of a booking: notes of the pages, news of the provider, and what follows."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.bookings import Booking, BookingId
from core.calls import (
    Attendance,
    Call,
    Stay,
    Window,
    attendance,
    check_open,
    together,
)
from core.calls_policy import CallPolicy
from core.errors import NotFound
from core.policy import MINUTE
from ports.clock import Clock
from ports.live import Live
from ports.store import Store
from ports.video import News, NewsKind, Room, VideoProvider, VideoUnavailable
from services.calls.storage import CALLS
from services.shared.ownership import booking_of_party
from services.shared.periodic import periodic
from services.shared.rates import RateLimit

log = logging.getLogger(__name__)

ASKED = "asked"
"""Stands for the connection of somebody who has asked for admission."""
PAGE = 100


@dataclass(frozen=True, slots=True)
class Meeting:
    """The attendance of both sides of a booking, and how long they were there together."""

    window: Window
    client: Attendance
    developer: Attendance
    together: timedelta

    def of(self, account_id: str) -> Attendance:
        return self.client if self.client.account_id == account_id else self.developer

    def other(self, account_id: str) -> Attendance:
        return self.developer if self.client.account_id == account_id else self.client


@dataclass(frozen=True, slots=True)
class Joined:
    """A party is in the room. `polite`: of two offers at once it gives way. `other` is the
    connection of the other party, None while it is not there."""

    booking: Booking
    polite: bool
    other: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PresenceInCalls:
    """`by` is the acting account, `connection` names one of its pages. Methods raise `NotFound` for
    an account that is no party of the booking, and `CallClosed` while its room is closed."""

    store: Store
    video: VideoProvider
    live: Live
    clock: Clock
    policy: CallPolicy
    notes: RateLimit
    signals: RateLimit

    async def asked(self, booking: Booking, *, by: str) -> None:
        """The party has asked for admission to the open room."""
        now = self.clock.now()
        await self.store.repositories.stays.note(Stay(booking.id, by, ASKED, now, now))

    async def join(self, booking_id: BookingId, connection: str, *, by: str) -> Joined:
        """The party is in the room now. Tells the other party."""
        booking = await self._note(booking_id, connection, by=by)
        stays = await self.store.repositories.stays.of_booking(booking_id)
        now = self.clock.now()
        others = [each for each in stays if each.account_id != by and each.is_here(now)]
        other = max(others, key=lambda each: each.came_at, default=None)
        is_client = booking.client.account_id == by
        return Joined(booking, is_client, other.connection if other else None)

    async def here(self, booking_id: BookingId, connection: str, *, by: str) -> None:
        """The party is still in the room: pages say so every `HEARTBEAT`. Tells the other party."""
        await self._note(booking_id, connection, by=by)

    async def trouble(self, booking_id: BookingId, connection: str, *, by: str) -> None:
        """The page could not connect, or was refused camera and microphone."""
        booking = await self.permitted(booking_id, by=by)
        now = self._count(by)
        stay = Stay(booking.id, by, connection, now, now, trouble=True)
        await self.store.repositories.stays.note(stay)

    async def leave(self, booking_id: BookingId, connection: str, *, by: str) -> None:
        """The party has left the room, also after it has closed. Tells the other party."""
        booking = await booking_of_party(self.store.repositories, booking_id, by)
        now = self._count(by)
        stay = Stay(booking.id, by, connection, now, now, left_at=now)
        await self.store.repositories.stays.note(stay)
        await self._tell(booking, by, connection, present=False)

    async def permitted(self, booking_id: BookingId, *, by: str) -> Booking:
        """The booking whose open room the party may use now."""
        booking = await booking_of_party(self.store.repositories, booking_id, by)
        check_open(booking, now=self.clock.now(), policy=self.policy)
        return booking

    async def signal(self, booking_id: BookingId, *, by: str) -> str:
        """The account that a signal of this party is for. Raises `TooManySignals`."""
        self.signals.count(by, now=self.clock.now())
        booking = await self.permitted(booking_id, by=by)
        is_client = booking.client.account_id == by
        return (booking.developer if is_client else booking.client).account_id

    async def of_party(self, booking_id: BookingId, *, by: str) -> Meeting:
        """Who was there, for one of the parties, also after the room has closed."""
        return await self.meeting(await booking_of_party(self.store.repositories, booking_id, by))

    async def meeting(self, booking: Booking) -> Meeting:
        """Who was there. The caller has checked who asks."""
        stays = await self.store.repositories.stays.of_booking(booking.id)
        now = self.clock.now()
        client, developer = (
            attendance(booking, stays, party.account_id, now=now, policy=self.policy)
            for party in (booking.client, booking.developer)
        )
        window = Window.of(booking, self.policy)
        return Meeting(window, client, developer, together(client, developer))

    async def hear(self, provider: str, headers: Mapping[str, str], body: bytes) -> None:
        """News of the provider. The same news may come again, late, or not at all. Raises
        `ForgedNews`, and `NotFound` for another provider than the present one."""
        if provider != self.video.name:
            raise NotFound
        news = self.video.parse_news(headers, body)
        if news.kind is NewsKind.OTHER:
            return
        call = await self.store.repositories.documents(CALLS).find_one(room=news.room)
        if call is None:
            return
        at = min(news.at, self.clock.now())
        await self._note_news(call, replace(news, at=at))

    @periodic("calls.poll", every=MINUTE)
    async def poll(self) -> None:
        """Ask the provider who is in the open rooms: news can be lost."""
        cursor = None
        while True:
            calls, cursor = await self.store.repositories.documents(CALLS).page(
                "open", equals={"ended_at": None}, limit=PAGE, cursor=cursor
            )
            for call in calls:
                if call.provider == self.video.name and not await self._poll(call):
                    return
            if cursor is None:
                return

    async def _poll(self, call: Call) -> bool:
        """False if there is nobody to ask."""
        try:
            present = await self.video.present(Room(call.room, call.closes_at))
        except VideoUnavailable as error:
            log.warning("who is in the rooms is not known: %s", error)
            return False
        now = self.clock.now()
        for each in present or ():
            seen = News(NewsKind.JOINED, call.room, each.guest, each.connection, now)
            await self._note_news(call, seen)
        return present is not None

    async def _note_news(self, call: Call, news: News) -> None:
        booking = await self.store.repositories.bookings.get(call.id)
        if not booking.is_party(news.guest):
            return
        stay = Stay(
            call.id,
            news.guest,
            news.connection,
            news.at,
            news.at,
            left_at=news.at if news.kind is NewsKind.LEFT else None,
            inside=news.kind is not NewsKind.TROUBLE,
            trouble=news.kind is NewsKind.TROUBLE,
        )
        await self.store.repositories.stays.note(stay)

    async def _note(self, booking_id: BookingId, connection: str, *, by: str) -> Booking:
        booking = await self.permitted(booking_id, by=by)
        now = self._count(by)
        stay = Stay(booking.id, by, connection, now, now, inside=True)
        await self.store.repositories.stays.note(stay)
        await self._tell(booking, by, connection, present=True)
        return booking

    def _count(self, account: str) -> datetime:
        now = self.clock.now()
        self.notes.count(account, now=now)
        return now

    async def _tell(self, booking: Booking, by: str, connection: str, *, present: bool) -> None:
        event = {"booking": booking.id, "account": by, "connection": connection, "present": present}
        await self.live.publish(f"call:{booking.id}", "call:peer", event)
