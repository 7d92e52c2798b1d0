"""Plugins: the outbox messages that deliver booking events to them, and whether they are on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Self

from core.extensions_policy import ExtensionPolicy
from core.outbox import Payload

LONGEST_FAILURE = 300
"""Characters of a failure that are stored."""


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


class ExtensionActivity(StrEnum):
    """Kinds of audit entries about plugins. The values are stored."""

    SWITCHED_OFF = "plugin_switched_off"
    SWITCHED_ON = "plugin_switched_on"


@dataclass(frozen=True, slots=True)
class PluginState:
    """What all processes know about a plugin; `id` is its name.

    `failures` are the times of its latest ones, `last_failure` is what went wrong in the last one.
    `off_since` is when it was switched off, None while it is on, and `switched_by` the account that
    switched it last; empty if it was switched off for its failures.
    """

    id: str
    failures: tuple[datetime, ...] = ()
    last_failure: str = ""
    off_since: datetime | None = None
    switched_by: str = ""
    version: int = 0

    @property
    def is_on(self) -> bool:
        return self.off_since is None

    def failed(self, what: str, *, now: datetime, policy: ExtensionPolicy) -> Self:
        """One more failure. The plugin is switched off by the last of `plugin_failures` within
        `plugin_failures_within`."""
        recent = [each for each in self.failures if now - each < policy.plugin_failures_within]
        failures = (*recent, now)[-policy.plugin_failures :]
        failed = replace(self, failures=failures, last_failure=what[:LONGEST_FAILURE])
        if failed.is_on and len(failures) == policy.plugin_failures:
            return replace(failed, off_since=now, switched_by="")
        return failed

    def switched(self, *, on: bool, by: str, now: datetime) -> Self:
        """By an administrator. Failures before it no longer count."""
        if on is self.is_on:
            return self
        return replace(self, off_since=None if on else now, switched_by=by, failures=())
