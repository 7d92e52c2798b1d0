"""The client's profile."""

from services.clients.personal_data import ClientData
from services.clients.service import ClientService
from services.shared.capabilities import Built, Capability
from services.shared.dependencies import Dependencies

__all__ = ["CAPABILITY", "ClientService"]


def build(dependencies: Dependencies, built: Built) -> dict[str, object]:
    return {"clients": ClientService(store=dependencies.store)}


CAPABILITY = Capability(
    name="clients",
    build=build,
    repositories=("clients",),
    personal_data=ClientData(),
)
