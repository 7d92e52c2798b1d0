"""Process caches for searches."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from cachetools import LRUCache

from ports.clock import Clock
from ports.developers import DeveloperPage, Search, SkillCount

SAMPLE = 256
"""Sampled profiles: at least so many, and up to four times as many. With fewer profiles all of them
are read."""
SHARES = tuple(4.0**-power for power in range(10, -1, -1))
"""Shares of all profiles that are tried as a sample: from one in a million to all."""
RANGE = 60
GROWTH = 4
"""Sizes of the ranges that a search with words reads, in profiles."""
PAGE_TTL = timedelta(seconds=1)
"""The maximum age of a page after a change in another process."""
STATISTICS_TTL = timedelta(minutes=10)
COUNT_TTL = timedelta(seconds=30)
SKILL_SAMPLE = 2_000
"""Profiles whose skills are counted, at most: a skill of 5 % of them is counted within a tenth."""
SKILLS_TTL = timedelta(minutes=1)
RATED_TTL = timedelta(minutes=10)
CACHED = 4096
"""Entries per cache; the least recently used are removed."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class CachedAnswer(Generic[V]):
    value: V
    fresh_until: datetime


class AnswerCache(Generic[K, V]):
    """Answers with a maximum age `ttl`. While one caller computes a new answer, the others get the
    old one, so that each is computed once."""

    def __init__(self, clock: Clock, ttl: timedelta) -> None:
        self._clock = clock
        self._ttl = ttl
        # No TTLCache: an expired answer is still needed while a new one is computed.
        self._answers: LRUCache[K, CachedAnswer[V]] = LRUCache(CACHED)
        self._in_progress: set[K] = set()

    async def get(self, key: K, compute: Callable[[], Awaitable[V]]) -> V:
        """Raises what `compute` raises; the next caller then computes it again."""
        cached = self._answers.get(key)
        if cached and (self._clock.now() < cached.fresh_until or key in self._in_progress):
            return cached.value
        self._in_progress.add(key)
        try:
            value = await compute()
        finally:
            self._in_progress.discard(key)
        self._answers[key] = CachedAnswer(value, self._clock.now() + self._ttl)
        return value

    def clear(self) -> None:
        """Remove all answers after a change."""
        self._answers.clear()


class SearchStatistics:
    """Estimates from a sample of the profiles: the distribution of sort keys and the frequency of
    terms.

    A search without a stored bound starts with a range that should contain one page, and uses
    larger ones if it does not, so that its time does not depend on the number of profiles.
    """

    def __init__(
        self, sample: Sequence[Mapping[str, Any]], order_fields: Iterable[str], share: float = 1.0
    ) -> None:
        """`share` is the part of all published profiles that is in the sample."""
        self._share = share
        self.profiles = round(len(sample) / share)
        """About how many profiles are published."""
        self._keys = {field: sorted(each[field] for each in sample) for field in order_fields}
        self._frequency = Counter(term for each in sample for term in each["terms"])

    def first_key(self, field: str) -> str:
        """The lowest key in the sample; the highest possible text if it is empty."""
        return min(self._keys[field], default="\U0010ffff")

    def ends(self, field: str, start: str, terms: Iterable[str]) -> Iterator[str | None]:
        """Ends of ranges of keys after `start`: with about `RANGE` profiles that have one of the
        terms in the first range, and `GROWTH` times as many in each further one. The last end is
        None, as is the first if there are few profiles."""
        keys, size, per_key = self._keys[field], RANGE, self._per_key(terms)
        place = bisect_right(keys, start) - 1
        while len(keys) >= SAMPLE // 2:
            place += max(1, round(size / per_key))
            if place >= len(keys):
                break
            yield keys[place]
            size *= GROWTH
        yield None

    def end_of(self, field: str, terms: Iterable[str], *, profiles: int) -> str | None:
        """The key up to which about so many profiles have one of the terms; None if fewer have."""
        keys = self._keys[field]
        place = round(profiles / self._per_key(terms)) if len(keys) >= SAMPLE // 2 else len(keys)
        return keys[place] if place < len(keys) else None

    def _per_key(self, terms: Iterable[str]) -> float:
        """How many profiles have one of the terms between two neighbours of the sample. A term
        that is not in the sample counts as half a profile of it."""
        keys = len(self._keys[next(iter(self._keys))])
        found = max(sum(map(self.frequency, terms)), 0.5)
        return max(found / max(keys, 1) / self._share, 0.01)

    def frequency(self, term: str) -> int:
        """How often the term is in the sample; 0 for a rare term."""
        return self._frequency[term]


class Searches:
    """The process caches of one store, shared by all its contexts.

    `bounds` has the last sort key of the previous result of a search, as an upper bound for the
    next one. MongoDB stops reading an index when a page is full. Smaller engines evaluate the
    whole range before they apply the limit: a third of a second for ten thousand profiles, but
    milliseconds for a range of about a page. A range from the start of the page is always a
    prefix of the result: if it contains a full page, the page is correct; if not, the search is
    repeated without a bound.
    """

    def __init__(self, clock: Clock) -> None:
        self.bounds: LRUCache[Search, str] = LRUCache(CACHED)
        self.pages: AnswerCache[Search, DeveloperPage] = AnswerCache(clock, PAGE_TTL)
        self.statistics: AnswerCache[None, SearchStatistics] = AnswerCache(clock, STATISTICS_TTL)
        self.counts: AnswerCache[tuple[Search, int], int] = AnswerCache(clock, COUNT_TTL)
        self.rated: AnswerCache[None, bool] = AnswerCache(clock, RATED_TTL)
        self.beginnings: AnswerCache[str, tuple[str, ...]] = AnswerCache(clock, SKILLS_TTL)
        self.known_words: LRUCache[str, bool] = LRUCache(CACHED)
        self.skills: AnswerCache[int, tuple[SkillCount, ...]] = AnswerCache(clock, SKILLS_TTL)
