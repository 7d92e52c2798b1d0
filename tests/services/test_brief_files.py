"""Files of a brief: attached with the hold, seen by both parties, removed when it ends unpaid."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from core.accounts import Account
from core.bookings import Booking, HourTaken, Status
from core.developers import Developer
from core.errors import Invalid, NotFound
from core.files import FileId, FilesNotReady, Purpose, StoredFile, UnusableFiles
from core.policy import DAY, HOUR, MINUTE
from services.files import FileSweep
from services.files.documents import FILES
from tests.app import CALLER, MemoryApp
from tests.builders.files import final, uploaded

WEEK = 7 * DAY


@dataclass
class Site:
    app: MemoryApp
    meera: Account
    lucia: Developer

    async def file(self, *, by: str = "", name: str = "plan.txt") -> StoredFile:
        return await final(self.app, by or self.meera.id, purpose=Purpose.BRIEF, name=name)

    async def hold(self, *files: str) -> Booking:
        return await self.app.hold(self.meera, self.lucia, files=files, starts_in=20 * DAY)

    async def pay(self, booking: Booking) -> Booking:
        await self.app.pay(booking)
        await self.app.settle(booking)
        await self.app.run()
        return await self.app.booking(booking.id)

    async def exists(self, file: FileId) -> bool:
        """After everything that is due, and a sweep."""
        await self.app.run()
        await self.app.services.built[FileSweep].sweep()
        await self.app.run()
        return await self.app.store.repositories.documents(FILES).find(file) is not None


@pytest.fixture
async def site(app: MemoryApp) -> Site:
    return Site(app, (await app.client())[0], await app.developer())


async def test_both_parties_see_the_files_of_a_held_and_of_a_paid_booking(site: Site) -> None:
    first, second = await site.file(), await site.file()
    booking = await site.hold(second.id, first.id)
    rohan, _ = await site.app.client("Rohan")
    files = site.app.services.files

    assert booking.files == (second.id, first.id)
    for account in (site.meera.id, site.lucia.account_id):
        assert (await files.get(first.id, by=account)).attached_to == booking.id
    with pytest.raises(NotFound):
        await files.get(first.id, by=rohan.id)
    assert (await site.pay(booking)).files == booking.files
    site.app.clock.advance(400 * DAY)
    assert await site.exists(first.id)


async def test_what_cannot_be_attached_stops_the_hold(site: Site) -> None:
    foreign, ready = await site.file(by=site.lucia.account_id), await site.file()
    for_chat = await final(site.app, site.meera.id, purpose=Purpose.CHAT)
    unchecked = await uploaded(site.app, site.meera.id, purpose=Purpose.BRIEF)

    for files, refused in (
        ([ready.id, foreign.id], UnusableFiles),
        ([ready.id, for_chat.id], UnusableFiles),
        ([ready.id, unchecked], FilesNotReady),
        ([f"fil_{number}" for number in range(11)], Invalid),
    ):
        with pytest.raises(refused):
            await site.hold(*files)

    held, _ = await site.app.services.bookings.of_account(by=site.meera.id)
    assert held == ()
    assert not (await site.app.services.files.get(ready.id, by=site.meera.id)).attached
    assert (await site.hold(ready.id)).status is Status.HELD


async def test_a_time_that_is_taken_leaves_the_files_for_another_one(site: Site) -> None:
    file = await site.file()
    rohan, _ = await site.app.client("Rohan")
    await site.app.hold(rohan, site.lucia, starts_in=20 * DAY)

    with pytest.raises(HourTaken):
        await site.hold(file.id)

    booking = await site.app.hold(site.meera, site.lucia, starts_in=18 * DAY, files=[file.id])
    assert booking.files == (file.id,)


async def test_a_repeated_request_returns_the_booking_with_its_files(site: Site) -> None:
    file = await site.file()

    async def request() -> Booking:
        return (await site.app.services.bookings.hold(
            by=site.meera.id, developer_id=site.lucia.id, hours=1, brief="It is slow.",
            start=site.app.clock.now() + 3 * DAY, files=[file.id], request_id="bkg_repeated",
        )).booking  # fmt: skip

    assert (await request()).files == (await request()).files == (file.id,)


async def test_files_of_an_expired_booking_are_kept_for_a_late_payment(site: Site) -> None:
    file = await site.file()
    booking = await site.hold(file.id)
    await site.app.pass_time(HOUR)
    assert (await site.app.booking(booking.id)).status is Status.EXPIRED
    assert await site.exists(file.id)

    assert (await site.pay(booking)).status is Status.REQUESTED
    site.app.clock.advance(WEEK)

    assert await site.exists(file.id)


async def test_files_of_a_booking_that_stays_unpaid_are_removed_after_a_week(site: Site) -> None:
    file = await site.file()
    booking = await site.hold(file.id)
    await site.app.pass_time(HOUR)
    expired_at = site.app.clock.now()

    site.app.clock.advance(WEEK - HOUR)
    assert await site.exists(file.id)
    site.app.clock.advance(expired_at + WEEK + MINUTE - site.app.clock.now())
    assert not await site.exists(file.id)

    assert site.app.storage.objects == {}
    assert (await site.app.booking(booking.id)).files == (file.id,)


async def test_files_of_a_released_booking_are_removed_at_once(site: Site) -> None:
    file = await site.file()
    booking = await site.hold(file.id)

    await site.app.services.bookings.release(booking.id, by=site.meera.id)

    assert not await site.exists(file.id)


async def test_files_of_a_brief_are_erased_with_their_client(site: Site) -> None:
    file = await site.file()
    booking = await site.hold(file.id)
    await site.app.services.bookings.release(booking.id, by=site.meera.id)
    account = await site.app.store.repositories.accounts.get(site.meera.id)

    await site.app.services.personal_data.erase(account, CALLER)
    await site.app.pass_time(2 * HOUR)

    assert (await site.app.booking(booking.id)).files == ()
    assert not await site.exists(file.id)
