"""The pages of campaigns follow the rules for all pages, in both schemes and at each width."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.async_api import Browser

from core.accounts import Account, Role
from core.suppressions import Suppression
from plugins.campaigns.clicks import Clicks
from plugins.campaigns.consents import Topic, Way
from plugins.campaigns.model import Words
from plugins.campaigns.returns import Returns
from tests.app import CALLER
from tests.browser.full_site import FullSite, serve_site
from tests.browser.visits import open_browser
from tests.plugins.campaigns.world import HELLO, World, a_world

pytestmark = pytest.mark.browser
ZONES = ("Asia/Kolkata", "Europe/Madrid", "Africa/Johannesburg")
TEXT = "Hello {{ name }},\n\nit is {{ last_month | default('a while') }} since your last hour."


async def people(world: World) -> list[Account]:
    found = []
    for number in range(12):
        account = await world.app.account(Role.CLIENT, f"Person {number}", ZONES[number % 3])
        await world.consents.choose(list(Topic), clicks=True, by=account.id)
        found.append(account)
    return found


async def answered(world: World, campaign: str, readers: list[Account]) -> None:
    """They click, stop the mails, complain, and one of the mails comes back."""
    token = world.mails.tokens.make
    for reader in readers[:4]:
        await world.app.services.built[Clicks].follow(token(campaign, reader.id), count=True)
    await world.consents.stop(token(campaign, readers[4].id), way=Way.BUTTON)
    now = world.app.clock.now()
    for reader, complaint in ((readers[5], False), (readers[6], True)):
        listed = Suppression(reader.email, "Came back.", now, complaint=complaint)
        await world.app.store.repositories.suppressions.add(listed)
    await world.app.services.built[Returns].read()


async def paths_of(world: World) -> dict[str, list[str]]:
    """Paths of pages, by who looks: a campaign in each state."""
    readers = await people(world)
    who = {"by": world.admin, "caller": CALLER}
    done = await world.sent(words=Words("We miss you, {{ name }}", "A free hour", TEXT))
    await answered(world, done.id, readers)
    stopped = await world.scheduled(rate=60)
    await world.campaigns.cancel(stopped.id, **who)  # type: ignore[arg-type]
    draft = await world.draft()
    unfinished = await world.campaigns.create("New", **who)  # type: ignore[arg-type]
    planned = await world.draft()
    start = world.app.clock.now() + timedelta(days=2)
    await world.campaigns.schedule(planned.id, starts_at=start, rate=60, **who)  # type: ignore[arg-type]
    running = await world.scheduled(words=HELLO, rate=60)
    for _ in range(3):
        await world.app.pass_time(timedelta(minutes=1))
    shown = (done, stopped, draft, unfinished, planned, running)
    token = world.mails.tokens.make
    return {
        "admin": ["/admin/campaigns", *(f"/admin/campaigns/{each.id}" for each in shown)],
        "reader": ["/notifications/preferences#news", "/welcome"],
        "visitor": [
            f"/mail/unsubscribe/{token(done.id, readers[0].id)}",
            f"/mail/unsubscribe/{token(done.id, readers[4].id)}",
        ],
    }


async def test_the_pages_of_campaigns_have_no_flaws(browser: Browser) -> None:
    world = await a_world()
    reader, _ = await world.app.client("Priya Raman")
    paths = await paths_of(world)
    accounts = {"admin": world.admin, "reader": reader}
    async with serve_site(FullSite(world.app, added=world.plugins.web)) as site:
        for who, visited in paths.items():
            async with open_browser(browser, site.url) as session:
                if who in accounts:
                    await session.log_in(accounts[who], site)
                for path in visited:
                    await session.go(path)
                    flaws = await session.find_flaws()
                    assert (path, flaws, session.messages) == (path, [], [])
                if who == "visitor":
                    await session.go(visited[0])
                    await session.page.click("button:has-text('Stop news and offers')")
                    await session.page.wait_for_selector("h1:has-text('Stopped')")
                    assert await session.find_flaws() == []
