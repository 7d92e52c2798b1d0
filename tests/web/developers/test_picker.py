"""The slot picker of a profile and the developer's week: both begin today."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from core.calendar_exceptions import CalendarException, ExceptionKind
from core.developers import Developer
from core.policy import DAY
from core.weekly_hours import Window
from tests.app import MONDAY, MemoryApp
from tests.web.site import Browser, SiteWithBooking, build_site_with_booking
from web.shared.access import Who

SUNDAY = MONDAY + 6 * DAY
"""29 November 2026, 11:30 in India."""


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


async def working(app: MemoryApp, *weekly: Window) -> Developer:
    """A developer in India who offers these hours; the stored next times are up to date."""
    made = await app.developer("Asha Nair")
    await app.services.developers.update_availability(
        by=made.account_id, timezone="Asia/Kolkata", weekly=weekly, notice_hours=4, horizon_days=60
    )
    await app.run()
    return await app.services.developers.get(made.id)


async def profile(site: SiteWithBooking, developer: Developer, query: str = "") -> str:
    browser = Browser(site.quart_app, jar={"zone": "Asia/Kolkata"})
    answer, html = await browser.look(f"/developers/{developer.id}{query}")
    assert answer.status_code == 200
    return html


def days(html: str) -> list[str]:
    """'Sunday 29 November, 4 free times' of each shown day."""
    return re.findall(r'name="day"[^>]*aria-label="([^"]+)"', html)


def open_day(html: str) -> str:
    found = re.search(r'name="day"[^>]* checked\s+aria-label="([^"]+)"', html)
    return found[1] if found else ""


def title(html: str) -> str:
    found = re.search(r'<h3 id="wk">(.*?)</h3>', html, re.DOTALL)
    assert found
    return " ".join(found[1].split())


def turn(html: str, direction: str) -> str | None:
    """The day that an arrow leads to."""
    found = re.search(rf'week=([0-9-]+)[^>]*id="{direction}"', html, re.DOTALL)
    return found[1] if found else None


async def test_the_picker_begins_today_on_a_sunday(site: SiteWithBooking) -> None:
    site.app.clock.advance(SUNDAY - MONDAY)
    developer = await working(site.app, Window(6, 1080, 1200), Window(2, 600, 720))

    html = await profile(site, developer)

    assert title(html) == "29 Nov to 5 Dec 2026"
    assert days(html)[0] == "Sunday 29 November, 3 free times"
    assert open_day(html) == "Sunday 29 November, 3 free times"
    assert (turn(html, "left"), turn(html, "right")) == (None, "2026-12-06")


async def test_it_opens_on_the_first_day_with_a_free_time(site: SiteWithBooking) -> None:
    developer = await working(site.app, Window(0, 540, 600))

    html = await profile(site, developer)

    assert title(html) == "30 Nov to 6 Dec 2026"
    assert open_day(html) == "Monday 30 November, 1 free times"
    assert turn(html, "left") == "2026-11-23"


async def test_weeks_do_not_turn_before_today(site: SiteWithBooking) -> None:
    developer = await working(site.app, Window(0, 540, 600), Window(4, 540, 600))

    past = await profile(site, developer, "?week=2026-11-01")
    later = await profile(site, developer, "?week=2026-12-03")
    last = await profile(site, developer, "?week=2027-12-03")

    assert (title(past), turn(past, "left")) == ("23 to 29 November 2026", None)
    assert (title(later), turn(later, "left")) == ("30 Nov to 6 Dec 2026", "2026-11-23")
    assert (title(last), turn(last, "right")) == ("18 to 24 January 2027", None)


async def test_longer_bookings_open_the_first_days_with_a_time_that_is_long_enough(
    site: SiteWithBooking,
) -> None:
    """The stored next times are of one hour."""
    developer = await working(site.app, Window(0, 540, 600), Window(4, 540, 780))
    by = developer.account_id
    for week in range(4):
        friday = date(2026, 11, 27) + timedelta(weeks=week)
        await site.app.services.developers.add_exception(_off(friday), by=by)
    await site.app.run()

    html = await profile(site, developer, "?hours=3")

    assert title(html) == "21 to 27 December 2026"
    assert open_day(html) == "Friday 25 December, 3 free times"


async def test_an_empty_week_that_was_asked_for_stays_and_leads_to_the_first_free_day(
    site: SiteWithBooking,
) -> None:
    developer = await working(site.app, Window(0, 540, 600))

    html = await profile(site, developer, "?week=2026-11-24")
    link = re.search(r'href="([^"]*)#pick">Go to the first free day', html)

    assert title(html) == "23 to 29 November 2026"
    assert link
    assert "week=" not in link[1]


async def test_without_a_free_time_the_picker_shows_the_days_from_today(
    site: SiteWithBooking,
) -> None:
    developer = await working(site.app, Window(0, 540, 600))

    html = await profile(site, developer, "?hours=2")

    assert title(html) == "23 to 29 November 2026"
    assert "No free times for" in html


async def test_today_is_that_of_the_chosen_zone(site: SiteWithBooking) -> None:
    """At 20:00 UTC on 23 November it is 24 November in India and 23 November in Los Angeles."""
    site.app.clock.advance(timedelta(hours=14))
    developer = await working(site.app, *(Window(day, 0, 1440) for day in range(7)))

    india = await profile(site, developer)
    america = await profile(site, developer, "?zone=US/Pacific")

    assert days(india)[0].startswith("Tuesday 24 November")
    assert days(america)[0].startswith("Monday 23 November")
    assert 'value="America/Los_Angeles" selected' in america


async def test_the_week_of_a_developer_begins_today(site: SiteWithBooking) -> None:
    site.app.clock.advance(SUNDAY - MONDAY)
    browser = await site.browser_for(Who.DEVELOPER)

    _, html = await browser.look("/dashboard?as=developer")
    _, past = await browser.look("/dashboard?as=developer&week=2026-11-01")
    _, later = await browser.look("/dashboard?as=developer&week=2026-12-08")

    headings = re.findall(r'<th scope="col"[^>]*>\s*(\w{3})<b>(\d+)</b>', html)
    assert headings == [
        ("Sun", "29"), ("Mon", "30"), ("Tue", "1"), ("Wed", "2"), ("Thu", "3"), ("Fri", "4"),
        ("Sat", "5"),
    ]  # fmt: skip
    assert 'class="today"' in html
    assert "week=2026-12-06" in html
    assert "week=2026-11-22" not in html
    shown = re.findall(r'<th scope="col"[^>]*>\s*\w{3}<b>(\d+)</b>', past)
    assert shown == [number for _, number in headings]
    assert re.search(r'id="wk">\s*6\s+to\s+12 December 2026', later)
    assert "week=2026-11-29" in later


def _off(day: date) -> CalendarException:
    return CalendarException(ExceptionKind.DAYS_OFF, day, day)
