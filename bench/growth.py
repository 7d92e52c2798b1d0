"""How the time of a search grows with the number of developers: an index must serve it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from adapters.mongo.store import MongoStore
from adapters.system.clock import SystemClock
from bench.scenarios import NoWakeUps, database_of
from bench.system import SystemUnderTest
from core.search_terms import MATCH_ALL, skill_term
from core.vocabulary import VOCABULARY
from ports.developers import Search, Sort

TIMES = 40
SKILLS = ("Python", "React", "Go", "Rust", "PostgreSQL", "Kafka", "AWS", "Linux")


def _words(*words: str) -> tuple[tuple[str, ...], ...]:
    return tuple((each.word,) for word in words for each in VOCABULARY.query_words(word))


def _skill(number: int) -> str:
    return SKILLS[number % len(SKILLS)]


SEARCHES: Mapping[str, Callable[[int], Search]] = {
    "a skill": lambda n: Search(terms=(skill_term(_skill(n)),)),
    "one word": lambda n: Search(words=_words(_skill(n))),
    "two words": lambda n: Search(words=_words(_skill(n), _skill(n + 3))),
    "four words": lambda n: Search(words=_words(*(_skill(n + k) for k in range(4)))),
    "a word that few have": lambda n: Search(words=_words(str(n * 7 + 10))),
    "a beginning": lambda n: Search(words=(("postg", "postgresql"),)),
    "two words, one unknown": lambda n: Search(words=_words(_skill(n), "cobol")),
}
"""Searches by name; each number makes another one."""


async def search_ms(system: SystemUnderTest) -> dict[str, float]:
    """Mean milliseconds of an uncached page of 20 of each kind, read directly from the store."""
    client, name = database_of(system)
    store = MongoStore(client, name, SystemClock(), NoWakeUps())
    await store.repositories.developers.search(Search(terms=(MATCH_ALL,)))
    measured = {kind: await _mean_ms(store, make) for kind, make in SEARCHES.items()}
    client.close()
    return measured


async def _mean_ms(store: MongoStore, make: Callable[[int], Search]) -> float:
    began = time.perf_counter()
    for number in range(TIMES):
        search = make(number)
        page = Search(
            terms=search.terms,
            words=search.words,
            min_rate=number + 1,  # another search each time, so that no cache answers
            sort=list(Sort)[number % len(Sort)],
        )
        await store.repositories.developers.search(page)
    return 1000 * (time.perf_counter() - began) / TIMES
