"""The skills of many developers are counted in a sample, so that what is read does not grow."""

from __future__ import annotations

import uuid

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from adapters.memory.clock import FixedClock
from adapters.mongo import developers as mongo_developers
from adapters.mongo.profiles import profiles
from adapters.mongo.store import MongoStore
from core.vocabulary import VOCABULARY
from onehour.testing.samples.developers import a_developer
from onehour.testing.samples.sample import NOW
from onehour.testing.scheduling import RecordedWakeUps
from tests.contracts.test_list_indexes import Document, Queries, Watched, examined, stages

DEVELOPERS = 400
SAMPLED = 100


async def test_skills_are_counted_in_a_sample_that_an_index_has(
    mongo_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mongo_developers, "SKILL_SAMPLE", SAMPLED)
    queries, name = Queries(), f"onehour_test_{uuid.uuid4().hex[:12]}"
    client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(mongo_url, event_listeners=[queries])
    store = MongoStore(client, name, FixedClock(NOW), RecordedWakeUps())
    await store.prepare()
    mapping = profiles(VOCABULARY)
    made = [a_developer(number, skills=("Go", f"Skill {number}")) for number in range(DEVELOPERS)]
    await client[name].developers.insert_many([mapping.to_document(each) for each in made])
    watched = Watched(store, client[name], queries)

    *_, plan = await watched.explained(lambda r: r.developers.skills(limit=1))

    (most,) = await store.repositories.developers.skills(limit=1)
    assert (most.name, 0.8 <= most.count / DEVELOPERS <= 1.2) == ("Go", True)
    used = [stage for stage in stages(plan) if "SCAN" in stage["stage"]]
    assert {stage.get("indexName") for stage in used} == {"sampled"}
    assert examined(plan) <= 1.2 * SAMPLED
    await client.drop_database(name)
    client.close()
