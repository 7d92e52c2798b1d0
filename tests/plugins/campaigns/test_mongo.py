"""The whole way of a campaign on a real database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

from adapters.memory.clock import FixedClock
from adapters.mongo.store import MongoStore
from onehour.testing.scheduling import RecordedWakeUps
from plugins.campaigns import Campaigns
from plugins.campaigns.consents import Topic, Way
from plugins.campaigns.model import Segment
from plugins.campaigns.returns import Returns
from services.bootstrap import CAPABILITIES
from services.shared.capabilities import documents_of
from tests.app import MONDAY
from tests.plugins.campaigns.world import World
from tests.plugins.site import app_with, switched_on
from tests.servers import start_mongo, stop


async def test_a_campaign_reaches_those_who_agreed_on_a_real_database(tmp_path: Path) -> None:
    process, url = start_mongo(tmp_path)
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(url)
    try:
        plugins, clock = switched_on(Campaigns, "campaigns"), FixedClock(MONDAY)
        documents = documents_of((*CAPABILITIES, *plugins.capabilities))
        store = MongoStore(client, "campaigns", clock, RecordedWakeUps(), documents=documents)
        await store.prepare()
        app = app_with(plugins, clock=clock, store=store)
        world = World(app, plugins, await app.admin("Asha Menon"))
        priya = await world.person("Priya Raman", Topic.NEWS, clicks=True)
        await world.person("Ben Okoye")

        campaign = await world.scheduled()
        await app.run()
        (mail,) = world.mails_of(priya)
        await world.consents.stop(mail.unsubscribe.rpartition("/")[2], way=Way.BUTTON)
        await app.services.built[Returns].read()
        count = await world.campaigns.count("", Topic.NEWS, Segment(), zone="UTC")
        results = await world.campaigns.results(campaign.id, zone="UTC")

        assert (await world.campaigns.get(campaign.id)).state == "done"
        assert await world.outcomes(campaign) == {"Priya Raman": "sent"}
        assert (results.total.sent, results.total.withdrew, count.agreed) == (1, 1, 0)
    finally:
        client.close()
        stop(process)
