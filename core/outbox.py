"""The transactional outbox: messages for side effects of a state change, and for deadlines.

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

from core.traces import Trace

OutboxId = NewType("OutboxId", str)


class State(StrEnum):
    READY = "ready"
    DONE = "done"
    DEAD = "dead"
    CANCELLED = "void"


ATTEMPTS_BEFORE_DEAD = 200
"""About four days of attempts every half hour, longer than an outage should last."""
LONGEST_WAIT = timedelta(minutes=30)


class WrongPayload(ValueError):
    """A payload does not have the fields, or the types of fields, that its class declares."""


@dataclass(frozen=True, slots=True)
class Payload:
    """Base class of the typed payloads: one frozen dataclass per kind of message.

    Fields are `str` (also `NewType` ids and `StrEnum`), `int` or aware `datetime`, each with or
    without `| None`. They are stored as texts. A field with its default value is not stored, and
    a stored field the class no longer has is ignored, so that messages of other versions run.
    """

    kind: ClassVar[str]
    """`capability.verb`. Stored with each message, so it never changes."""
    secrets: ClassVar[frozenset[str]] = frozenset()
    """Fields that nobody may see, operators included."""
    kept: ClassVar[bool] = True
    """Whether a message that is done is kept for a while, for operators, and so that adding it
    again changes nothing. False for news of which nobody asks later, and which may be told again:
    removing a message costs half of marking it as done."""

    def encode(self) -> dict[str, str]:
        """The stored form. Raises `WrongPayload` if a value does not have the declared type."""
        types, stored = _types(type(self)), dict[str, str]()
        for part in fields(self):
            value = getattr(self, part.name)
            if not _has_type(value, types[part.name]):
                raise WrongPayload(f"{self.kind}: {part.name} must not be {value!r}.")
            if value != part.default:
                stored[part.name] = value.isoformat() if isinstance(value, datetime) else str(value)
        return stored

    @classmethod
    def decode(cls, stored: Mapping[str, str]) -> Self:
        """The payload of a stored message. Raises `WrongPayload` for a missing or malformed
        field."""
        types, values = _types(cls), dict[str, object]()
        for part in fields(cls):
            if part.name in stored:
                values[part.name] = _parse(cls.kind, part.name, stored[part.name], types[part.name])
            elif part.default is MISSING:
                raise WrongPayload(f"{cls.kind}: {part.name} is missing.")
        return cls(**values)


HIDDEN = "(hidden)"


def visible_payload(
    message: OutboxMessage, payloads: Mapping[str, type[Payload]]
) -> dict[str, str]:
    """The payload as operators may see it: secret fields, and those that the payload class of the
    kind does not have, with `HIDDEN` as their values. `payloads` are the classes by kind."""
    payload = payloads.get(message.kind)
    visible = {part.name for part in fields(payload)} - payload.secrets if payload else set()
    return {name: value if name in visible else HIDDEN for name, value in message.payload.items()}


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """A stored message. `id` is made of a key and the kind (`message_id`); it is added once.

    `due_at` is in the future for a deadline. `lease` is the fencing token of the relay that runs
    the message now; only that relay may finish it, until another one has claimed it. `trace` is
    the position in the trace that added the message, as in the header `traceparent`.
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
    trace: str | None = None

    def added_in(self, trace: Trace | None) -> Self:
        """The message as the outbox stores it when it is added in `trace`."""
        return self if trace is None or self.trace else replace(self, trace=trace.header)

    def fail(self, error: str, *, now: datetime, for_good: bool = True) -> Self:
        """The message after a failed attempt: due again after a delay that doubles with each
        attempt, from one second to half an hour. If `for_good`, the last attempt makes it a dead
        letter, which an operator can retry."""
        if for_good and self.attempts >= ATTEMPTS_BEFORE_DEAD:
            return replace(self, state=State.DEAD, last_error=error, lease=None, lease_until=None)
        wait = min(timedelta(seconds=2 ** min(self.attempts, 12) / 2), LONGEST_WAIT)
        return replace(self, due_at=now + wait, last_error=error, lease=None, lease_until=None)


class NotDueYet(Exception):
    """Raised by a handler that ran too early. The message is due again at `until`."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"not before {until.isoformat()}")
        self.until = until


def message(payload: Payload, key: str, *, due_at: datetime) -> OutboxMessage:
    """A message to add to the outbox in the current transaction; `key` and the kind make its id.

    Raises `WrongPayload`.
    """
    return OutboxMessage(message_id(type(payload), key), payload.kind, due_at, payload.encode())


def message_id(kind: type[Payload], key: str) -> OutboxId:
    """The id of the message of this kind and key, for example to cancel it."""
    return OutboxId(f"{key}:{kind.kind}")


FIELD_TYPES: dict[type[Payload], dict[str, tuple[type[Any], ...]]] = {}
"""A cache by payload class, because evaluating annotations is slow."""


def _types(payload: type[Payload]) -> dict[str, tuple[type[Any], ...]]:
    """The allowed types of each field; a `NewType` is replaced by its base type."""
    if payload not in FIELD_TYPES:
        hints = get_type_hints(payload)
        FIELD_TYPES[payload] = {
            part.name: _plain_types(hints[part.name]) for part in fields(payload)
        }
    return FIELD_TYPES[payload]


def _plain_types(hint: Any) -> tuple[type[Any], ...]:
    parts = get_args(hint) if get_origin(hint) is UnionType else (hint,)
    return tuple(getattr(part, "__supertype__", part) for part in parts)


def _has_type(value: object, types: tuple[type[Any], ...]) -> bool:
    # A bool is an int in Python, and would be decoded as a different value.
    return isinstance(value, types) and not isinstance(value, bool)


def _parse(kind: str, name: str, text: str, types: tuple[type[Any], ...]) -> object:
    (wanted,) = (each for each in types if each is not NoneType)
    try:
        return datetime.fromisoformat(text) if wanted is datetime else wanted(text)
    except ValueError as error:
        raise WrongPayload(f"{kind}: {name} cannot be {text!r}.") from error
