"""The outbox relay."""

from services.outbox.service import OutboxRelay
from services.shared.capabilities import Built, Capability
from services.shared.dependencies import Dependencies

__all__ = ["CAPABILITY", "OutboxRelay"]


def build(dependencies: Dependencies, built: Built) -> dict[str, object]:
    return {}


CAPABILITY = Capability(
    name="outbox",
    build=build,
    repositories=("outbox", "findings"),
    personal_data=None,
)
