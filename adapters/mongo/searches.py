"""Process caches for searches, so that the same question is not worked out again."""

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
"""So many profiles are read to estimate the market; a smaller market is read whole."""
BOUND_POSITIONS = (6, 24, 96)
"""Window sizes, in sampled profiles: 2 %, 9 % and 38 % of the market."""
PAGE_TTL = timedelta(seconds=1)
"""So old may a page be if another process has changed a profile meanwhile."""
STATISTICS_TTL = timedelta(minutes=10)
COUNT_TTL = timedelta(seconds=30)
SKILLS_TTL = timedelta(minutes=1)
CACHED = 4096
"""Each cache holds so many entries and drops those used longest ago."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Answer(Generic[V]):
    value: V
    fresh_until: datetime


class AnswerCache(Generic[K, V]):
    """Answers that may be `life` old. While one caller works out a new answer, the others are
    given the old one, so a popular question is worked out once."""

    def __init__(self, clock: Clock, ttl: timedelta) -> None:
        self._clock = clock
        self._ttl = ttl
        # No TTLCache: an answer must outlive its time while a new one is worked out.
        self._answers: LRUCache[K, Answer[V]] = LRUCache(CACHED)
        self._in_progress: set[K] = set()

    async def get(self, key: K, compute: Callable[[], Awaitable[V]]) -> V:
        """Raises what `work_out` raises; the next caller then tries again."""
        known = self._answers.get(key)
        if known and (self._clock.now() < known.fresh_until or key in self._in_progress):
            return known.value
        self._in_progress.add(key)
        try:
            value = await compute()
        finally:
            self._in_progress.discard(key)
        self._answers[key] = Answer(value, self._clock.now() + self._ttl)
        return value

    def clear(self) -> None:
        """Something has changed: no answer from before is given any more."""
        self._answers.clear()


class SearchStatistics:
    """An estimate from a sample of the profiles: how the sort keys are distributed and which
    terms are rare.

    A new search has no known bound. It begins with a window that holds about one page by this
    sample, and widens it while that is too little, so its time does not grow with the market on
    any engine.
    """

    def __init__(self, sample: Sequence[Mapping[str, Any]], order_fields: Iterable[str]) -> None:
        self._keys = {field: sorted(each[field] for each in sample) for field in order_fields}
        self._frequency = Counter(term for each in sample for term in each["terms"])

    def upper_bounds(self, field: str, cursor: str | None) -> Iterator[str | None]:
        """Upper bounds to try one after the other; the last is None, no bound."""
        keys = self._keys[field]
        start = bisect_right(keys, cursor or "") - 1
        if len(keys) >= SAMPLE // 2:  # a small market is read whole
            for step in BOUND_POSITIONS:
                if start + step < len(keys):
                    yield keys[start + step]
        yield None

    def frequency(self, term: str) -> int:
        """How often the term is in the sample; a term that is not in it is rare."""
        return self._frequency[term]


class Searches:
    """The process caches of one store, shared by all its views.

    `bounds` holds where the page of a search ended last time, as an upper bound for the next.
    MongoDB stops reading an index as soon as a page is full. Smaller engines evaluate the whole
    range first and cut it afterwards: a third of a second for ten thousand profiles, but
    milliseconds for a range that holds little more than the page. A range from the start of the
    page is always a true prefix of the answer: if it still holds a full page, that page is
    right; if not, the search asks once more without a bound.
    """

    def __init__(self, clock: Clock) -> None:
        self.bounds: LRUCache[Search, str] = LRUCache(CACHED)
        self.pages: AnswerCache[Search, DeveloperPage] = AnswerCache(clock, PAGE_TTL)
        self.statistics: AnswerCache[None, SearchStatistics] = AnswerCache(clock, STATISTICS_TTL)
        self.counts: AnswerCache[tuple[Search, int], int] = AnswerCache(clock, COUNT_TTL)
        self.skills: AnswerCache[int, tuple[SkillCount, ...]] = AnswerCache(clock, SKILLS_TTL)
