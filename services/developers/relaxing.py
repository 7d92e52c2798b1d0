"""What a search finds, and what is left out of it when nothing fulfils all criteria."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.developers import Developer
from core.errors import Invalid
from core.vocabulary import QueryWord
from ports.developers import DeveloperPage
from services.developers.search import DeveloperSearch, SearchCriteria

DROPPED = "drop:"
"""Begins the cursor of a search without some of its filters."""
FILTERS: dict[str, dict[str, Any]] = {
    "min_rating": {"min_rating": None},
    "timezone": {"timezone": None},
    "language": {"language": None},
    "rate": {"min_rate": None, "max_rate": None},
    "free": {"free_from": None, "free_to": None, "hours": 1},
    "skill": {"skills": ()},
    "q": {"q": ""},
}
"""Filters in the order in which one is left out, with their values then. In the API "rate" is
`min_rate` and `max_rate`, and "free" is `free_from` and `free_to`."""


@dataclass(frozen=True, slots=True)
class Relaxed:
    """What was left out, because nothing fulfils all criteria.

    `filters` are names of `FILTERS`. `words` are the words of the text, as they were written, if no
    profile has all of them; `matched` are those of them that a profile of the page has.
    """

    filters: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    matched: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """One page of results.

    `criteria` are those that the results fulfil, `next` is the cursor of the next page. The first
    `complete` items have all words of the text. `no_words` says that the text has no word that can
    be searched.
    """

    items: tuple[Developer, ...]
    next: str | None
    criteria: SearchCriteria
    complete: int = 0
    relaxed: Relaxed | None = None
    no_words: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RelaxingSearch:
    """Searches, and leaves out filters if there is no result: one by one, then all but the text."""

    developer_search: DeveloperSearch

    async def search(self, criteria: SearchCriteria) -> Found:
        """Raises `Invalid`."""
        if criteria.q.strip() and not self._query_words(criteria):
            return Found((), None, criteria, no_words=True)
        dropped, wanted = _resumed(criteria)
        page = await self.developer_search.page(wanted)
        if dropped or criteria.cursor or page.items or page.next:
            return self._found(page, wanted, dropped)
        for names in _attempts(criteria):
            fewer = _without(criteria, names)
            other = await self.developer_search.page(fewer)
            if other.items:
                return self._found(other, fewer, names)
        return self._found(page, criteria, ())

    def _found(
        self, page: DeveloperPage, criteria: SearchCriteria, dropped: tuple[str, ...]
    ) -> Found:
        following = page.next
        if dropped and following is not None:
            following = f"{DROPPED}{','.join(dropped)}:{following}"
        words = self._query_words(criteria)
        complete = sum(len(matched) == len(words) for matched in page.matched)
        relaxed = Relaxed(dropped)
        if page.matched and not complete and criteria.cursor is None:
            relaxed = Relaxed(dropped, *_words_found(words, page))
        return Found(
            page.items,
            following,
            criteria,
            complete=complete if words else len(page.items),
            relaxed=relaxed if relaxed != Relaxed() else None,
        )

    def _query_words(self, criteria: SearchCriteria) -> tuple[QueryWord, ...]:
        return self.developer_search.vocabulary.query_words(criteria.q)


def _words_found(
    words: Sequence[QueryWord], page: DeveloperPage
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words as they were written, and those of them that a profile of the page has."""
    written: dict[str, set[str]] = {}
    for each in words:
        written.setdefault(each.written, set()).add(each.word)
    found = (text for text, parts in written.items() if any(parts <= m for m in page.matched))
    return tuple(written), tuple(found)


def _resumed(criteria: SearchCriteria) -> tuple[tuple[str, ...], SearchCriteria]:
    """The filters that the cursor leaves out, and the criteria without them."""
    if criteria.cursor is None or not criteria.cursor.startswith(DROPPED):
        return (), criteria
    listed, _, cursor = criteria.cursor.removeprefix(DROPPED).partition(":")
    names = tuple(listed.split(","))
    if not cursor or not set(names) <= FILTERS.keys():
        raise Invalid(cursor="This page is not part of the list. Begin again.")
    return names, replace(_without(criteria, names), cursor=cursor)


def _attempts(criteria: SearchCriteria) -> Iterator[tuple[str, ...]]:
    given = [name for name in FILTERS if _without(criteria, (name,)) != criteria]
    if len(given) > 1:
        yield from ((name,) for name in given)
        if len(given) > 2 and "q" in given:
            yield tuple(given[:-1])
    elif given != ["q"]:
        yield from ((name,) for name in given)


def _without(criteria: SearchCriteria, names: tuple[str, ...]) -> SearchCriteria:
    changes = {field: value for name in names for field, value in FILTERS[name].items()}
    return replace(criteria, **changes)
