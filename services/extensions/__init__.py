"""Booking events for plugins."""

from core.extensions import BookingEvent, PluginEvent
from services.extensions.service import ExtensionService
from services.shared.capabilities import Built, Capability
from services.shared.dependencies import Dependencies

__all__ = ["CAPABILITY", "ExtensionService"]


def build(dependencies: Dependencies, built: Built) -> dict[str, object]:
    d = dependencies
    return {"extensions": ExtensionService(store=d.store, extensions=d.extensions, clock=d.clock)}


CAPABILITY = Capability(
    name="extensions",
    build=build,
    messages=(BookingEvent, PluginEvent),
    personal_data=None,
)
