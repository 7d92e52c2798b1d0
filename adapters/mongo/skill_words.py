"""The words of all skills ever offered, so that a search can use the beginning of one."""

from __future__ import annotations

from adapters.mongo.context import RepositoryContext
from adapters.mongo.repository import MongoRepository
from core.developers import Developer
from core.search_terms import skill_words

MOST_READ = 500
"""Words with one beginning that are compared. There are fewer, unless somebody fills profiles with
invented skills."""


class MongoSkillWords(MongoRepository):
    """Documents with nothing but a word. They are added outside of transactions: a word of a
    profile that was not saved does no harm, and saving a profile never waits for another one."""

    name = "skill_words"

    def __init__(self, context: RepositoryContext) -> None:
        super().__init__(RepositoryContext(context.shared, context.on_added))
        self._vocabulary = context.shared.vocabulary
        self._known = context.shared.searches.known_words
        self._beginnings = context.shared.searches.beginnings

    async def add_those_of(self, developer: Developer) -> None:
        """Those of a published profile; the process remembers which are stored."""
        if not developer.published:
            return
        words = skill_words(developer, self._vocabulary)
        new = [{"_id": word} for word in words if word not in self._known]
        if new:
            await self.collection.insert_missing(new)
            self._known.update(dict.fromkeys(words, True))
            self._beginnings.clear()

    async def beginning(self, beginning: str) -> tuple[str, ...]:
        """Those with this beginning, the shortest first."""
        range_ = {"$gte": beginning, "$lt": f"{beginning}\U0010ffff"}
        found = await self.collection.find({"_id": range_}, limit=MOST_READ)
        return tuple(sorted((each["_id"] for each in found), key=lambda word: (len(word), word)))
