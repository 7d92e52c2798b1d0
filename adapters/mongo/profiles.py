"""The mapping of developer profiles, with the fields for search and sort orders."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial
from typing import Any

from adapters.mongo.driver import Document
from adapters.mongo.mapping import DocumentMapping
from core.developers import Developer
from core.search_terms import ProfileTerms, profile_terms
from core.vocabulary import Vocabulary
from ports.developers import POSITIONS, Sort, order_key, position_of

ORDER_FIELDS = {sort: f"by_{sort}" for sort in Sort}
TERMS = "terms"
WORD_RANGES = "word_ranges"
"""Where the words of skills and of the headline end in the terms, for the rank of a word."""
SAMPLED = "sampled"
"""The position of a published profile among all, for samples."""
OUTDATED = "outdated_from"
"""When the first stored next time of a published profile can no longer be booked."""
RULES = "terms_by"
"""The digest of the rules that the terms were made by."""


@lru_cache(maxsize=8)
def profiles(vocabulary: Vocabulary) -> DocumentMapping[Developer]:
    """The mapping, with terms by these rules. An unpublished profile has no terms, so no search
    finds it."""
    return DocumentMapping(
        Developer,
        derived={
            TERMS: lambda developer: list(_terms(developer, vocabulary).terms),
            WORD_RANGES: lambda developer: _ranges(_terms(developer, vocabulary)),
            RULES: lambda _: vocabulary.digest,
            SAMPLED: _sampled,
            OUTDATED: lambda developer: developer.outdated_from,
            **{field: partial(order_key, sort=sort) for sort, field in ORDER_FIELDS.items()},
        },
    )


def sample_end(share: float) -> str:
    """The end of the range of `SAMPLED` that has this share of all published profiles."""
    return f"{round(share * POSITIONS):09x}"


def _sampled(developer: Developer) -> str | None:
    """Spreads profiles evenly, whatever their ids are: the same each time, so that a save does not
    change the index. None for an unpublished profile."""
    return f"{position_of(developer.id):09x}" if developer.published else None


def next_times_fields(developer: Developer) -> Document:
    """The fields that depend on the next free times."""
    return {
        "next_times": list(developer.next_times),
        OUTDATED: developer.outdated_from,
        ORDER_FIELDS[Sort.NEXT_FREE]: order_key(developer, Sort.NEXT_FREE),
    }


def search_fields(developer: Developer, vocabulary: Vocabulary) -> Document:
    """The fields that depend on the rules of the search."""
    terms = _terms(developer, vocabulary)
    return {
        TERMS: list(terms.terms),
        WORD_RANGES: _ranges(terms),
        RULES: vocabulary.digest,
        SAMPLED: _sampled(developer),
    }


def stored_terms(document: Mapping[str, Any]) -> ProfileTerms:
    """The terms of a document. Those of an older version have no ranges."""
    ends = document.get(WORD_RANGES) or (0, len(document[TERMS]))
    return ProfileTerms(tuple(document[TERMS]), *ends)


def _ranges(terms: ProfileTerms) -> list[int]:
    return [terms.skills_end, terms.headline_end]


NO_TERMS = ProfileTerms((), 0, 0)


def _terms(developer: Developer, vocabulary: Vocabulary) -> ProfileTerms:
    return _made(developer, vocabulary) if developer.published else NO_TERMS


@lru_cache(maxsize=1)
def _made(developer: Developer, vocabulary: Vocabulary) -> ProfileTerms:
    """Remembered for the second field of one document."""
    return profile_terms(developer, vocabulary)
