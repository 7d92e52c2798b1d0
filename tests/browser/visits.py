"""The rules for all pages, checked in a real browser."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any, Literal

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page

from core.accounts import Account
from tests.app import PASSWORD
from tests.browser.full_site import FullSite
from tests.browser.launch import new_context

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
FAILED = "Failed to load resource"
WIDTHS = (320, 390, 768, 1280)
EVERY_RULE = f"""{{type: "tag", values: {json.dumps(TAGS)}}}"""
COLOUR_RULES = """{type: "rule", values: ["color-contrast", "link-in-text-block"]}"""
Scheme = Literal["light", "dark"]
Examined = Mapping[int, Mapping[Scheme, str]]
"""The widths at which axe-core runs, and with which rules in each scheme."""
EACH_ONCE: Examined = {390: {"light": EVERY_RULE}, 1280: {"dark": EVERY_RULE}}
ALL: Examined = {
    390: {"light": EVERY_RULE, "dark": COLOUR_RULES},
    1280: {"light": EVERY_RULE, "dark": COLOUR_RULES},
}
"""The schemes differ in colours only: `light-dark()` takes nothing else, and a test of the style
sheets finds whatever else could depend on the scheme."""
DUPLICATE_IDS = """() => {
  const seen = new Set(), twice = [];
  for (const element of document.querySelectorAll("[id]"))
    seen.has(element.id) ? twice.push(element.id) : seen.add(element.id);
  return twice;
}"""
RUN_AXE = """axe.run(document, {
    resultTypes: ["violations"], preload: {assets: ["media"]}, runOnly: %s,
  }).then(result => result.violations.map(one =>
    one.id + ": " + one.nodes.slice(0, 3).map(node => node.target.join(" ")).join(" | ")))"""


@cache
def _axe() -> str:
    return AXE.read_text(encoding="utf-8")


class BrowserSession:
    """One user's browser. `messages` are the errors and warnings of its console."""

    def __init__(self, context: BrowserContext, page: Page, url: str) -> None:
        self.context, self.page, self.url = context, page, url
        self.messages: list[str] = []
        page.on("console", self._record_message)
        page.on("pageerror", lambda error: self.messages.append(str(error)))

    def _record_message(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.messages.append(message.text)

    def console_messages(self, *, refused: bool = False) -> list[str]:
        """The messages; with `refused`, without those about error responses, which are expected."""
        return [one for one in self.messages if not (refused and FAILED in one)]

    async def go(self, path: str) -> int:
        response = await self.page.goto(self.url + path)
        assert response
        return response.status

    async def log_in(self, account: Account, site: FullSite | None = None) -> None:
        """Log in and open the first page, with the second factor if the account has one and `site`
        is there to give its code. Without it the form is sent past the page, which is faster."""
        first = "/admin" if account.is_admin else "/dashboard"
        if not (site and account.factor):
            await self._send_password(account)
            await self.go(first)
            return
        await self.submit_password(account)
        await self.page.wait_for_url("**/login/code")
        await self.page.fill("#code", await site.second_factor(account))
        await self.page.click("main form .button.primary")
        await self.page.wait_for_url(f"**{first}")

    async def _send_password(self, account: Account) -> None:
        shown = await self.context.request.get(f"{self.url}/login")
        token = TOKEN.search(await shown.text())
        assert token
        form = {"csrf_token": token[1], "email": account.email, "password": PASSWORD}
        answer = await self.context.request.post(f"{self.url}/login", form=form, max_redirects=0)
        assert answer.status == 303, account.name

    async def submit_password(self, account: Account) -> None:
        await self.go("/login")
        await self.page.fill("#email", account.email)
        await self.page.fill("#password", PASSWORD)
        await self.page.click("main form .button.primary")

    async def axe(self, rules: str = EVERY_RULE) -> list[str]:
        """The violations of these rules that axe-core finds."""
        if not await self.page.evaluate("'axe' in window"):
            await self._inject_axe()
        found: list[str] = await self.page.evaluate(RUN_AXE % rules)
        return found

    async def _inject_axe(self) -> None:
        """By DevTools, past the page's CSP."""
        session = await self.context.new_cdp_session(self.page)
        await session.send("Runtime.evaluate", {"expression": f"{_axe()}; 0"})
        await session.detach()

    async def find_flaws(self, examined: Examined = EACH_ONCE) -> list[str]:
        """All violations of the rules for pages: axe-core, horizontal scrolling, ids, headings."""
        found = []
        for width in WIDTHS:
            await self._resize(width)
            over = await self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            found += [f"scrolls sideways by {over} at {width}"] if over > 0 else []
            schemes = examined.get(width, {})
            found += [f"{flaw} at {width}" for flaw in await self._in_each(schemes)]
        found += [f"id twice: {name}" for name in await self.page.evaluate(DUPLICATE_IDS)]
        headings = await self.page.locator("h1").count()
        found += [] if headings == 1 else [f"{headings} h1"]
        return found

    async def _in_each(self, schemes: Mapping[Scheme, str]) -> list[str]:
        found = []
        for scheme, rules in schemes.items():
            await self.page.emulate_media(color_scheme=scheme)
            found += [f"{scheme}: {flaw}" for flaw in await self.axe(rules)]
        return found

    async def _resize(self, width: int) -> None:
        await self.page.set_viewport_size({"width": width, "height": 900})


@asynccontextmanager
async def open_browser(browser: Browser, url: str, **context: Any) -> AsyncIterator[BrowserSession]:
    opened = await new_context(
        browser,
        **{
            "timezone_id": "Asia/Kolkata",
            "reduced_motion": "reduce",
            "viewport": {"width": 1280, "height": 900},
            **context,
        },
    )
    yield BrowserSession(opened, await opened.new_page(), url)
    await opened.close()
