"""Pages of a search with words, ranked in blocks of a bounded size (docs/decisions/0028)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

from ports.ranking import Candidate, Place

S = TypeVar("S")

MOST_IN_BLOCK = 200
"""Profiles with a word that a block is read from, unless it is small anyway."""


class Reader(Protocol[S]):
    """Reads the profiles that match the words and filters of one search."""

    words: int
    """How many words the search has."""

    def until(self) -> str | None:
        """The key up to which profiles with all words are looked for first; None for all."""
        ...

    def ends(self, place: Place) -> Iterator[str | None]:
        """Growing ends of the block at this place. The last one is None."""
        ...

    async def read(
        self, start: str, end: str | None, *, all_words: bool, most: int | None
    ) -> tuple[list[Candidate[S]], str | None]:
        """The profiles with a key in (`start`, `end`] that match all words or any. If there are
        `most` or more, the first ones, and the key up to which they are complete."""
        ...


@dataclass(frozen=True, slots=True)
class Ranked(Generic[S]):
    """One page of candidates, the place after each, and the place of the next page."""

    items: tuple[Candidate[S], ...]
    places: tuple[Place, ...]
    more: bool

    @property
    def next(self) -> Place | None:
        return self.places[-1] if self.more else None


async def ranked_page(
    reader: Reader[S], *, limit: int, place: Place, most: int = MOST_IN_BLOCK
) -> Ranked[S]:
    """The page that begins at `place`; a block ends when it has `most` profiles with one word."""
    if place.until == "":
        place = replace(place, until=reader.until())
    found = list[tuple[Candidate[S], Place]]()
    following: Place | None = place
    while following is not None and len(found) <= limit:
        block, end = await _block(reader, following, wanted=limit + 1 - len(found), most=most)
        begun = replace(following, end=end)
        found += [(each, begun.shown(each.rank)) for each in block]
        following = _following(reader, begun)
    page = found[:limit]
    return Ranked(tuple(c for c, _ in page), tuple(p for _, p in page), len(found) > limit)


async def _block(
    reader: Reader[S], place: Place, *, wanted: int, most: int
) -> tuple[list[Candidate[S]], str | None]:
    """What is left of the block at this place, in its order, and the end of the block.

    A new block grows until it has `wanted` profiles. A block that a cursor names is read whole, or
    profiles that the page before has shown would come again.
    """
    if place.end == "":
        found, end = await _new_block(reader, place, wanted, most)
    else:
        found, end = await reader.read(
            place.start, place.end, all_words=not place.others, most=None
        )
    left = (
        each
        for each in found
        if (place.after is None or place.after < each.rank)
        and not (place.others and _is_in_first_part(each, place, reader))
    )
    return sorted(left, key=lambda each: each.rank), end


async def _new_block(
    reader: Reader[S], place: Place, wanted: int, most: int
) -> tuple[list[Candidate[S]], str | None]:
    found, start, last = list[Candidate[S]](), place.start, _last_end(place)
    end: str | None = start
    for proposed in reader.ends(place):
        until = last if last is not None and (proposed is None or proposed > last) else proposed
        read, end = await reader.read(start, until, all_words=not place.others, most=most)
        found += read
        if len(found) >= wanted or end in {None, last} or end != until:
            break
        start = end or ""
    return found, end


def _is_in_first_part(each: Candidate[S], place: Place, reader: Reader[S]) -> bool:
    in_reach = place.until is None or each.rank.key <= place.until
    return in_reach and each.rank.words == reader.words


def _last_end(place: Place) -> str | None:
    """The end of the last block of this part."""
    return None if place.others else place.until


def _following(reader: Reader[S], place: Place) -> Place | None:
    """The place after a whole block."""
    if place.end != _last_end(place):
        return Place(place.others, place.end or "", until=place.until)
    if place.others or (reader.words == 1 and place.until is None):
        return None
    return Place(others=True, until=place.until)
