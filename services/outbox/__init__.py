"""The outbox relay, the runner of periodic jobs, and the watch over the outbox."""

from services.outbox.periodic import PeriodicRunner
from services.outbox.personal_data import OutboxData
from services.outbox.service import OutboxRelay
from services.outbox.watch import OutboxWatch
from services.shared.capabilities import Built, Capability
from services.shared.dependencies import Dependencies

__all__ = ["CAPABILITY", "OutboxRelay", "OutboxWatch", "PeriodicRunner"]


def build(dependencies: Dependencies, built: Built) -> dict[str, object]:
    """Relay and runner are made last: they need what all other capabilities declare."""
    return {"outbox_watch": OutboxWatch(store=dependencies.store, clock=dependencies.clock)}


CAPABILITY = Capability(
    name="outbox",
    build=build,
    repositories=("outbox", "periodic_jobs", "findings"),
    personal_data=OutboxData(),
)
