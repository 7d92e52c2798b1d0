"""Reads profiles by words: ranges of the index over (term, order)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pymongo import ASCENDING

from adapters.mongo.driver import Document, MongoCollection
from adapters.mongo.profiles import ORDER_FIELDS, TERMS, stored_terms
from adapters.mongo.ranked import Reader
from adapters.mongo.searches import SearchStatistics
from ports.developers import Search
from ports.ranking import Candidate, Place, candidate

SCANNED_FOR_ALL = 500
"""Profiles with the rarest word that are looked through for those with all words."""


@dataclass(frozen=True)
class WordReader(Reader[Document]):
    """Reads the profiles of one search. Each read takes one index range per term: the terms of the
    rarest word if all must match, those of all words if any may; or one required term that is rarer
    than these."""

    collection: MongoCollection
    search: Search
    statistics: SearchStatistics

    @property
    def words(self) -> int:  # type: ignore[override]
        return len(self.search.words)

    @property
    def order(self) -> str:
        return ORDER_FIELDS[self.search.sort]

    def until(self) -> str | None:
        if len(self.search.words) == 1:
            return None
        terms = self.index_terms(all_words=True)
        return self.statistics.end_of(self.order, terms, profiles=SCANNED_FOR_ALL)

    def ends(self, place: Place) -> Iterator[str | None]:
        terms = self.index_terms(all_words=not place.others)
        return self.statistics.ends(self.order, place.start, terms)

    async def read(
        self, start: str, end: str | None, *, all_words: bool, most: int | None
    ) -> tuple[list[Candidate[Document]], str | None]:
        keys = {"$gt": start} | ({} if end is None else {"$lte": end})
        conditions = self.conditions(all_words)
        lists = await asyncio.gather(
            *(
                self._range({TERMS: term, self.order: keys}, conditions, most)
                for term in self.index_terms(all_words=all_words)
            )
        )
        full = [found[-1][self.order] for found in lists if most and len(found) >= most]
        complete = min(full) if full else end
        documents = {each["_id"]: each for found in lists for each in found}
        return [
            candidate(each, each[self.order], stored_terms(each), self.search.words)
            for each in documents.values()
            if complete is None or each[self.order] <= complete
        ], complete

    async def _range(self, first: Document, rest: Document, most: int | None) -> list[Document]:
        stages: list[Document] = [
            {"$match": first},
            {"$match": rest},
            {"$sort": {self.order: ASCENDING}},
            *([{"$limit": most}] if most else []),
            {"$project": {"bio": 0}},
        ]
        return await self.collection.aggregate(stages)

    @property
    def _any_word(self) -> Sequence[str]:
        return [term for word in self.search.words for term in word]

    def index_terms(self, *, all_words: bool) -> Sequence[str]:
        """The terms whose index ranges hold every match."""
        words = self.search.words
        options: list[Sequence[str]] = [(term,) for term in self.search.terms]
        options += words if all_words else [self._any_word]
        return min(options, key=lambda terms: sum(map(self.statistics.frequency, terms)))

    def conditions(self, all_words: bool) -> Document:
        """What a profile of an index range must fulfil: all conditions, for simplicity also the
        one of the range."""
        words = self.search.words
        required = [word[0] for word in words if len(word) == 1] if all_words else []
        choices = [word for word in words if len(word) > 1] if all_words else [self._any_word]
        found: Document = {}
        if self.search.terms or required:
            found[TERMS] = {"$all": [*self.search.terms, *required]}
        if choices:
            found["$and"] = [{TERMS: {"$in": list(choice)}} for choice in choices]
        return found | limits(self.search)


def limits(search: Search) -> Document:
    """The conditions of rate and rating."""
    bounds = {
        "rate.amount": {"$gte": search.min_rate, "$lte": search.max_rate},
        "rating.hundredths": {"$gte": search.min_rating},
    }
    given = {
        field: {operator: end for operator, end in ends.items() if end is not None}
        for field, ends in bounds.items()
    }
    return {field: ends for field, ends in given.items() if ends}
