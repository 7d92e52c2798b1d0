"""Declared documents: storage for plugins and small capabilities without a repository of their own.

A `DocumentType` declares how entities of one dataclass are stored: the collection, unique rules
and sort orders. Every store treats them like its own repositories: in the same transactions,
with versions, and with every rule enforced by the database.

    REVIEWS = DocumentType(
        "reviews",
        Review,
        unique=(Unique(("booking_id",), AlreadyReviewed),),
        orders=(Order("newest", equals=("developer_id",), by=("at",), descending=True),),
    )

    await repositories.documents(REVIEWS).add(review)
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from core.errors import Conflict, OneHourError
from ports.conditions import Condition, value_of
from ports.document_checks import check_entity, check_path, kind_at

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_SEPARATOR = "\x1f"
_LOWEST = -(2**63)
_HIGHEST = "\U0010ffff"
_MILLISECOND = timedelta(milliseconds=1)


class Entity(Protocol):
    """A frozen dataclass with an id and a version that starts at 0."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def id(self) -> str: ...
    @property
    def version(self) -> int: ...


T = TypeVar("T", bound=Entity)


class UndeclaredDocuments(LookupError):
    """The store was built without this document type."""

    def __init__(self, collection: str) -> None:
        super().__init__(
            f"The store was built without the document type of {collection!r}: "
            "pass it as one of its `documents`."
        )


class CollectionInUse(OneHourError, ValueError):
    """A declared collection has the name of another one."""

    code = "collection_in_use"

    def __init__(self, collection: str) -> None:
        super().__init__(f"The collection {collection!r} is already in use.")


@dataclass(frozen=True, slots=True)
class Unique:
    """No two documents have the same values in `fields`; None counts as a value. For a second one
    `error` is raised, or `Duplicate` if it is None."""

    fields: tuple[str, ...]
    error: type[Conflict] | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """A sorted list of the documents with given values in `equals`: by the fields `by`, then by id.
    None sorts first, texts sort by code point, datetimes by the millisecond."""

    name: str
    equals: tuple[str, ...]
    by: tuple[str, ...]
    descending: bool = False

    def key(self, entity: Entity) -> str:
        """A composed sort key of the fields and the id, so a page is one index range."""
        parts = [_sortable(value_of(entity, path)) for path in self.by]
        return _SEPARATOR.join([*parts, entity.id])

    @property
    def first(self) -> str:
        """A text that sorts after the keys without a value in the first field, and before all
        others; the beginning of no key."""
        return _sortable(None) + _HIGHEST

    def edge(self, time: datetime) -> str:
        """A text that sorts after the keys of earlier times, and before those from `time` on. It is
        the beginning of no key: some engines compare such texts wrongly in a descending index."""
        return _sortable(time - _MILLISECOND) + _HIGHEST


@dataclass(frozen=True)
class DocumentType(Generic[T]):
    """How the entities of one dataclass are stored. Fields are given by path:
    `"client.account_id"` is the field `account_id` of the field `client`.

    `entity` is a frozen dataclass with `id: str` and `version: int = 0`. Its fields are str, int,
    float, bool, bytes, aware datetimes (whole milliseconds), timedeltas (whole seconds), `Money`,
    enums of texts, mappings of texts, and tuples, frozensets, optional values and frozen
    dataclasses of these. The fields of rules and orders are str, int, bool, datetime or an enum
    of texts. A field added later needs a default, which documents without it are read with.

    After the time in the field `expires` the store may remove the document at any moment; None
    means never. Raises `ValueError` for a declaration that cannot be stored.
    """

    collection: str
    entity: type[T]
    unique: tuple[Unique, ...] = ()
    orders: tuple[Order, ...] = ()
    expires: str | None = None

    def __post_init__(self) -> None:
        names = [order.name for order in self.orders]
        for name in (self.collection, *names):
            if not _NAME.fullmatch(name):
                raise ValueError(
                    f"{name!r} is not a valid name: use lower-case letters, digits and _."
                )
        if len(set(names)) < len(names):
            raise ValueError(f"{self.collection}: two orders have the same name.")
        check_entity(self.entity)
        for path in self._paths():
            check_path(self.entity, path)
        if self.expires is not None and kind_at(self.entity, self.expires) is not datetime:
            raise ValueError(f"{self.collection}: {self.expires!r} is not a datetime.")

    def order(self, name: str, equals: Collection[str]) -> Order:
        """The order of that name. Raises `ValueError` if there is none, or if `equals` does not
        name exactly its fields."""
        for order in self.orders:
            if order.name == name and set(order.equals) == set(equals):
                return order
        raise ValueError(f"{self.collection} has no order {name!r} of {sorted(equals)}.")

    def check_equals(self, names: Collection[str]) -> None:
        """Raises `ValueError` unless a unique rule or an order has exactly these equality fields:
        without an index a query would read the whole collection."""
        indexed = [rule.fields for rule in self.unique] + [order.equals for order in self.orders]
        if not any(set(fields) == set(names) for fields in indexed):
            raise ValueError(
                f"{self.collection} has no unique rule and no order of {sorted(names)}."
            )

    def check_where(self, where: Iterable[Condition]) -> None:
        """Raises `ValueError` for a condition about a field that there is not."""
        for condition in where:
            for path in condition.paths:
                kind_at(self.entity, path)

    def _paths(self) -> Iterable[str]:
        for rule in self.unique:
            yield from rule.fields
        for order in self.orders:
            yield from (*order.equals, *order.by)


