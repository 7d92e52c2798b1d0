"""A developer's profile as a document, with the fields a search finds and sorts it by."""

from __future__ import annotations

from functools import partial

from adapters.mongo.mapping import DocumentMapping
from core.developers import Developer
from ports.developers import Sort, order_key

ORDER_FIELDS = {sort: f"by_{sort}" for sort in Sort}


def _terms(developer: Developer) -> list[str]:
    """No search finds a document without terms, so an unpublished profile has none."""
    return list(developer.terms) if developer.published else []


PROFILES = DocumentMapping(
    Developer,
    derived={
        "terms": _terms,
        **{field: partial(order_key, sort=sort) for sort, field in ORDER_FIELDS.items()},
    },
)
