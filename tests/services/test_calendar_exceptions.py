"""Days off and extra hours of a profile: what clients see, and bookings that were made before."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.bookings import Status
from core.calendar_exceptions import CalendarException, ExceptionKind, NoSuchException
from core.developers import Developer
from core.errors import Conflict, Forbidden, Invalid
from core.policy import DAY
from core.weekly_hours import Window
from tests.app import MONDAY, MemoryApp

INDIA = ZoneInfo("Asia/Kolkata")
TODAY = MONDAY.astimezone(INDIA).date()
WORK = tuple(Window(day, 540, 1020) for day in range(5))


@pytest.fixture
async def app() -> MemoryApp:
    return MemoryApp()


def off(first: date, last: date | None = None) -> CalendarException:
    return CalendarException(ExceptionKind.DAYS_OFF, first, last or first)


def extra(day: date, start: int, end: int) -> CalendarException:
    return CalendarException(ExceptionKind.EXTRA_HOURS, day, day, start, end)


async def working(app: MemoryApp) -> Developer:
    """A developer who works from Monday to Friday, 9 to 17."""
    developer = await app.developer()
    return await app.services.developers.update_availability(
        by=developer.account_id, timezone="Asia/Kolkata", weekly=WORK, notice_hours=4,
        horizon_days=60,
    )  # fmt: skip


async def free_days(app: MemoryApp, developer: Developer) -> list[date]:
    """The local days of the next two weeks with free times."""
    _, slots = await app.services.developers.slots(
        developer.id, since=MONDAY, until=MONDAY + 13 * DAY, hours=1
    )
    return sorted({slot.start.astimezone(INDIA).date() for slot in slots})


async def test_days_off_close_the_calendar_and_extra_hours_open_it(app: MemoryApp) -> None:
    developer = await working(app)
    by, saturday = developer.account_id, TODAY + 5 * DAY

    await app.services.developers.add_exception(off(TODAY, TODAY + 2 * DAY), by=by)
    await app.services.developers.add_exception(extra(saturday, 600, 720), by=by)

    assert await free_days(app, developer) == [TODAY + n * DAY for n in (3, 4, 5, 7, 8, 9, 10, 11)]


async def test_the_stored_next_times_follow(app: MemoryApp) -> None:
    developer = await working(app)
    await app.run()

    added = off(TODAY, TODAY + 3 * DAY)
    await app.services.developers.add_exception(added, by=developer.account_id)
    await app.run()
    later = await app.services.developers.get(developer.id)
    await app.services.developers.remove_exception(added.id, by=developer.account_id)
    await app.run()
    again = await app.services.developers.get(developer.id)

    assert later.next_times[0] == datetime(2026, 11, 27, 9, tzinfo=INDIA)
    assert again.next_times[0] == datetime(2026, 11, 23, 15, 30, tzinfo=INDIA)


async def test_a_booking_made_before_stands_and_no_other_can_be_made(app: MemoryApp) -> None:
    client, _ = await app.client()
    developer = await app.developer()
    booking = await app.confirmed(client, developer, starts_in=timedelta(hours=26))
    day = booking.start.astimezone(INDIA).date()

    await app.services.developers.add_exception(off(day), by=developer.account_id)
    await app.run()

    stands, _ = await app.services.bookings.of_account(by=client.id, limit=10)
    assert [each.status for each in stands] == [Status.CONFIRMED]
    with pytest.raises(Conflict):
        await app.hold(client, developer, starts_in=timedelta(hours=30))


async def test_saving_the_week_keeps_the_exceptions_unless_it_replaces_them(
    app: MemoryApp,
) -> None:
    developer = await working(app)
    by, day = developer.account_id, TODAY + DAY
    await app.services.developers.add_exception(off(day), by=by)

    async def save(exceptions: list[CalendarException] | None) -> Developer:
        return await app.services.developers.update_availability(
            by=by, timezone="Europe/Kiev", weekly=WORK, notice_hours=4, horizon_days=30,
            exceptions=exceptions,
        )  # fmt: skip

    kept = await save(None)
    replaced = await save([extra(day, 600, 660)])

    assert (kept.timezone, kept.availability.exceptions) == ("Europe/Kyiv", (off(day),))
    assert replaced.availability.exceptions == (extra(day, 600, 660),)


async def test_a_range_that_has_begun_can_be_kept_and_not_added(app: MemoryApp) -> None:
    developer = await working(app)
    by = developer.account_id
    await app.services.developers.add_exception(off(TODAY, TODAY + 3 * DAY), by=by)
    app.clock.advance(DAY)

    kept = await app.services.developers.update_availability(
        by=by, timezone="Asia/Kolkata", weekly=WORK, notice_hours=4, horizon_days=30,
        exceptions=[off(TODAY, TODAY + 3 * DAY)],
    )  # fmt: skip

    assert kept.availability.exceptions == (off(TODAY, TODAY + 3 * DAY),)
    with pytest.raises(Invalid) as refused:
        await app.services.developers.add_exception(off(TODAY, TODAY + DAY), by=by)
    assert refused.value.fields == {"from": "Choose a day from today on."}


async def test_what_is_over_is_dropped_with_the_next_change(app: MemoryApp) -> None:
    developer = await working(app)
    by = developer.account_id
    await app.services.developers.add_exception(off(TODAY), by=by)
    app.clock.advance(2 * DAY)

    changed = await app.services.developers.add_exception(off(TODAY + 9 * DAY), by=by)

    assert changed.availability.exceptions == (off(TODAY + 9 * DAY),)
    with pytest.raises(NoSuchException):
        await app.services.developers.remove_exception(off(TODAY).id, by=by)


async def test_all_wrong_fields_of_the_hours_are_named_at_once(app: MemoryApp) -> None:
    developer = await working(app)

    with pytest.raises(Invalid) as refused:
        await app.services.developers.update_availability(
            by=developer.account_id, timezone="Mars/Olympus", weekly=[Window(1, 600, 540)],
            notice_hours=1, horizon_days=99,
        )  # fmt: skip

    assert refused.value.fields == {
        "minimum_notice_h": "Choose between 4 hours and 14 days.",
        "horizon_days": "Choose between 1 and 60 days.",
        "timezone": "We do not know this time zone. Choose one of the list, such as Asia/Kolkata.",
        "weekly": "Tuesday, first span: ends before it starts.",
    }


async def test_a_client_has_no_calendar(app: MemoryApp) -> None:
    client, _ = await app.client()
    with pytest.raises(Forbidden):
        await app.services.developers.add_exception(off(TODAY), by=client.id)
