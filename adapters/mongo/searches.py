"""What this process remembers of searches, so that the same question is not worked out again."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from ports.clock import Clock
from ports.developers import DeveloperPage, Search, SkillCount

SAMPLE = 256
"""Profiles looked at to know the market; with fewer there is no need to."""
WINDOWS = (6, 24, 96)
"""Windows to try, in sampled profiles: 2 %, 9 % and 38 % of the market."""
PAGE_LIFE = timedelta(seconds=1)
"""A page of a search may be this old, where another process changed a profile meanwhile."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Bounds:
    """Where the page of a search ended last time, as an upper bound for the next.

    MongoDB stops reading an index as soon as a page is full. Smaller engines evaluate the
    whole range first and cut it afterwards: a third of a second for ten thousand profiles,
    but milliseconds for a range that holds little more than the page. So a full answer
    teaches where it ended, and the same search asks for that range only. A range from the
    start of the page is always a true prefix of the answer: if it still holds a full page,
    that page is right; if not, the search asks once more without a bound, and learns anew.
    """

    def __init__(self, size: int = 4096) -> None:
        self._size = size
        self._ends: OrderedDict[Search, str] = OrderedDict()

    def find(self, search: Search) -> str | None:
        if search in self._ends:
            self._ends.move_to_end(search)
        return self._ends.get(search)

    def learn(self, search: Search, end: str) -> None:
        self._ends[search] = end
        self._ends.move_to_end(search)
        if len(self._ends) > self._size:
            self._ends.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Kept(Generic[V]):
    value: V
    until: datetime


class Remembered(Generic[K, V]):
    """Answers good enough for a while. While one caller works out a new answer, the others
    are given the old one, so that a popular question is worked out once."""

    def __init__(self, clock: Clock, life: timedelta, size: int = 4096) -> None:
        self._clock = clock
        self._life = life
        self._size = size
        self._kept: OrderedDict[K, Kept[V]] = OrderedDict()
        self._at_work: set[K] = set()

    async def get(self, key: K, work_out: Callable[[], Awaitable[V]]) -> V:
        kept = self._kept.get(key)
        if kept is not None and (self._clock.now() < kept.until or key in self._at_work):
            return kept.value
        self._at_work.add(key)
        try:
            value = await work_out()
        finally:
            self._at_work.discard(key)
        self._keep(key, value)
        return value

    def forget(self) -> None:
        """Something has changed: what was worked out before is not given any more."""
        self._kept.clear()

    def _keep(self, key: K, value: V) -> None:
        self._kept[key] = Kept(value, self._clock.now() + self._life)
        self._kept.move_to_end(key)
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)


class Market:
    """What a sample of the profiles tells of all: where the orders lie and which terms are rare.

    A search nobody has asked before has no learnt bound. It begins with a window that holds
    about a page's worth by this sample, and widens it while that is too little, so its time
    does not grow with the market on any engine.
    """

    def __init__(self, sample: Sequence[Mapping[str, Any]], order_fields: Iterable[str]) -> None:
        self._keys = {field: sorted(each[field] for each in sample) for field in order_fields}
        self._frequency = Counter(term for each in sample for term in each["terms"])

    def windows(self, field: str, cursor: str | None) -> Iterator[str | None]:
        """Upper bounds to try one after the other; None, no bound at all, is the last."""
        keys = self._keys[field]
        start = bisect_right(keys, cursor or "") - 1
        if len(keys) >= SAMPLE // 2:  # a small market is read whole
            for step in WINDOWS:
                if start + step < len(keys):
                    yield keys[start + step]
        yield None

    def frequency(self, term: str) -> int:
        """How often the sample has it: what is not in there is rare."""
        return self._frequency[term]


class Searches:
    """The memory of one store, shared by all its views."""

    def __init__(self, clock: Clock) -> None:
        self.bounds = Bounds()
        self.pages: Remembered[Search, DeveloperPage] = Remembered(clock, PAGE_LIFE)
        self.market: Remembered[None, Market] = Remembered(clock, timedelta(minutes=10))
        self.counts: Remembered[tuple[Search, int], int] = Remembered(clock, timedelta(seconds=30))
        self.skills: Remembered[int, tuple[SkillCount, ...]] = Remembered(
            clock, timedelta(seconds=60)
        )
