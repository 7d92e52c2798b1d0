"""Stays in the rooms of calls, in a store."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace

from core.bookings import BookingId
from core.calls import Stay
from core.policy import SECOND
from onehour.testing.samples.calls import BOOKING, a_stay
from onehour.testing.samples.sample import NOW
from ports.store import Repositories, Store


class StaysContract:
    async def test_notes_of_one_stay_are_merged_in_any_order(self, store: Store) -> None:
        came = Stay(BOOKING, "acc_1", "con_1", NOW, NOW, inside=True)
        later = [replace(came, came_at=at, seen_at=at) for at in (NOW + n * SECOND for n in (4, 8))]
        left_at = NOW + 9 * SECOND
        left = Stay(BOOKING, "acc_1", "con_1", left_at, left_at, left_at=left_at)
        failed = replace(left, left_at=None, trouble=True)
        notes = [came, *later, left, failed, left]
        whole = replace(came, seen_at=left_at, left_at=left_at, trouble=True)

        for seed in range(6):
            booking = BookingId(f"bkg_{seed}")
            for note in random.Random(seed).sample(notes, len(notes)):
                await store.repositories.stays.note(replace(note, booking_id=booking))

            found = await store.repositories.stays.of_booking(booking)
            assert found == (replace(whole, booking_id=booking),)

    async def test_notes_that_are_made_at_once_are_all_merged(self, store: Store) -> None:
        times = [NOW + n * SECOND for n in range(12)]

        await asyncio.gather(
            *(
                store.repositories.stays.note(Stay(BOOKING, "acc_1", "con_1", at, at, inside=True))
                for at in (*times[6:], *times[:6])
            )
        )

        (found,) = await store.repositories.stays.of_booking(BOOKING)
        assert (found.came_at, found.seen_at, found.left_at) == (times[0], times[-1], None)

    async def test_stays_are_listed_by_booking_the_earliest_first(self, store: Store) -> None:
        early, late = a_stay(connection="con_2", came_at=NOW - SECOND), a_stay()
        for stay in (late, early, a_stay(booking_id=BookingId("bkg_2"))):
            await store.repositories.stays.note(stay)

        assert await store.repositories.stays.of_booking(BOOKING) == (early, late)
        assert await store.repositories.stays.of_booking(BookingId("bkg_3")) == ()

    async def test_a_stay_can_be_noted_in_a_step(self, store: Store) -> None:
        async def step(repositories: Repositories) -> None:
            await repositories.stays.note(a_stay(left_at=None))
            await repositories.stays.note(a_stay())

        await store.transact(step)

        assert await store.repositories.stays.of_booking(BOOKING) == (a_stay(),)
