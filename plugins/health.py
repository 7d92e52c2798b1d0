"""What goes wrong in plugins while the application runs: logged, counted, and told to the service
that switches off a plugin which fails repeatedly."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from ports.telemetry import NO_TELEMETRY, Kind, Operation, Telemetry
from services.extensions import PluginStates

log = logging.getLogger(__name__)


class Outcome(StrEnum):
    """Why a call of a plugin has no result."""

    FAILED = "failed"
    LATE = "late"
    BLOCKED = "blocked"
    NONSENSE = "nonsense"


@dataclass(frozen=True, slots=True)
class Failure:
    """`what` is shown to administrators."""

    outcome: Outcome
    what: str
    error: BaseException | None = None


class Health:
    """Of all plugins of a process. Until `connect` is called, every plugin is switched on."""

    def __init__(self) -> None:
        self._states: PluginStates | None = None
        self._telemetry: Telemetry = NO_TELEMETRY
        self._telling = set[asyncio.Task[None]]()

    def connect(self, states: PluginStates) -> None:
        self._states, self._telemetry = states, states.telemetry

    def now(self) -> datetime:
        return self._states.clock.now() if self._states else datetime.now(UTC)

    def operation(self, plugin: str, hook: str) -> Operation:
        return self._telemetry.operation(Kind.PLUGIN, f"{plugin} {hook}")

    def is_on(self, plugin: str) -> bool:
        """As last read; see `refresh`."""
        return self._states is None or self._states.is_on(plugin)

    async def refresh(self) -> None:
        """Read what other processes have switched, if that was some seconds ago."""
        if self._states:
            await self._states.refresh()

    def failed(self, plugin: str, hook: str, failure: Failure) -> None:
        """Nobody waits for what follows from it."""
        log.error(
            "plugin %s in %s: %s: %s", plugin, hook, failure.outcome, failure.what,
            exc_info=failure.error,
        )  # fmt: skip
        if self._states is None or asyncio._get_running_loop() is None:
            return
        task = asyncio.create_task(self._tell(self._states, plugin, f"{hook}: {failure.what}"))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def told(self) -> None:
        """Wait until the failures so far are stored. For tests."""
        await asyncio.gather(*self._telling)

    @staticmethod
    async def _tell(states: PluginStates, plugin: str, what: str) -> None:
        try:
            await states.failed(plugin, what)
        except Exception:
            log.exception("the failure of plugin %s was not stored", plugin)
