"""Packets of sockets: how they are written, and checks of those that clients send."""

from __future__ import annotations

from typing import Any

import orjson
from socketio import packet

LONGEST_NAME = 100
DEEPEST = 20
"""Levels of lists and objects in the data of an event."""
LARGEST_NUMBER = 2**63 - 1


class Json:
    """The JSON module of what this application writes itself, for python-socketio."""

    @staticmethod
    def dumps(value: object, **_: object) -> str:
        return orjson.dumps(value).decode()

    @staticmethod
    def loads(text: str | bytes) -> Any:
        return orjson.loads(text)


class TextPacket(packet.Packet):  # type: ignore[misc]
    """A packet without binary data. What clients send is read by the library's own module, which
    accepts what `check_event` then refuses with a sentence."""

    uses_binary_events = False

    def encode(self) -> str:
        text = "" if self.data is None else Json.dumps(self.data)
        namespace = f"{self.namespace}," if self.namespace not in (None, "/") else ""
        number = "" if self.id is None else self.id
        return f"{self.packet_type}{namespace}{number}{text}"


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
