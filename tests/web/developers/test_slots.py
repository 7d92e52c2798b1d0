"""Free times over the API: ranges of times and of plain dates."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from core.developers import DeveloperId
from core.policy import DAY
from core.weekly_hours import Window
from tests.app import MemoryApp
from tests.web.site import Browser, SiteWithBooking, build_site_with_booking

ALWAYS = tuple(Window(day, 0, 1440) for day in range(7))


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


async def slots(
    site: SiteWithBooking, developer: str = "", **query: str
) -> tuple[int, dict[str, Any]]:
    named = {name.rstrip("_"): text for name, text in query.items()}
    path = f"/api/v1/developers/{developer or site.developer_id}/slots?{urlencode(named)}"
    answer = await Browser(site.quart_app).ask("GET", path)
    return answer.status_code, await answer.get_json()


async def in_zone(site: SiteWithBooking, zone: str) -> str:
    """The id of a developer who is free all day, every day, in that zone."""
    made = await site.app.developer("Asha Nair")
    await site.app.services.developers.update_availability(
        by=made.account_id, timezone=zone, weekly=ALWAYS, notice_hours=4, horizon_days=60
    )
    return made.id


def ends(answer: dict[str, Any]) -> tuple[str, str]:
    """The first and the last start."""
    return answer["items"][0]["start"], answer["items"][-1]["start"]


async def test_dates_are_days_of_the_given_zone_and_the_last_is_not_included(
    site: SiteWithBooking,
) -> None:
    query = {"from_": "2026-12-01", "to": "2026-12-08", "step": "60"}

    _, los_angeles = await slots(site, timezone="US/Pacific", **query)
    _, own = await slots(site, **query)

    assert los_angeles["timezone"] == "America/Los_Angeles"
    assert ends(los_angeles) == ("2026-12-01T08:30:00Z", "2026-12-08T07:30:00Z")
    assert own["timezone"] == "Asia/Kolkata"
    assert ends(own) == ("2026-11-30T18:30:00Z", "2026-12-07T17:30:00Z")
    assert len(los_angeles["items"]) == len(own["items"]) == 7 * 24


@pytest.mark.parametrize(
    ("zone", "day", "after", "hours"),
    [
        ("Europe/Berlin", "2026-10-25", "2026-10-26", 25),
        ("Europe/Berlin", "2027-03-28", "2027-03-29", 23),
        ("America/New_York", "2026-11-01", "2026-11-02", 25),
        ("America/New_York", "2027-03-14", "2027-03-15", 23),
        ("Australia/Lord_Howe", "2026-10-04", "2026-10-05", 23.5),
        ("Australia/Lord_Howe", "2027-04-04", "2027-04-05", 24.5),
        ("Asia/Kolkata", "2026-10-25", "2026-10-26", 24),
    ],
)
async def test_a_date_is_the_whole_local_day_also_when_the_clocks_change(
    zone: str, day: str, after: str, hours: float
) -> None:
    app = MemoryApp()
    app.clock.advance(datetime.fromisoformat(f"{day}T00:00Z") - app.clock.now() - 9 * DAY)
    site = await build_site_with_booking(app=app)
    developer = await in_zone(site, zone)

    _, answer = await slots(site, developer, from_=day, to=after)

    assert len(answer["items"]) == hours * 4


async def test_a_date_and_a_time_may_be_mixed(site: SiteWithBooking) -> None:
    _, answer = await slots(
        site,
        from_="2026-12-01",
        to="2026-12-01T02:00:00+05:30",
        timezone="Asia/Calcutta",
        step="60",
    )
    assert ends(answer) == ("2026-11-30T18:30:00Z", "2026-11-30T19:30:00Z")


async def test_from_alone_is_seven_days(site: SiteWithBooking) -> None:
    _, by_date = await slots(site, from_="2026-12-01", step="60")
    _, by_time = await slots(site, from_="2026-12-01T00:00:00+05:30", step="60")
    assert ends(by_date) == ends(by_time) == ("2026-11-30T18:30:00Z", "2026-12-07T17:30:00Z")


@pytest.mark.parametrize(
    ("query", "field", "message"),
    [
        ({"from_": "2026-12-08", "to": "2026-12-08"}, "to", "Choose an end after the start"),
        ({"from_": "2026-12-01", "to": "2027-02-02"}, "to", "at most 62 days later"),
        ({"from_": "2026-12-01T00:00:00Z", "to": "2027-02-01T00:15:00Z"}, "to", "at most 62 days"),
        ({"from_": "2026-02-30"}, "from", "2026-02-30 is not a day of the calendar."),
        ({"from_": "1999-12-31"}, "from", "The year must be from 2000 to 2100."),
        ({"from_": "2026-12-01T09:00:00"}, "from", "Write a time with its offset"),
        ({"to": "tomorrow"}, "to", "Write a time with its offset"),
        ({"timezone": "Mars/Olympus"}, "timezone", "We do not know this time zone."),
    ],
)
async def test_a_wrong_range_is_refused_with_a_sentence(
    site: SiteWithBooking, query: dict[str, str], field: str, message: str
) -> None:
    status, problem = await slots(site, **query)
    assert (status, [each["field"] for each in problem["errors"]]) == (422, [field])
    assert message in problem["errors"][0]["message"]


async def test_the_longest_range_of_dates_is_62_days_also_over_a_change_of_clocks() -> None:
    site = await build_site_with_booking()
    status, _ = await slots(
        site, from_="2027-09-01", to="2027-11-02", timezone="Europe/Berlin", step="60"
    )
    assert status == 200


async def test_a_draft_has_no_free_times(site: SiteWithBooking) -> None:
    found = await site.app.store.repositories.developers.get(DeveloperId(site.developer_id))
    await site.app.services.developers.update_profile(
        by=found.account_id, headline=found.headline, bio="", skills=found.skills, languages=(),
        rate=found.rate, revisions=2, published=False,
    )  # fmt: skip
    status, _ = await slots(site, from_="2026-12-01", to="2026-12-08")
    assert status == 404
