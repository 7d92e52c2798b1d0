"""Two people who talk, each in a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from playwright.async_api import Browser, Page
from playwright.async_api import TimeoutError as NotInTime

from tests.api_client import until
from tests.browser.full_site import FullSite
from tests.browser.visits import BrowserSession, open_browser

BODIES = "[data-seq] > .bubble"
TEXT = "textarea[name=body]"
CONNECTED = "() => document.body.dataset.connected === 'yes'"
LOST = "() => document.body.dataset.connected === 'no'"
WATCH_CONNECTION = """
document.addEventListener("live:connected", ({ detail }) => {
  document.body.dataset.socket = detail.socket.id;
  document.body.dataset.connected = "yes";
});
document.addEventListener("live:lost", () => document.body.dataset.connected = "no");
"""
LAST_LINES = """count => {
  const last = [...document.querySelectorAll("[data-lines] > .message")].slice(-count);
  return last.map(line => (line.matches("[data-seq]") ? "" : "not stored: ")
    + line.querySelector(".bubble")?.innerText.trim());
}"""


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
        for each in (self.meera, self.lucia):
            await self.has_joined(each.page)

    async def has_joined(self, page: Page) -> None:
        """Wait until the page gets the events of the conversation, also those that no later request
        brings: who is typing, and what alerts."""
        await page.wait_for_function(CONNECTED)
        await in_room(self.site, page, f"chat:{self.site.chats['long']}")

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


async def in_room(site: FullSite, page: Page, room: str) -> None:
    """Wait until the socket of the page has joined the room at the server."""

    async def look() -> bool:
        sid = await page.evaluate("() => document.body.dataset.socket")
        return sid in site.sockets.server.manager.rooms.get("/", {}).get(room, {})

    await until(look, what=f"a socket in {room}", every_s=0.02)


async def go_offline(session: BrowserSession) -> None:
    """Each page of the browser has noticed it: until then it could still send."""
    await session.context.set_offline(True)
    for page in session.context.pages:
        await page.evaluate("() => window.dispatchEvent(new Event('offline'))")
        await page.wait_for_function(LOST)


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


async def see_texts(page: Page, *texts: str) -> None:
    """Wait until the last lines are stored messages with these texts. Fails with those that are
    there instead."""
    try:
        await page.wait_for_function(
            f"texts => String(({LAST_LINES})(texts.length)) === String(texts)",
            arg=texts,
        )
    except NotInTime:
        assert await last_lines(page, len(texts)) == list(texts)
        raise


async def last_lines(page: Page, count: int) -> list[str]:
    """As the page shows them now; those of messages that are not stored say so."""
    found: list[str] = await page.evaluate(LAST_LINES, count)
    return found
