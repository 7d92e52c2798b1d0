"""What the application tells about its own work, for the teams that operate it.

Code marks its work as an `Operation`. Observers (metrics, traces) hear of the begin and the end of
each. Without observers an operation costs next to nothing.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from contextvars import ContextVar, Token
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self

from core.traces import Trace

log = logging.getLogger(__name__)

Detail = str | int
End = Callable[[], None]


class Kind(StrEnum):
    """Kinds of operations, and what their `name` and `outcome` are."""

    REQUEST = "request"
    """An HTTP request: its method and the pattern of its route; the status code."""
    CONNECTION = "connection"
    """An open websocket: no name; no outcome."""
    EVENT = "event"
    """An event of a socket: its name; `ok` or the code of the refusal."""
    MESSAGE = "message"
    """One attempt to handle an outbox message: its kind; `done`, `postponed`, `failed`, `dead`, or
    `unknown` when no handler knows the kind."""
    JOB = "job"
    """A run of a periodic job: its name; `done` or `failed`."""
    SETTLEMENT = "settlement"
    """A settlement of a payment: the provider; the status of the payment after it."""
    CALL = "call"
    """A call to a provider: its host; the class of the HTTP status, such as `2xx`, or
    `BREAKER_OPEN`."""
    PLUGIN = "plugin"
    """A call of a plugin: its name and the hook; `done`, or why it has no result: `failed`, `late`,
    `blocked` or `nonsense`."""
    TRANSACTION = "transaction"
    """A database transaction with its retries: no name; `done`."""


ROOTS = frozenset({Kind.REQUEST, Kind.EVENT, Kind.MESSAGE, Kind.JOB})
"""Operations that begin a trace, or continue that of a caller. All others are parts of these."""
DONE, FAILED, CANCELLED = "done", "failed", "cancelled"
"""Outcomes of operations that set none."""
BREAKER_OPEN = "breaker_open"
"""The outcome of a call that was not made, because those before it failed."""
CURRENT: ContextVar[Trace | None] = ContextVar("trace", default=None)


def current_trace() -> Trace | None:
    """The trace of the request, message, event or job that is being handled."""
    return CURRENT.get()


class Operation:
    """A piece of work, as a context manager. `outcome` may be set until its end. Names, outcomes
    and details contain nothing about persons and nothing secret, and names are few."""

    __slots__ = (
        "_endings", "_observers", "_token", "cause", "details", "kind", "name", "outcome", "parent",
        "trace",
    )  # fmt: skip

    def __init__(
        self,
        kind: Kind,
        name: str = "",
        observers: tuple[Observer, ...] = (),
        parent: Trace | None = None,
        cause: Trace | None = None,
    ) -> None:
        self.kind, self.name, self.outcome = kind, name, ""
        self.details: dict[str, Detail] = {}
        self.parent, self.cause = parent, cause
        self.trace = _begin_trace(parent).caused_by(cause) if kind in ROOTS else None
        """The position of this operation. An observer that records spans replaces it."""
        self._observers, self._endings = observers, list[End]()
        self._token: Token[Trace | None] | None = None

    def describe(self, **details: Detail) -> None:
        """Add details, which only traces show."""
        self.details.update(details)

    def __enter__(self) -> Self:
        for observer in self._observers:
            try:
                self._endings.append(observer.begin(self))
            except Exception:  # the work goes on unobserved
                log.exception("the begin of an operation was not recorded")
        if self.trace is not None:
            self._token = CURRENT.set(self.trace)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if not self.outcome:
            self.outcome = _outcome(error)
        for end in reversed(self._endings):
            try:
                end()
            except Exception:  # the work is done
                log.exception("the end of an operation was not recorded")
        if self._token is not None:
            CURRENT.reset(self._token)


class _Unobserved(Operation):
    """Stands for all operations of which nobody hears."""

    __slots__ = ()

    def describe(self, **details: Detail) -> None:
        return

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return


UNOBSERVED = _Unobserved(Kind.TRANSACTION)


class Observer(Protocol):
    """Hears of operations. It never waits; what it raises is logged and has no other effect."""

    def begin(self, operation: Operation) -> End:
        """Called at the begin, in the task of the operation; the result is called at its end."""
        ...


@dataclass(frozen=True, slots=True)
class Telemetry:
    """Where code marks its operations."""

    observers: tuple[Observer, ...] = ()

    def operation(
        self,
        kind: Kind,
        name: str = "",
        *,
        parent: Trace | None = None,
        cause: Trace | None = None,
    ) -> Operation:
        """The operation, to be entered. `parent` is the position of a caller whose trace is
        continued, `cause` that of earlier work which led to this."""
        if not self.observers and kind not in ROOTS:
            return UNOBSERVED
        return Operation(kind, name, self.observers, parent, cause)


NO_TELEMETRY = Telemetry()
"""Nobody listens. Requests, messages, events and jobs still have a trace id, for the log."""


def _begin_trace(parent: Trace | None) -> Trace:
    ids = secrets.token_hex(24)
    if parent is None:
        return Trace(ids[16:], ids[:16])
    return Trace(parent.trace_id, ids[:16], parent.sampled)


def _outcome(error: BaseException | None) -> str:
    if error is None:
        return DONE
    return CANCELLED if isinstance(error, asyncio.CancelledError) else FAILED
