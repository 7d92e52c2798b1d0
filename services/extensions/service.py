"""Delivers booking events to plugins: one outbox message per plugin, each retried by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from core.extensions import BookingEvent, PluginEvent
from core.outbox import NotDueYet, message
from ports.clock import Clock
from ports.extensions import Extensions
from ports.store import Store
from services.shared.outbox import handles

DISABLED_WAIT = timedelta(minutes=5)
"""How often an event waits again for a plugin that is switched off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionService:
    store: Store
    extensions: Extensions
    clock: Clock

    @handles(BookingEvent)
    async def fan_out(self, payload: BookingEvent) -> None:
        """One message for each plugin that listens, so that one failure repeats one delivery."""
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
        """Raises what the plugin raises: the relay then tries again later."""
        if payload.plugin not in self.extensions.listeners:
            raise NotDueYet(self.clock.now() + DISABLED_WAIT)
        facts = {"booking": payload.booking, "what": payload.what}
        await self.extensions.deliver(payload.plugin, payload.what, facts)
