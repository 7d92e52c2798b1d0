"""What classes of services declare on their methods: outbox handlers and periodic jobs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any


def declarations(service: object, attribute: str) -> tuple[tuple[str, Any], ...]:
    """The methods of the service on which a decorator has set the attribute: names and values."""
    kind: Any = type(service)
    return _of_class(kind, attribute)


@cache
def _of_class(kind: type[Any], attribute: str) -> tuple[tuple[str, Any], ...]:
    """A class is searched once: an application has a hundred, with ten thousand names."""
    return tuple(_search(kind, attribute))


def _search(kind: type[Any], attribute: str) -> Iterator[tuple[str, Any]]:
    for name in dir(kind):
        value = getattr(getattr(kind, name, None), attribute, None)
        if value is not None:
            yield name, value
