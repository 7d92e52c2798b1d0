"""The transactional outbox: work that follows a state change, and every deadline.

A message is written in the transaction that changes the state. Relays run its handler at least
once, so every handler is idempotent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, ClassVar, NewType, Self, get_args, get_origin, get_type_hints

OutboxId = NewType("OutboxId", str)


class State(StrEnum):
    READY = "ready"
    DONE = "done"
    DEAD = "dead"
    CANCELLED = "void"


ATTEMPTS_BEFORE_DEAD = 200
"""About four days of half-hourly attempts: longer than any outage should last."""
LONGEST_WAIT = timedelta(minutes=30)


class WrongPayload(ValueError):
    """A payload does not have the fields, or the types of fields, that its class declares."""


@dataclass(frozen=True, slots=True)
class Payload:
    """The facts a message carries: the base of one frozen dataclass per kind of message.

    Fields are texts (also `NewType` ids and `StrEnum`), whole numbers, aware times, or one of
    these or None. They are stored as texts. A field with its default is not stored, and a stored
    field the class no longer has is ignored, so a message of another version still runs.
    """

    kind: ClassVar[str]
    """`capability.verb`. Stored with each message, so it never changes."""

    def encode(self) -> dict[str, str]:
        """The stored form. Raises `WrongPayload` for a value of another type than declared."""
        types, stored = _types(type(self)), dict[str, str]()
        for part in fields(self):
            value = getattr(self, part.name)
            if not _fits(value, types[part.name]):
                raise WrongPayload(f"{self.kind}: {part.name} must not be {value!r}.")
            if value != part.default:
                stored[part.name] = value.isoformat() if isinstance(value, datetime) else str(value)
        return stored

    @classmethod
    def decode(cls, stored: Mapping[str, str]) -> Self:
        """The payload of a stored message. Raises `WrongPayload` for a missing or unreadable
        field."""
        types, values = _types(cls), dict[str, object]()
        for part in fields(cls):
            if part.name in stored:
                values[part.name] = _read(cls.kind, part.name, stored[part.name], types[part.name])
            elif part.default is MISSING:
                raise WrongPayload(f"{cls.kind}: {part.name} is missing.")
        return cls(**values)


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """`id` is made of the aggregate, its version and the kind, so the same message is added once.

    `due_at` lies in the future for a deadline. `lease` is the token of the relay that works on
    the message now; only that relay may finish it, and only while no other has taken it over.
    """

    id: OutboxId
    kind: str
    due_at: datetime
    payload: Mapping[str, str] = field(default_factory=dict)
    state: State = State.READY
    attempts: int = 0
    lease: str | None = None
    lease_until: datetime | None = None
    last_error: str | None = None

    def fail(self, error: str, *, now: datetime, for_good: bool = True) -> Self:
        """The message after a failed attempt: due again after a wait that grows with each
        attempt, or, if `for_good` and after the last attempt, dead: left to an operator."""
        if for_good and self.attempts >= ATTEMPTS_BEFORE_DEAD:
            return replace(self, state=State.DEAD, last_error=error, lease=None, lease_until=None)
        wait = min(timedelta(seconds=2 ** min(self.attempts, 12) / 2), LONGEST_WAIT)
        return replace(self, due_at=now + wait, last_error=error, lease=None, lease_until=None)


class NotDueYet(Exception):
    """Raised by a handler that was called early: the message is due again at `until`."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"not before {until.isoformat()}")
        self.until = until


def message(payload: Payload, key: str, *, due_at: datetime) -> OutboxMessage:
    """A message to add in the present transaction; `key` and the kind make its id."""
    return OutboxMessage(message_id(type(payload), key), payload.kind, due_at, payload.encode())


def message_id(kind: type[Payload], key: str) -> OutboxId:
    """The id under which a message of that kind and key is found, for example to cancel it."""
    return OutboxId(f"{key}:{kind.kind}")


KNOWN: dict[type[Payload], dict[str, tuple[type[Any], ...]]] = {}
"""The types of fields by payload class: reading annotations takes longer than the rest."""


def _types(payload: type[Payload]) -> dict[str, tuple[type[Any], ...]]:
    """The types each field may have; a `NewType` counts as what it is made of."""
    if payload not in KNOWN:
        hints = get_type_hints(payload)
        KNOWN[payload] = {part.name: _plain_types(hints[part.name]) for part in fields(payload)}
    return KNOWN[payload]


def _plain_types(hint: Any) -> tuple[type[Any], ...]:
    parts = get_args(hint) if get_origin(hint) is UnionType else (hint,)
    return tuple(getattr(part, "__supertype__", part) for part in parts)


def _fits(value: object, types: tuple[type[Any], ...]) -> bool:
    # A bool is an int in Python, and would be read back as another number.
    return isinstance(value, types) and not isinstance(value, bool)


def _read(kind: str, name: str, text: str, types: tuple[type[Any], ...]) -> object:
    (wanted,) = (each for each in types if each is not NoneType)
    try:
        return datetime.fromisoformat(text) if wanted is datetime else wanted(text)
    except ValueError as error:
        raise WrongPayload(f"{kind}: {name} cannot be {text!r}.") from error