class Documents(Protocol[T]):
    """The documents of one type. A violated unique rule raises its error or `Duplicate` and aborts
    the transaction."""

    async def get(self, entity_id: str) -> T:
        """Raises `Missing`."""
        ...

    async def find(self, entity_id: str) -> T | None: ...

    async def many(self, entity_ids: Sequence[str]) -> dict[str, T]:
        """Those that exist, by id."""
        ...

    async def ids(self, *, after: str = "", limit: int) -> tuple[str, ...]:
        """The ids of all that are later than `after`, by code point: one index range."""
        ...

    async def add(self, entity: T) -> T:
        """Raises `Duplicate` for an id that exists, or the error of a unique rule."""
        ...

    async def save(self, entity: T) -> T:
        """Replaces the stored one and returns it with the next version. Raises `Stale` if the
        stored version is another, `Missing`, or the error of a unique rule."""
        ...

    async def remove(self, entity_id: str) -> bool:
        """Whether there was one."""
        ...

    async def find_one(self, **equals: object) -> T | None:
        """One with these values in the fields of a unique rule, or in the `equals` of an order;
        `ValueError` for other fields. A dotted path is passed as `**{"client.id": …}`."""
        ...

    async def count(self, *, limit: int, **equals: object) -> int:
        """How many have these values (fields as in `find_one`), at most `limit`: the store counts
        in an index and reads no document."""
        ...

    async def page(
        self,
        order: str,
        *,
        equals: Mapping[str, object] | None = None,
        limit: int = 20,
        cursor: str | None = None,
        where: Sequence[Condition] = (),
    ) -> tuple[tuple[T, ...], str | None]:
        """One page of a declared order, and the cursor of the next page if there is one.

        `equals` must have a value for each `equals` field of the order, else `ValueError` is
        raised. `where` are further conditions (ports/conditions.py); the pages of a list must all
        have the same. A document is not repeated on a later page unless its own sort fields change.
        """
        ...

    def each(self, **equals: object) -> AsyncIterator[T]:
        """All documents, or those with these values (fields as in `find_one`), in no particular
        order, without loading all of them into memory."""
        ...

    def texts(self, path: str) -> AsyncIterator[str]:
        """The text of one field (a path as in `find_one`) of each document, in no particular order,
        without the rest of the documents."""
        ...


@dataclass(frozen=True, slots=True)
class AddDocument(Generic[T]):
    """To be added by somebody else, as by `Documents.add`."""

    kind: DocumentType[T]
    entity: T


@dataclass(frozen=True, slots=True)
class SaveDocument(Generic[T]):
    """To be saved by somebody else, as by `Documents.save`: `entity` has the version that was
    read."""

    kind: DocumentType[T]
    entity: T


def by_collection(
    kinds: Iterable[DocumentType[Any]], *, reserved: Collection[str]
) -> dict[str, DocumentType[Any]]:
    """The types by collection name. Raises `CollectionInUse` if two have the same name, or if one
    has a name that is `reserved` by the store."""
    found: dict[str, DocumentType[Any]] = {}
    for kind in kinds:
        if kind.collection in reserved or found.setdefault(kind.collection, kind) != kind:
            raise CollectionInUse(kind.collection)
    return found


def _sortable(value: object) -> str:
    if value is None:
        return "0"
    if isinstance(value, str):
        return f"1{value}"
    if isinstance(value, int):
        return f"1{value - _LOWEST:020d}"
    if isinstance(value, datetime):
        moment = value.astimezone(UTC)
        return f"1{moment:%Y%m%d%H%M%S}{moment.microsecond // 1000:03d}"
    raise TypeError(f"{value!r} cannot be a sort field.")
