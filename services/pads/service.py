"""The shared pads of bookings: who may read and write them, and what the other pages are told."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from core.bookings import Booking, BookingId
from core.calls import Window
from core.calls_policy import CallPolicy
from core.pads import Pad, check_editable, is_editable
from core.pads_policy import PadPolicy
from ports.clock import Clock
from ports.live import Live
from ports.store import Duplicate, Repositories, Store
from services.pads.documents import PADS
from services.pads.writing import PadWriter
from services.shared.ownership import booking_of_party
from services.shared.rates import RateLimit
from services.shared.transactions import transact

SENT_AT_MOST = 30_000
"""Bytes of a change in an event; pages ask for larger ones."""
EMPTY_VECTOR = b"\0"
CHANGE_S = 0.002
"""Time of the processor that counts as another change: a usual one needs a twentieth of it."""


@dataclass(frozen=True, slots=True)
class ReadPad:
    """A pad as it is stored now; its `seq` is 0 if nobody has written in it. `closes_at` is when it
    can no longer be changed."""

    booking: Booking
    pad: Pad
    closes_at: datetime
    is_editable: bool


@dataclass(frozen=True, slots=True)
class Synced:
    """`missing` is what the page lacks. The pad has the changes up to `seq`."""

    read: ReadPad
    seq: int
    missing: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PadService:
    """`by` is the acting account; raises `NotFound` for one that is no party of the booking."""

    store: Store
    writer: PadWriter
    live: Live
    clock: Clock
    calls: CallPolicy
    policy: PadPolicy
    changes: RateLimit
    cursors: RateLimit

    async def read(self, booking_id: BookingId, *, by: str) -> ReadPad:
        """For one of the parties."""
        return await self.of_booking(
            await booking_of_party(self.store.repositories, booking_id, by)
        )

    async def of_booking(self, booking: Booking) -> ReadPad:
        """The caller has checked who asks."""
        now = self.clock.now()
        stored = await self.store.repositories.documents(PADS).find(booking.id)
        return ReadPad(
            booking,
            stored or Pad(booking.id, now),
            Window.of(booking, self.calls).closes_at,
            is_editable(booking, now=now, policy=self.calls),
        )

    async def change(self, booking_id: BookingId, change: bytes, *, by: str) -> int:
        """Store a change and tell the pages; its number, when it is stored durably. Raises
        `PadClosed`, `PadFull`, `PadWornOut`, `MalformedChange`, `MissingChanges`,
        `TooManyChanges`."""
        now = self.clock.now()
        self.changes.count(by, now=now)
        booking = await booking_of_party(self.store.repositories, booking_id, by)
        check_editable(booking, now=now, policy=self.calls)

        def charge(seconds: float) -> None:
            self.changes.charge(by, int(seconds / CHANGE_S), now=now)

        written = await self.writer.write(booking.id, change, charge=charge)
        if written.new:
            shown = written.new if len(written.new) <= SENT_AT_MOST else b""
            event = {"seq": written.seq, "change": b64encode(shown).decode() or None}
            await self._publish(booking.id, "pad:changed", event)
        return written.seq

    async def sync(self, booking_id: BookingId, *, vector: bytes, change: bytes, by: str) -> Synced:
        """Store a change, if it is not empty, and return what the page lacks that has what the
        state vector says. Raises what `change` raises."""
        if change:
            await self.change(booking_id, change, by=by)
        else:
            self.changes.count(by, now=self.clock.now())
        read = await self.read(booking_id, by=by)
        current = await self.writer.current(booking_id)
        return Synced(read, current.seq, current.text.since(vector or EMPTY_VECTOR))

    async def choose(self, booking_id: BookingId, language: str, *, by: str) -> Pad:
        """The language of the code, for both. Raises `PadClosed` and `Invalid`."""
        now = self.clock.now()
        self.changes.count(by, now=now)
        booking = await booking_of_party(self.store.repositories, booking_id, by)
        check_editable(booking, now=now, policy=self.calls)
        step = partial(_choose, booking_id=booking.id, language=language, now=now)
        try:
            pad = await transact(self.store, step)
        except Duplicate:  # somebody has just written the first change
            pad = await transact(self.store, step)
        await self._publish(booking.id, "pad:language", {"language": language})
        return pad

    async def show_cursor(self, booking_id: BookingId, *, by: str) -> Booking:
        """The booking in whose pad the party shows where it writes. Raises `PadClosed`, and
        `TooManyChanges`."""
        now = self.clock.now()
        self.cursors.count(by, now=now)
        booking = await booking_of_party(self.store.repositories, booking_id, by)
        check_editable(booking, now=now, policy=self.calls)
        return booking

    def learn(self, event: Mapping[str, object]) -> None:
        """What `change` has told, in another process."""
        change = b64decode(str(event["change"] or ""))
        self.writer.learn(BookingId(str(event["booking"])), int(str(event["seq"])), change)

    async def _publish(self, booking: BookingId, name: str, event: Mapping[str, object]) -> None:
        await self.live.publish(f"pad:{booking}", name, {"booking": booking, **event})


async def _choose(
    repositories: Repositories, *, booking_id: BookingId, language: str, now: datetime
) -> Pad:
    pads = repositories.documents(PADS)
    stored = await pads.find(booking_id)
    chosen = (stored or Pad(booking_id, now)).in_language(language, now=now)
    return await (pads.save(chosen) if stored else pads.add(chosen))
