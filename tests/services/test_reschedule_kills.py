"""A process is killed at each crossing of the database port while a booking is moved, and while the
relay runs what follows: the hour is moved once, and nobody misses the news."""

from __future__ import annotations

from collections import Counter

import pytest

from adapters.memory.clock import FixedClock
from core.bookings import Booking
from core.errors import Conflict
from core.policy import DAY, HOUR
from core.reminders import RemindOfMeeting
from services.bootstrap import CAPABILITIES
from services.shared.capabilities import documents_of
from tests.app import MONDAY, MemoryApp
from tests.services.test_dispute_kills import KillableStore, Killed


async def prepared() -> tuple[KillableStore, MemoryApp, Booking]:
    clock = FixedClock(MONDAY)
    store = KillableStore(clock, documents=documents_of(CAPABILITIES))
    app = MemoryApp(clock=clock, store=store)
    meera, _ = await app.client("Meera K")
    lucia = await app.developer("Lucia F")
    booking = await app.confirmed(meera, lucia)
    await app.services.reschedules.propose(booking.id, by=meera.id, start=booking.start + DAY)
    await app.run()
    app.mailer.sent.clear()
    return store, app, booking


async def accept(app: MemoryApp, booking: Booking) -> None:
    await app.services.reschedules.accept(booking.id, by=booking.developer.account_id)


async def test_killed_at_a_crossing_the_booking_is_moved_once() -> None:
    """At every fourth; the long test takes all of them."""
    for number in range(0, await crossings_of_a_move(), 4):
        await _killed_at(number)


@pytest.mark.long
async def test_killed_at_each_crossing_the_booking_is_moved_once() -> None:
    for number in range(await crossings_of_a_move()):
        await _killed_at(number)


async def crossings_of_a_move() -> int:
    store, app, booking = await prepared()
    before = store.crossed
    await accept(app, booking)
    await app.run()
    crossings = store.crossed - before
    assert crossings > 20
    return crossings


async def _killed_at(number: int) -> None:
    store, app, booking = await prepared()
    store.left = number
    with pytest.raises(Killed):
        await accept(app, booking)
        await app.run()
    store.left = None

    app.clock.advance(HOUR)  # the leases of the killed relay end
    try:
        await accept(app, booking)  # the person tries again
    except Conflict:
        assert (await app.booking(booking.id)).moves == 1, "it was moved by the first request"
    await app.run()

    moved = await app.booking(booking.id)
    assert (moved.start, moved.moves, moved.proposal) == (booking.start + DAY, 1, None), number
    busy = await app.store.repositories.bookings.busy(
        [booking.developer.id], since=booking.start, until=booking.end + DAY
    )
    assert busy == {booking.developer.id: set(moved.cells)}, number
    entries = await app.store.repositories.timeline.of_booking(booking.id)
    assert Counter(each.what for each in entries)["moved"] == 1, number
    told = {mail.to for mail in app.mailer.sent if ".moved." in mail.id}
    assert len(told) == 2, number
    job = await app.job(booking)
    assert job.booked_end == moved.end, number
    for before in (24 * 60, 60, 10):
        remind = RemindOfMeeting(booking.id, moved.start, before)
        message = await app.store.repositories.outbox.find(f"{remind.fact}:{remind.kind}")
        assert message, number
        assert message.state == "ready", number
