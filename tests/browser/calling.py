"""Two people in a call, each in a browser with a camera and a microphone that only pretend."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from playwright.async_api import Browser, Page

from adapters.memory.clock import FixedClock
from adapters.peer.provider import PeerVideo
from core.accounts import AccountId
from core.bookings import Booking
from core.policy import HOUR, MINUTE
from ports.clock import Clock
from ports.video import VideoProvider
from tests.app import MONDAY, memory_app
from tests.browser.full_site import FullSite, serve_site
from tests.browser.visits import BrowserSession, open_browser

FAKE_DEVICES = (
    "--use-fake-device-for-media-stream=device-count=2",
    "--use-fake-ui-for-media-stream",
)
TICK_S = 0.1
KEEP_CONNECTIONS = """
window.connections = [];
const Made = RTCPeerConnection;
window.RTCPeerConnection = class extends Made {
  constructor(...given) { super(...given); window.connections.push(this); }
};
document.addEventListener("live:connected", (event) => {
  if (event.detail.again) document.body.dataset.connected = "again";
});
"""
"""So that a test finds the connections of the page, and knows when it is connected again."""
FRAMES = """async () => {
  let frames = 0;
  for (const report of await Promise.all(window.connections.map(each => each.getStats())))
    for (const each of report.values())
      if (each.type === "inbound-rtp" && each.kind === "video") frames += each.framesDecoded || 0;
  return frames;
}"""
CONNECTED = "() => window.connections.at(-1)?.iceConnectionState.match(/connected|completed/)"


@dataclass
class CallOfTwo:
    """Meera and Lucía, before the page of their call: the room has opened, the time has not
    begun."""

    site: FullSite
    booking: Booking
    meera: BrowserSession
    lucia: BrowserSession

    @property
    def path(self) -> str:
        return f"/bookings/{self.booking.id}/call"

    @property
    def pages(self) -> tuple[Page, Page]:
        return self.meera.page, self.lucia.page

    async def join(self) -> None:
        for session in (self.meera, self.lucia):
            await session.go(self.path)
        for page in self.pages:
            await press_join(page)
        await self.see_each_other()

    async def see_each_other(self) -> None:
        """Each decodes new pictures of the other."""
        await asyncio.gather(*map(see_pictures, self.pages))


async def press_join(page: Page) -> None:
    await page.wait_for_function("() => document.querySelector('[data-preview]').srcObject")
    await page.click("[data-join]")


async def press(page: Page, name: str) -> None:
    """A button of the bar below the pictures."""
    await page.click(f'[data-controls] [data-do="{name}"]')


async def see_pictures(page: Page) -> None:
    await page.wait_for_function(CONNECTED)
    before = await page.evaluate(FRAMES)
    await page.wait_for_function(f"async before => await ({FRAMES})() > before + 3", arg=before)


@asynccontextmanager
async def two_callers(
    browser: Browser,
    *,
    second: Browser | None = None,
    before: timedelta = 5 * MINUTE,
    video: Callable[[Clock], VideoProvider] = lambda clock: PeerVideo(),
    port: int = 0,
) -> AsyncIterator[CallOfTwo]:
    """It is this long `before` the start. The clock of the site goes on by itself. `second` is the
    browser of Lucía, if it is another one."""
    clock = FixedClock(MONDAY)
    app = memory_app(clock=clock, video=video(clock))
    site = FullSite(app)
    site.people["Meera"], _ = await app.client("Meera Krishnan")
    developer = await app.developer("Lucía Fernández")
    accounts = app.store.repositories.accounts
    account = await accounts.get(AccountId(developer.account_id))
    site.people["Lucía"] = await accounts.save(replace(account, two_factor=False))
    booking = await app.confirmed(site.people["Meera"], developer, starts_in=6 * HOUR, hours=1)
    await app.pass_time(booking.start - before - app.clock.now())
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(serve_site(site, alive=True, port=port))
        ticking = asyncio.create_task(_tick(site))
        try:
            sessions = []
            for name, used in (("Meera", browser), ("Lucía", second or browser)):
                session = await stack.enter_async_context(open_browser(used, site.url))
                await session.context.add_init_script(KEEP_CONNECTIONS)
                await session.log_in(site.people[name], site)
                sessions.append(session)
            yield CallOfTwo(site, booking, *sessions)
        finally:
            ticking.cancel()
            with suppress(asyncio.CancelledError):
                await ticking


async def _tick(site: FullSite) -> None:
    last = time.monotonic()
    while True:
        await asyncio.sleep(TICK_S)
        now = time.monotonic()
        site.app.clock.advance(timedelta(milliseconds=round((now - last) * 1000)))
        last = now
