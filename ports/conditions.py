"""Conditions that narrow a page of a list, beside those of its order.

A store checks them while it walks along the order: a page is found without reading the rest, but
what does not hold is passed over one by one. A condition that many entities fail belongs into an
index of its own. A time range over the field that a list is sorted by is a range of the index.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class OneOf:
    """The field at one of these paths has one of the values. None is a value."""

    paths: tuple[str, ...]
    values: tuple[object, ...]

    def holds(self, entity: object) -> bool:
        return any(value_of(entity, path) in self.values for path in self.paths)


@dataclass(frozen=True, slots=True)
class NoneOf:
    """The field at this path has none of the values."""

    path: str
    values: tuple[object, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        return (self.path,)

    def holds(self, entity: object) -> bool:
        return value_of(entity, self.path) not in self.values


@dataclass(frozen=True, slots=True)
class Between:
    """The number or time at this path is at least `least` and less than `below`; an end that is
    None does not limit it. A field without a value is in no range."""

    path: str
    least: int | datetime | None = None
    below: int | datetime | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        return (self.path,)

    def holds(self, entity: object) -> bool:
        value = value_of(entity, self.path)
        if self.least is None and self.below is None:
            return True
        return (
            value is not None
            and (self.least is None or self.least <= value)  # type: ignore[operator]
            and (self.below is None or value < self.below)  # type: ignore[operator]
        )


Condition: TypeAlias = OneOf | NoneOf | Between


def value_of(entity: object, path: str) -> object:
    """The value at a path; None where a part of the path is None."""
    value: object = entity
    for name in path.split("."):
        value = getattr(value, name) if value is not None else None
    return value
