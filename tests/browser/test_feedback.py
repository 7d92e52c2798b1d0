"""The pages of reviews follow the rules for all pages, in both schemes and at each width."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from core.accounts import Account
from tests.browser.full_site import FullSite, serve_site
from tests.browser.visits import open_browser
from tests.plugins.feedback.world import World, new_world

pytestmark = pytest.mark.browser
LINES = """groups => groups.map(group =>
    new Set(Array.from(group.children, choice => choice.offsetTop)).size)"""
TEXT = "Clear and friendly, but the hour was over before we reached the second model."


async def reviewed(world: World) -> dict[str, list[str]]:
    """Paths of pages, by who looks, after reviews, a reply, and reports of each kind."""
    rohan, _ = await world.app.client("Rohan Deshpande")
    by = world.developer.account_id
    jobs = [await world.approved(who) for who in (rohan, world.client, rohan, world.client)]
    reviews = [
        await world.from_client(job, stars, TEXT)
        for job, stars in zip(jobs[:3], (5, 3, 5), strict=True)
    ]
    for job in jobs[:3]:
        await world.from_developer(job)
    await world.feedback.reply(reviews[1].id, by=by, text="True. I now ask for the schema first.")
    await world.moderation.report(
        reviews[2].id, by=await world.developer_account(), reason="Not about me."
    )
    await world.moderation.report_threat(jobs[3].id, by=by, reason="Pay back half.")
    replied, sealed = (f"/bookings/{job.booking_id}" for job in (jobs[1], jobs[3]))
    profile = f"/developers/{world.developer.id}"
    return {
        "visitor": [profile, f"{profile}/reviews", "/developers"],
        "client": [replied, sealed, f"{sealed}/review", f"{sealed}/threat"],
        "developer": [
            f"/bookings/{jobs[0].booking_id}",
            f"/reviews/{reviews[0].id}/reply",
            f"/reviews/{reviews[0].id}/report",
        ],
        "admin": ["/admin/reviews"],
    }


async def test_the_pages_of_reviews_have_no_flaws(browser: Browser) -> None:
    world = await new_world()
    paths = await reviewed(world)
    people: dict[str, Account] = {
        "client": world.client,
        "developer": await world.developer_account(),
        "admin": await world.app.admin(),
    }
    async with serve_site(FullSite(world.app, added=world.plugins.web)) as site:
        for who, visited in paths.items():
            async with open_browser(browser, site.url) as session:
                if who in people:
                    await session.log_in(people[who], site)
                for path in visited:
                    await session.go(path)
                    flaws = await session.find_flaws()
                    assert (path, flaws, session.messages) == (path, [], [])
                    if path.endswith("/review"):
                        await session.page.set_viewport_size({"width": 320, "height": 800})
                        assert await session.page.eval_on_selector_all(".stars", LINES) == [1] * 4
