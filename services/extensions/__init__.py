"""Booking events for plugins, and which plugins are switched on."""

from pathlib import Path

from core.extensions import BookingEvent, ExtensionActivity, PluginEvent
from core.extensions_policy import ExtensionPolicy
from services.extensions.documents import PLUGIN_STATES
from services.extensions.notices import NOTICES
from services.extensions.service import ExtensionService
from services.extensions.states import PluginStates
from services.shared.capabilities import Built, Capability
from services.shared.dependencies import Dependencies

__all__ = ["CAPABILITY", "ExtensionService", "PluginStates"]


def build(dependencies: Dependencies, built: Built) -> dict[str, object]:
    d = dependencies
    states = PluginStates(
        store=d.store,
        extensions=d.extensions,
        clock=d.clock,
        policy=d.policies[ExtensionPolicy],
        telemetry=d.telemetry,
    )
    extensions = ExtensionService(
        store=d.store, extensions=d.extensions, states=states, clock=d.clock
    )
    return {"extensions": extensions, "plugin_states": states}


CAPABILITY = Capability(
    name="extensions",
    build=build,
    documents=(PLUGIN_STATES,),
    messages=(BookingEvent, PluginEvent),
    notices=NOTICES,
    templates=Path(__file__).parent / "templates",
    policy=ExtensionPolicy,
    activity=ExtensionActivity,
    personal_data=None,
)
