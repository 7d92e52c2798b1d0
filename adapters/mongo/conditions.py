"""Conditions of pages (ports/conditions.py) as filters of MongoDB."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from adapters.mongo.driver import Document, Filter, any_of
from adapters.mongo.mapping import to_value
from ports.conditions import Between, Condition, NoneOf, OneOf


def filter_of(where: Sequence[Condition], besides: Filter | None = None) -> Document:
    """The filter for documents of which all conditions hold, and `besides`."""
    parts = [part for part in (besides, *map(_part, where)) if part]
    names = [name for part in parts for name in part]
    if len(names) > len(set(names)):
        return {"$and": parts}
    return {name: value for part in parts for name, value in part.items()}


def times_of(where: Sequence[Condition], path: str) -> tuple[datetime | None, datetime | None]:
    """The first time in all ranges of this field, and the end of them."""
    ranges = [each for each in where if isinstance(each, Between) and each.path == path]
    least = [each.least for each in ranges if isinstance(each.least, datetime)]
    below = [each.below for each in ranges if isinstance(each.below, datetime)]
    return max(least, default=None), min(below, default=None)


def without_times(where: Sequence[Condition], path: str) -> tuple[Condition, ...]:
    """The conditions that `times_of` does not cover. A range of keys says the others exactly; with
    both ranges some engines read by no index."""
    return tuple(
        each
        for each in where
        if not (
            isinstance(each, Between)
            and each.path == path
            and all(end is None or isinstance(end, datetime) for end in (each.least, each.below))
        )
    )


def _part(condition: Condition) -> Document:
    match condition:
        case OneOf(paths, values):
            wanted = any_of([to_value(value) for value in values]) if values else {"$in": []}
            each = [{_field(path): wanted} for path in paths]
            return each[0] if len(each) == 1 else {"$or": each}
        case NoneOf(path, values):
            return {_field(path): {"$nin": [to_value(value) for value in values]}}
        case Between(path, least, below):
            ends = {"$gte": least, "$lt": below}
            limits = {name: end for name, end in ends.items() if end is not None}
            return {_field(path): limits} if limits else {}


def _field(path: str) -> str:
    return "_id" if path == "id" else path
