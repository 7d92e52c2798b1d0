"""What administrators do with campaigns is in the activity of their own accounts."""

from __future__ import annotations

from typing import Any

from plugins.campaigns.consents import Topic
from tests.app import CALLER
from tests.plugins.campaigns.world import a_world


async def test_each_action_is_recorded_once_with_the_name_of_the_campaign() -> None:
    world = await a_world()
    priya = await world.person("Priya Raman", Topic.NEWS)
    who: Any = {"by": world.admin, "caller": CALLER}
    draft = await world.draft()

    await world.campaigns.send_test(draft.id, reader=priya.id, **who)
    await world.campaigns.send_test(draft.id, reader=priya.id, **who)
    await world.campaigns.schedule(draft.id, starts_at=None, rate=60, **who)
    await world.campaigns.pause(draft.id, **who)
    await world.campaigns.resume(draft.id, **who)
    await world.campaigns.cancel(draft.id, **who)
    await world.app.run()

    audit = world.app.store.repositories.audit
    entries = [each async for each in audit.chain(world.admin.id)]
    found = [(each.what, each.detail["campaign"]) for each in entries if "camp" in each.what]
    does = ("created", "tested", "tested", "scheduled", "paused", "resumed", "cancelled")
    assert sorted(found) == sorted((f"campaign_{each}", "Campaign 1") for each in does)
    assert {each.address for each in entries if "camp" in each.what} == {CALLER.place}


async def test_the_page_of_their_activity_has_words_for_it() -> None:
    world = await a_world()
    await world.draft()
    browser = await world.browser(world.admin)

    _, html = await browser.look("/account/activity")

    assert "Campaign created" in html
