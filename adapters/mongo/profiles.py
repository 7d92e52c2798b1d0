"""The mapping of developer profiles, with the fields for search and sort orders."""

from __future__ import annotations

from functools import partial

from adapters.mongo.mapping import DocumentMapping
from core.developers import Developer
from ports.developers import Sort, order_key

ORDER_FIELDS = {sort: f"by_{sort}" for sort in Sort}


def _terms(developer: Developer) -> list[str]:
    """The search terms. An unpublished profile has none, so no search finds it."""
    return list(developer.terms) if developer.published else []


PROFILES = DocumentMapping(
    Developer,
    derived={
        "terms": _terms,
        **{field: partial(order_key, sort=sort) for sort, field in ORDER_FIELDS.items()},
    },
)
