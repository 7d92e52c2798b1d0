"""How much a visit transfers: pages as they are and compressed, in bytes."""

from __future__ import annotations

import pytest

from tests.web.site import SiteWithBooking, build_site_with_booking
from web.shared.access import Who

BROWSER = {"Accept-Encoding": "gzip, deflate, br, zstd", "Sec-Fetch-Site": "none"}
LIMITS = [
    (Who.ANYONE, "/", 15_000, 5_000),
    (Who.ANYONE, "/developers", 25_000, 6_000),
    (Who.ANYONE, "/developers/{id}", 110_000, 12_000),
    (Who.ANYONE, "/login", 10_000, 4_000),
    (Who.ANYONE, "/sign-up", 10_000, 4_000),
    (Who.ANYONE, "/sign-up/client", 15_000, 5_000),
    (Who.CLIENT, "/dashboard", 20_000, 6_000),
    (Who.CLIENT, "/account", 45_000, 15_000),
    (Who.DEVELOPER, "/dashboard", 30_000, 8_000),
    (Who.DEVELOPER, "/profile/hours", 30_000, 8_000),
]
"""Who, path, and the limits. The account lists all time zones, which compress well."""


@pytest.fixture(scope="module")
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


@pytest.mark.parametrize(("who", "path", "limit", "transferred"), LIMITS)
async def test_a_page_is_small(
    site: SiteWithBooking, who: Who, path: str, limit: int, transferred: int
) -> None:
    browser = await site.browser_for(who)
    path = path.format(id=site.developer_id)

    plain = await browser.ask("GET", path)
    sent = await browser.ask("GET", path, headers=BROWSER)

    assert plain.status_code == sent.status_code == 200
    assert len(await plain.get_data(as_text=False)) < limit
    assert len(await sent.get_data(as_text=False)) < transferred
