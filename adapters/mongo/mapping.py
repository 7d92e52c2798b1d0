"""Mapping between entities and documents, with one converter for all collections.

A document has the fields of the entity under the same names, and its id as `_id`. Only these
values are stored in another form:

- `Money`: {amount, currency}, the amount always with 64 bits;
- `timedelta`: whole seconds;
- an enum of texts: its text;
- a date: 'YYYY-MM-DD';
- tuples: arrays; a frozenset: a sorted array.

A missing field gets the default of the entity, and unknown fields are ignored, so that documents
of older and newer versions can be loaded. A `ZoneName` is loaded as the canonical name, because
documents of older versions may have an old name of a time zone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, is_dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from types import NoneType, UnionType
from typing import (
    Any,
    Generic,
    NewType,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from bson import Int64
from cattrs import Converter
from cattrs.fns import identity
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from adapters.mongo.driver import Document
from core.money import Money
from core.timezones import ZONE_NAME, canonical_timezone

Read = Callable[[Any, Any], Any]
"""A structure hook of cattrs: stored value and wanted type."""
Write = Callable[[Any], Any]

T = TypeVar("T")


@dataclass(frozen=True)
class DocumentMapping(Generic[T]):
    """How entities of one dataclass are stored.

    `id_field` is the field stored as `_id`; None if there is none. `derived` computes fields that
    only the database needs, for its indexes; they are not loaded.
    """

    entity: type[T]
    id_field: str | None = "id"
    derived: Mapping[str, Callable[[T], object]] = field(default_factory=dict)

    @cached_property
    def to_document(self) -> Callable[[T], Document]:
        """The function that makes the document of an entity."""
        plain: Callable[[T], Document] = make_dict_unstructure_fn(
            self.entity, CONVERTER, **self._renamed()
        )
        derived = tuple(self.derived.items())
        if not derived:
            return plain

        def to_document(entity: T) -> Document:
            document = plain(entity)
            for name, derive in derived:
                document[name] = derive(entity)
            return document

        return to_document

    @cached_property
    def from_document(self) -> Callable[[Mapping[str, Any]], T]:
        """The function that makes the entity of a document. It raises `KeyError` if a field without
        a default is missing."""
        options = {**_zone_names(self.entity), **self._renamed()}
        read = make_dict_structure_fn(self.entity, CONVERTER, **options)
        return cast(Callable[[Mapping[str, Any]], T], read)

    def _renamed(self) -> dict[str, Any]:
        return {self.id_field: override(rename="_id")} if self.id_field else {}


def to_value(value: object) -> Any:
    """The stored form of a single value, for filters."""
    return CONVERTER.unstructure(value)


def _unchanged(value: Any, _: Any) -> Any:
    return value


def _hook_of(kind: Any) -> Read:
    """The structure hook of a type. cattrs uses the hook of `str` for its subclasses (enums), so
    the converter has the one that calls the type; for `str` itself no call is needed."""
    return _unchanged if kind is str else CONVERTER.get_structure_hook(kind)


def _converter() -> Converter:
    """The converter. A hook looks up those of its parts once, when its code is generated."""
    converter = Converter(detailed_validation=False)
    for plain in (bool, bytes, datetime):
        converter.register_structure_hook(plain, _unchanged)
        converter.register_unstructure_hook(plain, identity)
    converter.register_unstructure_hook(Money, _write_money)
    converter.register_structure_hook(Money, _read_money)
    converter.register_unstructure_hook(timedelta, lambda span: int(span.total_seconds()))
    converter.register_structure_hook(timedelta, lambda value, _: timedelta(0, value))
    converter.register_structure_hook(date, lambda value, _: date.fromisoformat(value))
    converter.register_unstructure_hook(date, date.isoformat)
    converter.register_structure_hook_factory(_has_zone_names, _reads_zone_names)
    converter.register_structure_hook_factory(_is_new_type, _reads_new_type)
    converter.register_unstructure_hook_factory(_is_new_type, _writes_new_type)
    converter.register_structure_hook_factory(_is_optional, _reads_optional)
    converter.register_unstructure_hook_factory(_is_optional, _writes_optional)
    converter.register_structure_hook_factory(_is_tuple, _reads_tuple)
    converter.register_unstructure_hook_factory(_is_tuple, _writes_tuple)
    converter.register_structure_hook_factory(_is_frozenset, _reads_frozenset)
    converter.register_unstructure_hook_factory(_is_frozenset, _writes_frozenset)
    converter.register_structure_hook_factory(_is_text_map, lambda _: _unchanged)
    converter.register_unstructure_hook_factory(_is_text_map, lambda _: dict)
    return converter


def _write_money(money: Money) -> Document:
    """Always 64 bits, so that sums in the database cannot overflow."""
    return {"amount": Int64(money.amount), "currency": money.currency}


def _read_money(document: Mapping[str, Any], _: Any) -> Money:
    return Money(int(document["amount"]), document["currency"])


def _zone_names(entity: Any) -> dict[str, Any]:
    """How the `ZoneName`s of a dataclass are read; cattrs itself leaves out annotations."""
    hints = get_type_hints(entity, include_extras=True)
    names = (n for n, hint in hints.items() if ZONE_NAME in getattr(hint, "__metadata__", ()))
    return {name: override(struct_hook=_read_zone_name) for name in names}


def _has_zone_names(kind: Any) -> bool:
    return is_dataclass(kind) and isinstance(kind, type) and bool(_zone_names(kind))


def _reads_zone_names(kind: Any) -> Read:
    return make_dict_structure_fn(kind, CONVERTER, **_zone_names(kind))


def _read_zone_name(name: str, _: Any) -> str:
    return canonical_timezone(name)


def _is_new_type(kind: Any) -> bool:
    return isinstance(kind, NewType)


def _reads_new_type(kind: Any) -> Read:
    base = kind.__supertype__
    read = _hook_of(base)
    return _unchanged if read is _unchanged else lambda value, _: read(value, base)


def _writes_new_type(kind: Any) -> Write:
    return CONVERTER.get_unstructure_hook(kind.__supertype__)


def _is_optional(kind: Any) -> bool:
    parts = get_args(kind)
    return get_origin(kind) in (Union, UnionType) and len(parts) == 2 and NoneType in parts


def _part(kind: Any) -> Any:
    """The type that is not None."""
    return next(part for part in get_args(kind) if part is not NoneType)


def _reads_optional(kind: Any) -> Read:
    part = _part(kind)
    read = _hook_of(part)
    if read is _unchanged:
        return _unchanged
    return lambda value, _: None if value is None else read(value, part)


def _writes_optional(kind: Any) -> Write:
    write = CONVERTER.get_unstructure_hook(_part(kind))
    if write is identity:
        return identity
    return lambda value: None if value is None else write(value)


def _is_tuple(kind: Any) -> bool:
    return get_origin(kind) is tuple


def _reads_tuple(kind: Any) -> Read:
    part, *others = get_args(kind)
    read = _hook_of(part)
    if others != [...]:
        return cast(Read, CONVERTER.gen_structure_hetero_tuple(kind))
    if read is _unchanged:
        return lambda values, _: tuple(values)
    return lambda values, _: tuple([read(value, part) for value in values])


def _writes_tuple(kind: Any) -> Write:
    writes = [CONVERTER.get_unstructure_hook(part) for part in get_args(kind) if part is not ...]
    if all(write is identity for write in writes):
        return list
    if len(writes) == 1:
        return lambda values: [writes[0](value) for value in values]
    return lambda values: [write(value) for write, value in zip(writes, values, strict=True)]


def _is_frozenset(kind: Any) -> bool:
    return get_origin(kind) is frozenset


def _reads_frozenset(kind: Any) -> Read:
    (part,) = get_args(kind)
    read = _hook_of(part)
    return lambda values, _: frozenset([read(value, part) for value in values])


def _writes_frozenset(kind: Any) -> Write:
    write = CONVERTER.get_unstructure_hook(get_args(kind)[0])

    def sorted_list(values: Iterable[Any]) -> list[Any]:
        return sorted(map(write, values))

    return sorted_list


def _is_text_map(kind: Any) -> bool:
    """Whether it is a mapping of texts, which is stored unchanged."""
    return get_origin(kind) is Mapping and get_args(kind) == (str, str)


CONVERTER = _converter()
