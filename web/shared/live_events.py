"""Declarations of socket events, for the description that programs read: which data they have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from typing_extensions import TypedDict

Handler = TypeVar("Handler", bound=Callable[..., Any])


class EventAccepted(TypedDict):
    """The event was carried out."""

    ok: Literal[True]


class EventRefused(TypedDict):
    """The event was refused. `code` is stable, for programs; `detail` is a sentence for people."""

    ok: Literal[False]
    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveEvent:
    """An event that the server sends. `data` is the model of its value, such as a `TypedDict`;
    `summary` is a sentence that says what has happened, and who gets the event."""

    name: str
    data: Any
    summary: str


def document_event(data: Any, *, answer: Any = EventAccepted) -> Callable[[Handler], Handler]:
    """Declare the models of an event that clients send: of its value, and of the acknowledgement
    when it is not refused. The docstring of the handler is the description."""

    def declare(handler: Handler) -> Handler:
        handler.event_data = data  # type: ignore[attr-defined]
        handler.event_answer = answer  # type: ignore[attr-defined]
        return handler

    return declare
