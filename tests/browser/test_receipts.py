"""Receipts are printed on paper of A4, one sheet each, light also where the screen is dark."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser

from tests.browser.full_site import FullSite
from tests.browser.visits import open_browser

pytestmark = pytest.mark.browser

A4 = (595, 842)
"""Width and height in points, rounded."""
HIDDEN = ".top, body > .foot, .skip, .screen"


@pytest.mark.parametrize(
    ("who", "booking", "sheets"),
    [
        ("Meera", "confirmed", 1),
        ("Meera", "declined", 1),
        ("Meera", "cancelled_late", 2),
        ("Tomasz", "cancelled_late", 1),
        ("Lucía", "completed", 1),
    ],
)
async def test_each_receipt_is_one_sheet(
    browser: Browser, site: FullSite, who: str, booking: str, sheets: int
) -> None:
    async with open_browser(browser, site.url) as session:
        await session.log_in(site.people[who], site)
        await session.go(f"/bookings/{site.bookings[booking]}/receipt")
        await session.page.emulate_media(media="print", color_scheme="dark")

        paper = await session.page.pdf(prefer_css_page_size=True)
        shown = await session.page.locator(f":is({HIDDEN}):visible").count()
        ink = await session.page.locator(".sheet h2").first.evaluate(
            "element => getComputedStyle(element).color"
        )

    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", paper)
    assert {(round(float(width)), round(float(height))) for width, height in boxes} == {A4}
    assert len(re.findall(rb"/Type /Page\b", paper)) == sheets
    assert shown == 0
    assert ink == "rgb(14, 30, 34)"
