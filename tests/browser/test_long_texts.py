"""The longest texts that people may type, in several scripts, do not break the page of others."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from core.bookings import BookingId
from tests.browser.full_site import HOUR, FullSite, build_full_site, serve_site
from tests.browser.long_texts import fill_with_longest_texts
from tests.browser.page_paths import OPEN_PAGES, PAGES_OF, address
from tests.browser.visits import BrowserSession, open_browser

pytestmark = pytest.mark.browser

NORMAL, DOUBLE = 16, 32
"""The browser's setting of the size of text, in px."""
QUICK = ((320, DOUBLE), (390, NORMAL), (1280, DOUBLE))
ALL = tuple((width, size) for width in (320, 390, 1280) for size in (NORMAL, DOUBLE))
Shown = tuple[tuple[int, int], ...]
"""Widths of the page and sizes of text, in px."""
TOO_WIDE = """() => {
  const wide = [], room = document.documentElement.clientWidth;
  const over = document.documentElement.scrollWidth - room;
  const scrolls = element => {
    for (let each = element; each; each = each.parentElement)
      if (["auto", "scroll"].includes(getComputedStyle(each).overflowX)) return true;
    return false;
  };
  for (const element of document.body.querySelectorAll("*")) {
    const style = getComputedStyle(element), box = element.getBoundingClientRect();
    if (!box.width || !box.height || style.position === "absolute") continue;
    const name = element.tagName.toLowerCase() + "." + element.className;
    if (over > 0 && (box.right > room + 1 || box.left < -1) && !scrolls(element))
      wide.push(`${name} reaches beyond the page`);
    const typed = element.matches("input, select, textarea");
    const cut = !typed && ["hidden", "clip"].includes(style.overflowX) && box.width > 2
      && element.scrollWidth > element.clientWidth + 1;
    if (cut && style.textOverflow !== "ellipsis" && !element.closest("svg"))
      wide.push(`${name} is cut without an ellipsis`);
  }
  return over > 0 && !wide.length ? [`scrolls sideways by ${over}`] : wide.slice(0, 5);
}"""


@pytest.fixture(scope="module")
async def filled() -> AsyncIterator[FullSite]:
    site = await build_full_site()
    await propose_a_move(site)
    fill_with_longest_texts(site)
    async with serve_site(site) as shown:
        yield shown


async def propose_a_move(site: FullSite) -> None:
    """Of the confirmed booking, with a reason, which both sides then see."""
    booking = await site.app.store.repositories.bookings.get(BookingId(site.bookings["confirmed"]))
    await site.app.services.reschedules.propose(
        booking.id, by=booking.developer.account_id, start=booking.start + 24 * HOUR,
        reason="Our release moved.",
    )  # fmt: skip
    await site.app.run()


@pytest.fixture(params=[QUICK, pytest.param(ALL, marks=pytest.mark.long)], ids=["", "all"])
def shown(request: pytest.FixtureRequest) -> Shown:
    found: Shown = request.param
    return found


async def flaws(session: BrowserSession, path: str, shown: Shown) -> list[str]:
    await session.go(path)
    found = []
    devtools = await session.context.new_cdp_session(session.page)
    for width, size in shown:
        await session.page.set_viewport_size({"width": width, "height": 900})
        await devtools.send("Page.setFontSizes", {"fontSizes": {"standard": size}})
        wide = await session.page.evaluate(TOO_WIDE)
        found += [f"{path} at {width} px and text of {size} px: {each}" for each in wide]
    await devtools.detach()
    return found


async def test_what_others_typed_fits_into_a_visitors_pages(
    browser: Browser, filled: FullSite, shown: Shown
) -> None:
    profiles = [f"/developers/{each.id}" for each in filled.developers.values()]
    paths = (*OPEN_PAGES, *profiles)
    async with open_browser(browser, filled.url) as session:
        found = [flaw for path in paths for flaw in await flaws(session, path, shown)]

    assert found == []


@pytest.mark.parametrize("who", PAGES_OF)
async def test_what_others_typed_fits_into_every_page(
    browser: Browser, filled: FullSite, shown: Shown, who: str
) -> None:
    paths = [address(filled, page) for page in PAGES_OF[who]]
    async with open_browser(browser, filled.url) as session:
        await session.log_in(filled.people[who], filled)
        found = [flaw for path in paths for flaw in await flaws(session, path, shown)]

    assert found == []
