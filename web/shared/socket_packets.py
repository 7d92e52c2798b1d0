"""Checks of the events that clients send over sockets, before a handler gets them."""

from __future__ import annotations

LONGEST_NAME = 100
DEEPEST = 20
"""Levels of lists and objects in the data of an event."""
LARGEST_NUMBER = 2**63 - 1


class MalformedEvent(ValueError):
    """An event that no handler could read. The message is for the client's developer."""


def check_event(data: object) -> str:
    """The name of the event in `[name]` or `[name, data]`. Raises `MalformedEvent` for more data,
    for data that is nested too deeply, and for values that cannot be stored."""
    if not isinstance(data, list) or not 1 <= len(data) <= 2:
        raise MalformedEvent("An event is a name and at most one value.")
    name = data[0]
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME:
        raise MalformedEvent(f"The name of an event is a text of 1 to {LONGEST_NAME} characters.")
    for value in data:
        _check(value, DEEPEST)
    return name


def _check(value: object, levels: int) -> None:
    if levels == 0:
        raise MalformedEvent(f"The data of an event has at most {DEEPEST} levels.")
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, dict):
        for name, part in value.items():
            _check_text(name)
            _check(part, levels - 1)
    elif isinstance(value, list):
        for part in value:
            _check(part, levels - 1)
    elif isinstance(value, int | float) and not abs(value) <= LARGEST_NUMBER:  # nor NaN
        raise MalformedEvent("A number is too large.")


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise MalformedEvent("A text is not Unicode.") from error
