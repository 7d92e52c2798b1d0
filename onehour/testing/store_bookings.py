"""Bookings in a store: no hour is sold twice, no number is given twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from core.booking_numbers import number_of
from core.bookings import BookingId, HourTaken, NumberTaken, Status
from core.policy import HOUR
from onehour.testing.samples.bookings import DEV, GITA, a_booking, a_whole_booking
from onehour.testing.samples.developers import START
from onehour.testing.samples.outbox import a_message
from onehour.testing.samples.sample import NOW, assert_whole
from ports.store import Repositories, Store

HALF_HOUR = HOUR / 2
ASHA = replace(DEV, id="dev_asha", account_id="acc_asha")


class BookingsContract:
    async def test_a_booking_comes_back_whole(self, store: Store) -> None:
        booking = a_whole_booking()
        assert_whole(booking)

        await store.repositories.bookings.add(booking)

        assert await store.repositories.bookings.get(booking.id) == booking
        assert await store.repositories.bookings.find(BookingId("bkg_none")) is None

    async def test_the_bookings_of_a_pair_are_listed(self, store: Store) -> None:
        bookings = store.repositories.bookings
        others = replace(GITA, id="cli_other", account_id="acc_other")
        for number, client, developer in (
            (1, GITA, DEV),
            (2, others, DEV),
            (3, GITA, ASHA),
            (4, GITA, DEV),
        ):
            start = START + number * 2 * HOUR
            await bookings.add(a_booking(number, client=client, developer=developer, start=start))

        found = await bookings.of_pair(GITA.account_id, DEV.id, limit=9)

        assert {booking.id for booking in found} == {"bkg_0001", "bkg_0004"}
        assert len(await bookings.of_pair(GITA.account_id, DEV.id, limit=1)) == 1
        assert await bookings.of_pair(DEV.account_id, DEV.id, limit=9) == ()

    @pytest.mark.parametrize("shift", [-HALF_HOUR, timedelta(0), HALF_HOUR, HOUR * 3 / 4])
    async def test_an_overlap_is_refused(self, store: Store, shift: timedelta) -> None:
        await store.repositories.bookings.add(a_booking(1))

        with pytest.raises(HourTaken):
            await store.repositories.bookings.add(a_booking(2, start=START + shift))

    async def test_adjacent_hours_and_other_developers_do_not_overlap(self, store: Store) -> None:
        await store.repositories.bookings.add(a_booking(1))

        await store.repositories.bookings.add(a_booking(2, start=START + HOUR))
        await store.repositories.bookings.add(a_booking(3, start=START - 2 * HOUR, hours=2))
        await store.repositories.bookings.add(a_booking(4, developer=ASHA))

    async def test_an_hour_given_up_is_free_and_can_be_lost(self, store: Store) -> None:
        held = await store.repositories.bookings.add(a_booking(1))
        expired = await store.repositories.bookings.save(held.expire())

        second = await store.repositories.bookings.add(a_booking(2, start=START + HALF_HOUR))
        with pytest.raises(HourTaken):
            await store.repositories.bookings.save(replace(expired, status=Status.REQUESTED))

        await store.repositories.bookings.save(second.expire())
        revived = await store.repositories.bookings.save(replace(expired, status=Status.REQUESTED))
        assert await store.repositories.bookings.get(held.id) == revived

    async def test_a_booking_that_moves_frees_its_hour_and_takes_the_other(
        self, store: Store
    ) -> None:
        bookings = store.repositories.bookings
        first = await bookings.add(a_booking(1))

        moved = await bookings.save(replace(first, start=START + HALF_HOUR))

        assert await bookings.get(first.id) == moved
        await bookings.add(a_booking(2, start=START - HALF_HOUR))
        with pytest.raises(HourTaken):
            await bookings.add(a_booking(3, start=START + HOUR))

    async def test_a_booking_does_not_move_to_an_hour_of_another(self, store: Store) -> None:
        bookings = store.repositories.bookings
        first = await bookings.add(a_booking(1))
        await bookings.add(a_booking(2, start=START + 2 * HOUR))

        async def step(repositories: Repositories) -> None:
            await repositories.bookings.save(replace(first, start=START + HOUR + HALF_HOUR))

        with pytest.raises(HourTaken):
            await store.transact(step)
        assert await bookings.get(first.id) == first

    async def test_of_many_who_want_the_hours_around_a_move_no_two_overlap(
        self, store: Store
    ) -> None:
        """One booking moves while others are added at its old and its new hour."""
        first = await store.repositories.bookings.add(a_booking(1))

        async def move() -> None:
            async def step(repositories: Repositories) -> None:
                current = await repositories.bookings.get(first.id)
                await repositories.bookings.save(replace(current, start=START + HOUR))

            await store.transact(step)

        async def hold(number: int) -> None:
            start = START + (number % 3) * HALF_HOUR

            async def step(repositories: Repositories) -> None:
                await repositories.bookings.add(a_booking(number, start=start))

            await store.transact(step)

        works = [hold(number) for number in range(2, 14)]
        answers = await asyncio.gather(*works[:6], move(), *works[6:], return_exceptions=True)

        refused = [answer for answer in answers if answer is not None]
        assert all(isinstance(answer, HourTaken) for answer in refused)
        found = await store.repositories.bookings.many([f"bkg_{n:04d}" for n in range(1, 14)])
        cells = [cell for booking in found.values() for cell in booking.cells]
        assert len(cells) == len(set(cells))

    async def test_a_booking_is_found_by_its_number(self, store: Store) -> None:
        booking = await store.repositories.bookings.add(a_booking(1))
        saved = await store.repositories.bookings.save(booking.expire())

        found = await store.repositories.bookings.find_by_number(booking.number)
        assert found == saved
        assert await store.repositories.bookings.find_by_number(number_of("bkg_none")) is None

    async def test_bookings_are_found_by_their_numbers(self, store: Store) -> None:
        bookings = [a_booking(number, start=START + number * HOUR) for number in range(3)]
        for booking in bookings:
            await store.repositories.bookings.add(booking)

        numbers = [bookings[0].number, bookings[2].number, number_of("bkg_none")]
        found = await store.repositories.bookings.with_numbers(numbers)

        assert found == tuple(
            sorted((bookings[0], bookings[2]), key=lambda booking: booking.number)
        )
        assert await store.repositories.bookings.with_numbers([]) == ()

    async def test_a_number_is_given_once(self, store: Store) -> None:
        first = await store.repositories.bookings.add(a_booking(1))
        second = a_booking(2, start=START + HOUR)

        with pytest.raises(NumberTaken):
            await store.repositories.bookings.add(replace(second, number=first.number))

        added = await store.repositories.bookings.add(second)
        with pytest.raises(NumberTaken):
            await store.repositories.bookings.save(replace(added, number=first.number))
        assert await store.repositories.bookings.find_by_number(second.number) == second

    async def test_of_two_bookings_at_once_with_one_number_one_is_stored(
        self, store: Store
    ) -> None:
        number = number_of("bkg_any")

        async def add(place: int) -> None:
            booking = replace(a_booking(place, start=START + place * HOUR), number=number)

            async def step(repositories: Repositories) -> None:
                await repositories.bookings.add(booking)

            await store.transact(step)

        answers = await asyncio.gather(*map(add, range(5)), return_exceptions=True)

        assert answers.count(None) == 1
        assert all(isinstance(answer, NumberTaken) for answer in answers if answer is not None)

    async def test_of_fifty_holds_at_once_one_succeeds(self, store: Store) -> None:
        async def hold(number: int) -> None:
            async def step(repositories: Repositories) -> None:
                shift = (number % 4) * HALF_HOUR / 2
                await repositories.bookings.add(a_booking(number, start=START + shift))
                await repositories.outbox.add(a_message(number))

            await store.transact(step)

        answers = await asyncio.gather(*map(hold, range(50)), return_exceptions=True)

        assert answers.count(None) == 1
        assert all(isinstance(answer, HourTaken) for answer in answers if answer is not None)
        assert len(await store.repositories.outbox.in_state("ready", limit=100)) == 1

    async def test_busy_lists_the_held_quarters_of_each(self, store: Store) -> None:
        await store.repositories.bookings.add(a_booking(1))
        await store.repositories.bookings.add(a_booking(2, start=START + 2 * HOUR, hours=2))
        await store.repositories.bookings.add(a_booking(3, developer=ASHA, hours=8))
        gone = await store.repositories.bookings.add(a_booking(4, start=START + 5 * HOUR))
        await store.repositories.bookings.save(gone.expire())

        busy = await store.repositories.bookings.busy(
            [DEV.id, ASHA.id, "dev_free"], since=START + HALF_HOUR, until=START + 3 * HOUR
        )

        first = a_booking().cells[0]
        assert busy == {
            DEV.id: {first + 2, first + 3, *range(first + 8, first + 12)},
            ASHA.id: set(range(first + 2, first + 12)),
            "dev_free": set(),
        }

    async def test_an_accounts_bookings_come_in_pages_the_latest_first(self, store: Store) -> None:
        for number in range(7):
            made_at = NOW + timedelta(milliseconds=500 * (number // 2))
            start = START + number * HOUR
            await store.repositories.bookings.add(
                a_booking(number, created_at=made_at, start=start)
            )
        bookings = store.repositories.bookings

        first, cursor = await bookings.of_account(GITA.account_id, limit=3)
        second, cursor = await bookings.of_account(DEV.account_id, limit=3, cursor=cursor)
        third, end = await bookings.of_account(GITA.account_id, limit=3, cursor=cursor)

        numbers = [int(booking.id[4:]) for booking in (*first, *second, *third)]
        assert (numbers, end) == ([6, 5, 4, 3, 2, 1, 0], None)
        assert await bookings.of_account("acc_none") == ((), None)

    async def test_an_accounts_bookings_can_be_asked_for_by_state(self, store: Store) -> None:
        for number in range(4):
            await store.repositories.bookings.add(a_booking(number, start=START + number * HOUR))
        third = await store.repositories.bookings.get(BookingId("bkg_0002"))
        expired = await store.repositories.bookings.save(third.expire())

        found = await store.repositories.bookings.of_account(
            GITA.account_id, statuses=[Status.EXPIRED]
        )
        held, cursor = await store.repositories.bookings.of_account(
            GITA.account_id, statuses=[Status.HELD, Status.REQUESTED], limit=2
        )

        assert found == ((expired,), None)
        assert [booking.id for booking in held] == ["bkg_0003", "bkg_0001"]
        assert cursor is not None

    async def test_an_accounts_schedule_is_read_from_a_time_on(self, store: Store) -> None:
        bookings, agreed = store.repositories.bookings, (Status.CONFIRMED, Status.COMPLETED)
        states = [Status.CONFIRMED, Status.COMPLETED, Status.CANCELLED, Status.COMPLETED]
        for number, status in reversed(list(enumerate(states))):
            await bookings.add(a_booking(number, start=START + number * HOUR, status=status))
        await bookings.add(a_booking(9, client=ASHA, developer=ASHA, status=Status.CONFIRMED))

        whole = await bookings.starting_after(
            DEV.account_id, START - HOUR, statuses=agreed, limit=9
        )
        rest = await bookings.starting_after(GITA.account_id, START, statuses=agreed, limit=1)
        confirmed = await bookings.starting_after(
            GITA.account_id, START, statuses=[Status.CONFIRMED], limit=9
        )

        assert [booking.id for booking in whole] == ["bkg_0000", "bkg_0001", "bkg_0003"]
        assert [booking.id for booking in rest] == ["bkg_0001"]
        assert confirmed == ()

    async def test_the_meetings_of_an_hour_are_those_that_are_agreed(self, store: Store) -> None:
        bookings = store.repositories.bookings
        states = [Status.CONFIRMED, Status.COMPLETED, Status.CANCELLED, Status.REQUESTED]
        for number, status in reversed(list(enumerate(states))):
            start = START + number * HOUR / 4
            await bookings.add(
                a_booking(
                    number, developer=replace(DEV, id=f"dev_{number}"), start=start, status=status
                )
            )
        await bookings.add(a_booking(9, start=START + HOUR, status=Status.CONFIRMED))

        within = await bookings.agreed_between(START, START + HOUR)
        later = await bookings.agreed_between(START + HOUR / 4, START + 2 * HOUR)

        assert [booking.id for booking in within] == ["bkg_0000", "bkg_0001"]
        assert [booking.id for booking in later] == ["bkg_0001", "bkg_0009"]
