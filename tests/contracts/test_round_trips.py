"""How many database reads the pages and routes with free times make: each is a round trip."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from tests.app import MemoryApp
from tests.contracts.commands import Commands, counted_app
from tests.web.site import Browser, app_of


@pytest.fixture
async def counted(mongo_url: str) -> AsyncIterator[tuple[MemoryApp, Commands]]:
    async with counted_app(mongo_url) as counted:
        yield counted


@pytest.mark.parametrize(
    ("path", "reads"),
    [
        ("/developers/{id}", ["developers", "developers", "bookings"]),
        ("/developers/{id}?hours=8&week=2026-12-01", ["developers", "developers", "bookings"]),
        ("/api/v1/developers/{id}/slots", ["developers", "bookings"]),
        ("/api/v1/developers/{id}/slots?from=2026-12-01&to=2026-12-08", ["developers", "bookings"]),
    ],
)
async def test_free_times_are_read_with_the_profile_and_its_bookings(
    counted: tuple[MemoryApp, Commands], path: str, reads: list[str]
) -> None:
    app, commands = counted
    developer = await app.developer()
    await app.run()
    visitor = Browser(app_of(app))
    commands.clear()

    answer = await visitor.ask("GET", path.replace("{id}", developer.id))

    assert answer.status_code == 200
    assert sorted(commands.read) == sorted(reads)


@pytest.mark.parametrize(
    ("path", "reads"),
    [
        ("/account", []),
        ("/notifications", ["notifications", "bookings", "payments", "jobs"]),
        ("/notifications/menu", ["notifications", "bookings", "payments", "jobs"]),
        ("/notifications/preferences", ["notice_preferences"]),
    ],
)
async def test_the_bell_costs_one_count_and_a_page_of_notifications_four_reads(
    counted: tuple[MemoryApp, Commands], path: str, reads: list[str]
) -> None:
    app, commands = counted
    meera, _ = await app.client()
    lucia = await app.developer()
    for days in (3, 4, 5):
        await app.paid(meera, lucia, starts_in=timedelta(days=days))
    browser = Browser(app_of(app))
    await browser.look("/login")
    await browser.log_in(meera)
    commands.clear()

    answer = await browser.ask("GET", path)

    own = {"notifications", "notice_preferences", "bookings", "payments", "jobs"}
    assert answer.status_code == 200
    assert sorted(each for each in commands.read if each in own) == sorted(
        [*reads, "notifications"]
    )


async def test_a_visitor_costs_no_count(counted: tuple[MemoryApp, Commands]) -> None:
    app, commands = counted
    commands.clear()

    await Browser(app_of(app)).ask("GET", "/rules")

    assert "notifications" not in commands.read
