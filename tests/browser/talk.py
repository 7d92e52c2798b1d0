"""Two people who talk, each in a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from playwright.async_api import Browser, Page

from tests.browser.full_site import FullSite
from tests.browser.visits import BrowserSession, open_browser

BODIES = "[data-seq] > .bubble"
TEXT = "textarea[name=body]"
CONNECTED = "() => document.body.dataset.connected === 'yes'"
WATCH_CONNECTION = """
document.addEventListener("live:connected", () => document.body.dataset.connected = "yes");
document.addEventListener("live:lost", () => document.body.dataset.connected = "no");
"""


@dataclass
class Talk:
    """Meera and Lucía, each in a browser with the conversation open."""

    site: FullSite
    meera: BrowserSession
    lucia: BrowserSession

    @property
    def path(self) -> str:
        return f"/messages/{self.site.chats['long']}"

    async def open(self) -> None:
        for each in (self.meera, self.lucia):
            await each.go(self.path)
            await each.page.wait_for_function(CONNECTED)

    async def stored(self) -> list[str]:
        found = await self.site.app.store.repositories.messages.after(
            self.site.chats["long"], 7, limit=100
        )
        return [message.body for message in found]


@asynccontextmanager
async def two_people(browser: Browser, site: FullSite) -> AsyncIterator[Talk]:
    async with AsyncExitStack() as stack:
        sessions = []
        for name in ("Meera", "Lucía"):
            session = await stack.enter_async_context(open_browser(browser, site.url))
            await session.context.add_init_script(WATCH_CONNECTION)
            await session.log_in(site.people[name], site)
            sessions.append(session)
        talk = Talk(site, *sessions)
        await talk.open()
        yield talk


async def write(page: Page, text: str) -> None:
    await page.fill(TEXT, text)
    await page.press(TEXT, "Enter")


async def see(page: Page, text: str) -> None:
    """Wait until the last line is a stored message with this text."""
    await page.wait_for_function(
        """text => {
          const last = [...document.querySelectorAll('[data-lines] > .message')].at(-1);
          return last?.matches('[data-seq]')
            && last.querySelector('.bubble').innerText.trim() === text;
        }""",
        arg=text,
    )


async def texts(page: Page, last: int) -> list[str]:
    return [each.strip() for each in await page.locator(BODIES).all_inner_texts()][-last:]
