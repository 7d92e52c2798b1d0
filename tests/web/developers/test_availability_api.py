"""The own hours over the API: the week, days off and extra hours."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.site import Browser, SiteWithBooking, build_site_with_booking
from web.shared.access import Who

MINE = "/api/v1/developers/me"
CHRISTMAS = {"kind": "days_off", "from": "2026-12-24", "to": "2026-12-26"}
SATURDAY = {"kind": "extra_hours", "from": "2026-12-05", "start": "10:00", "end": "24:00"}
HOW_TO_WRITE = "Write times as HH:MM, for example 09:30."
NO_DATES = ["2026-02-30", "24.12.2026", "2026-12-24T00:00:00Z", 20261224, None]


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


@pytest.fixture
async def developer(site: SiteWithBooking) -> Browser:
    return await site.browser_for(Who.DEVELOPER)


async def sent(browser: Browser, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    headers = {"X-CSRF-Token": browser.token}
    more = {"json": body} if body is not None else {}
    answer = await browser.ask(method, MINE + path, headers=headers, **more)
    return answer.status_code, await answer.get_json()


def messages(problem: dict[str, Any]) -> dict[str, str]:
    return {each["field"]: each["message"] for each in problem["errors"]}


async def test_days_off_and_extra_hours_are_added_listed_and_removed(developer: Browser) -> None:
    off = await sent(developer, "POST", "/exceptions", CHRISTMAS)
    extra = await sent(developer, "POST", "/exceptions", SATURDAY)
    again = await sent(developer, "POST", "/exceptions", SATURDAY)
    _, listed = await sent(developer, "GET", "/availability")
    removed = await sent(developer, "DELETE", f"/exceptions/{off[1]['id']}")
    gone = await sent(developer, "DELETE", f"/exceptions/{off[1]['id']}")
    _, left = await sent(developer, "GET", "/availability")

    assert off == (
        201,
        {**CHRISTMAS, "id": "off_20261224_20261226", "start": None, "end": None},
    )
    assert extra == again == (
        201, {**SATURDAY, "id": "extra_20261205_1000_2400", "to": "2026-12-05"}
    )  # fmt: skip
    assert listed["exceptions"] == [extra[1], off[1]]
    assert (removed[0], gone[0]) == (200, 404)
    assert left["exceptions"] == [extra[1]]


async def test_what_was_got_can_be_put_back(developer: Browser) -> None:
    await sent(developer, "POST", "/exceptions", CHRISTMAS)
    _, before = await sent(developer, "GET", "/availability")

    status, after = await sent(developer, "PUT", "/availability", before)
    without = {name: value for name, value in before.items() if name != "exceptions"}
    _, kept = await sent(developer, "PUT", "/availability", without)
    _, emptied = await sent(developer, "PUT", "/availability", {**before, "exceptions": []})

    assert (status, after, kept) == (200, before, before)
    assert emptied == {**before, "exceptions": []}


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({**CHRISTMAS, "to": "2026-12-23"}, {"to": "The last day is before the first."}),
        ({**CHRISTMAS, "from": "2026-11-22"}, {"from": "Choose a day from today on."}),
        ({**CHRISTMAS, "start": "09:00"},
         {"start": "Days off are whole days, without start and end."}),
        ({**SATURDAY, "end": "09:00"}, {"end": "The span ends before it starts."}),
        ({**SATURDAY, "start": "9:00", "end": "25:00"},
         {"start": HOW_TO_WRITE, "end": "25:00 is not a time of day."}),
        ({"kind": "extra_hours", "from": "2026-12-05"},
         {"start": HOW_TO_WRITE, "end": HOW_TO_WRITE}),
    ],
)  # fmt: skip
async def test_a_wrong_exception_is_refused_by_field(
    developer: Browser, body: dict[str, Any], errors: dict[str, str]
) -> None:
    status, problem = await sent(developer, "POST", "/exceptions", body)
    assert (status, messages(problem)) == (422, errors)


@pytest.mark.parametrize(
    "day", ["2026-02-30", "24.12.2026", "2026-12-24T00:00:00Z", 20261224, None]
)
async def test_only_a_date_of_the_calendar_is_a_date(developer: Browser, day: object) -> None:
    status, problem = await sent(developer, "POST", "/exceptions", {**CHRISTMAS, "from": day})
    assert (status, list(messages(problem))) == (422, ["from"])


async def test_an_error_of_the_week_names_the_day_and_the_span(developer: Browser) -> None:
    week = [
        {"day": 0, "start": "09:00", "end": "12:00"},
        {"day": 0, "start": "9", "end": "17:00"},
        {"day": 1, "start": "09:00", "end": "25:00"},
    ]
    backwards = [{"day": 1, "start": "14:00", "end": "12:00"}]

    _, unreadable = await sent(
        developer, "PUT", "/availability", {"timezone": "UTC", "weekly": week}
    )
    _, wrong = await sent(
        developer, "PUT", "/availability", {"timezone": "Mars", "weekly": backwards}
    )

    assert messages(unreadable) == {
        "weekly": "Monday, second span: write times as HH:MM, for example 09:30. "
        "Tuesday, first span: 25:00 is not a time of day."
    }
    assert messages(wrong) == {
        "timezone": "We do not know this time zone. Choose one of the list, such as Asia/Kolkata.",
        "weekly": "Tuesday, first span: ends before it starts.",
    }


async def test_old_names_of_zones_are_stored_by_the_canonical_one(developer: Browser) -> None:
    week = [{"day": 0, "start": "09:00", "end": "12:00"}]

    _, saved = await sent(
        developer, "PUT", "/availability", {"timezone": "Asia/Calcutta", "weekly": week}
    )

    assert saved["timezone"] == "Asia/Kolkata"
