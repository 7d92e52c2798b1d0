"""Outbox messages that deliver booking events to plugins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.outbox import Payload


@dataclass(frozen=True, slots=True)
class BookingEvent(Payload):
    """Something happened to a booking. The handler enqueues one `PluginEvent` for each plugin that
    listens. `key` identifies the event, since the same `what` can happen to a booking twice."""

    kind: ClassVar[str] = "plugins.news"
    booking: str
    what: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class PluginEvent(Payload):
    """The same event for one plugin: retried until this plugin has handled it."""

    kind: ClassVar[str] = "plugins.event"
    plugin: str
    booking: str
    what: str
