"""Free times that others take while a profile is open."""

from __future__ import annotations

from datetime import datetime

import pytest
from playwright.async_api import Browser, expect

from tests.browser.full_site import FullSite
from tests.browser.talk import WATCH_CONNECTION, go_offline, in_room
from tests.browser.visits import open_browser

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("meanwhile", ["connected", "offline"])
async def test_a_time_that_another_takes_disappears(
    browser: Browser, live_site: FullSite, meanwhile: str
) -> None:
    app, lucia = live_site.app, live_site.developers["Lucía"]
    async with open_browser(browser, live_site.url) as session:
        page = session.page
        await session.context.add_init_script(WATCH_CONNECTION)
        await session.log_in(live_site.people["Meera"], live_site)
        await session.go(f"/developers/{lucia.id}")
        await in_room(live_site, page, f"developer:{lucia.id}")
        times = page.locator("#times [name=start]")
        start = await times.last.get_attribute("value")
        assert start
        if meanwhile == "offline":
            await go_offline(session)

        taken = datetime.fromisoformat(start) - app.clock.now()
        await app.hold(live_site.people["Rohan"], lucia, starts_in=taken, hours=1)
        await live_site.run()
        if meanwhile == "offline":
            await session.context.set_offline(False)
            await page.evaluate("() => window.dispatchEvent(new Event('online'))")

        await expect(page.locator(f"#times [name=start][value='{start}']")).to_have_count(0)
        assert await times.count()
