"""Checks of declared document types (ports/documents.py)."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import datetime
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin
from typing import get_type_hints as hints_of

KEYS = "order_keys"
"""The document field in which a store may write the sort keys. Reserved: no entity may have it."""
_SORTABLE = (str, int, datetime)


def check_entity(entity: type[Any]) -> None:
    """Raises `ValueError` unless it is a frozen dataclass with an id and a version."""
    found = {field.name: field for field in fields(entity)} if is_dataclass(entity) else {}
    frozen = bool(found) and entity.__dataclass_params__.frozen
    if not frozen or "id" not in found or "version" not in found or found["version"].default != 0:
        raise ValueError(
            f"{entity.__name__} is not a frozen dataclass with `id: str` and `version: int = 0`."
        )
    if KEYS in found:
        raise ValueError(f"{entity.__name__}: the name {KEYS!r} is reserved.")


def check_path(entity: type[Any], path: str) -> None:
    """Raises `ValueError` unless the field at this path can be used in rules and orders."""
    kind = kind_at(entity, path)
    if not (isinstance(kind, type) and issubclass(kind, _SORTABLE)):
        raise ValueError(f"{entity.__name__}: rules and orders cannot use {path!r} ({kind}).")


def kind_at(entity: type[Any], path: str) -> Any:
    """The type at a path, without `| None` and `NewType`."""
    kind: Any = entity
    for name in path.split("."):
        hints = hints_of(kind) if is_dataclass(kind) else {}
        if name not in hints:
            raise ValueError(f"{entity.__name__} has no field {path!r}.")
        kind = _plain(hints[name])
    return kind


def _plain(kind: Any) -> Any:
    while hasattr(kind, "__supertype__"):
        kind = kind.__supertype__
    if get_origin(kind) in (Union, UnionType):
        parts = [part for part in get_args(kind) if part is not NoneType]
        return _plain(parts[0]) if len(parts) == 1 else kind
    return kind
