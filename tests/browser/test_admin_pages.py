"""The area of administrators with the longest values: nothing leaves the page."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.async_api import Browser

from core.outbox import OutboxId, OutboxMessage, State
from ports.findings import Finding
from tests.browser.full_site import FullSite
from tests.browser.visits import open_browser

pytestmark = pytest.mark.browser

LONG = "Wolfeschlegelsteinhausenbergerdorff" * 2
WIDE = "document.documentElement.scrollWidth - innerWidth"
HEADER = "document.querySelector('.top').offsetHeight"
TURNED = ("document.dir = 'rtl'", "document.documentElement.style.fontSize = '200%'")


async def with_longest_values(site: FullSite) -> str:
    """Put long words into everything that lists show; returns the id of a booking."""
    repositories, now = site.app.store.repositories, site.app.clock.now()
    (booking, *_), _ = await repositories.bookings.latest(limit=1)
    named = replace(
        booking,
        client=replace(booking.client, name=LONG),
        developer=replace(booking.developer, name=LONG),
        reason=LONG * 10,
    )
    await repositories.bookings.save(named)
    await repositories.outbox.add(
        OutboxMessage(
            OutboxId(f"{LONG}:payments.poll"), "payments.poll", now,
            {"payment": LONG, "name": LONG}, State.DEAD, attempts=200, last_error=LONG * 5,
        )
    )  # fmt: skip
    await repositories.findings.report(Finding("long:1", LONG.lower(), LONG, LONG * 5, now))
    return booking.id


async def test_the_longest_values_fit_on_every_page(browser: Browser, own_site: FullSite) -> None:
    booking = await with_longest_values(own_site)
    payment = f"pay_{booking.partition('_')[2]}"
    pages = (
        "/admin", "/admin/bookings", "/admin/payments", "/admin/jobs", "/admin/outbox?state=dead",
        f"/admin/bookings/{booking}", f"/admin/payments/{payment}", f"/admin/search?q={LONG}",
        f"/admin/people/{own_site.people['Long'].id}", "/admin/people", "/admin/audit",
    )  # fmt: skip
    async with open_browser(browser, own_site.url) as session:
        await session.log_in(own_site.people["Asha"], own_site)
        for path in pages:
            for width in (320, 390, 768, 1280):
                await session.page.set_viewport_size({"width": width, "height": 800})
                await session.go(path)
                assert (path, width, await session.page.evaluate(WIDE)) == (path, width, 0)
            assert await session.page.evaluate(HEADER) < 70, "the links take one line"
            await session.page.set_viewport_size({"width": 390, "height": 800})
            for turned in TURNED:
                await session.go(path)
                await session.page.evaluate(turned)
                assert (path, turned, await session.page.evaluate(WIDE)) == (path, turned, 0)
