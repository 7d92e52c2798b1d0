"""Declarations of socket events, for the description that programs read: which data they have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict

from core.errors import Invalid
from services.bootstrap import Services

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
    `summary` is a sentence that says what has happened, and who gets the event. `heard` is called
    in each web process with the data of the event, whichever process has published it; some events
    are lost."""

    name: str
    data: Any
    summary: str
    heard: Callable[[Services, Any], None] | None = None


def document_event(data: Any, *, answer: Any = EventAccepted) -> Callable[[Handler], Handler]:
    """Declare the models of an event that clients send: of its value, and of the acknowledgement
    when it is not refused. The docstring of the handler is the description."""

    def declare(handler: Handler) -> Handler:
        handler.event_data = data  # type: ignore[attr-defined]
        handler.event_answer = answer  # type: ignore[attr-defined]
        return handler

    return declare


def event_reader(handler: Callable[..., Any]) -> Callable[[object], Any]:
    """The function that checks the data of an event against the declared model, and returns them.
    It raises `Invalid` with the first thing that is wrong. Without a declaration, data pass as they
    are."""
    model = getattr(handler, "event_data", None)
    if model is None:
        return lambda data: data
    adapter = TypeAdapter[Any](model)

    def read(data: object) -> Any:
        try:
            return adapter.validate_python(data)
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(map(str, first["loc"])) or "data"
            raise Invalid(**{name: f"{first['msg']}."}) from error

    return read
