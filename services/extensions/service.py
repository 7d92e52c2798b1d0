"""Delivers booking events to plugins: one outbox message per plugin, retried separately."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from core.extensions import BookingEvent, PluginEvent
from core.outbox import NotDueYet, message
from ports.clock import Clock
from ports.extensions import Extensions
from ports.store import Store
from services.extensions.states import PluginStates
from services.shared.outbox import handles

DISABLED_WAIT = timedelta(minutes=5)
"""How often the delivery to a disabled plugin is postponed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionService:
    """Outbox handlers that pass booking events on to plugins."""

    store: Store
    extensions: Extensions
    states: PluginStates
    clock: Clock

    @handles(BookingEvent)
    async def fan_out(self, payload: BookingEvent) -> None:
        """Enqueue one message for each listening plugin, so that a failure repeats one delivery."""
        now, key = self.clock.now(), payload.key or f"{payload.booking}:{payload.what}"
        await self.store.repositories.outbox.add(
            *(
                message(
                    PluginEvent(plugin, payload.booking, payload.what),
                    f"{key}:{plugin}",
                    due_at=now,
                )
                for plugin in self.extensions.listeners
            )
        )

    @handles(PluginEvent)
    async def deliver(self, payload: PluginEvent) -> None:
        """Call the plugin. Raises what the plugin raises, so that the relay retries; raises
        `NotDueYet` for a plugin that is disabled or switched off."""
        await self.states.refresh()
        is_on = self.states.is_on(payload.plugin)
        if payload.plugin not in self.extensions.listeners or not is_on:
            raise NotDueYet(self.clock.now() + DISABLED_WAIT)
        facts = {"booking": payload.booking, "what": payload.what}
        await self.extensions.deliver(payload.plugin, payload.what, facts)
