"""How the time of a search grows with the number of developers: an index must serve it."""

from __future__ import annotations

import time

from adapters.mongo.store import MongoStore
from adapters.system.clock import SystemClock
from bench.scenarios import NoWakeUps, database_of
from bench.system import SystemUnderTest
from core.developers import MATCH_ALL, skill_term
from ports.developers import Search, Sort

TIMES = 40
SKILLS = ("Python", "React", "Go", "Rust", "PostgreSQL", "Kafka", "AWS", "Linux")


async def search_ms(system: SystemUnderTest) -> float:
    """Mean milliseconds of an uncached page of 20, read directly from the store."""
    client, name = database_of(system)
    store = MongoStore(client, name, SystemClock(), NoWakeUps())
    await store.repositories.developers.search(Search(terms=(MATCH_ALL,)))
    began = time.perf_counter()
    for number in range(TIMES):
        criteria = Search(
            terms=(skill_term(SKILLS[number % len(SKILLS)]),),
            min_rate=number + 1,
            sort=list(Sort)[number % len(Sort)],
        )
        await store.repositories.developers.search(criteria)
    elapsed = time.perf_counter() - began
    client.close()
    return 1000 * elapsed / TIMES
