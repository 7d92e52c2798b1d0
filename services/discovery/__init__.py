"""How profiles are found from outside: pictures for links, and lists for search engines."""

from services.discovery.service import DiscoveryService
from services.shared.capabilities import Built, Capability
from services.shared.dependencies import Dependencies

__all__ = ["CAPABILITY", "DiscoveryService"]


def build(dependencies: Dependencies, built: Built) -> dict[str, object]:
    d = dependencies
    service = DiscoveryService(store=d.store, previews=d.link_previews, formats=d.formats)
    return {"discovery": service}


CAPABILITY = Capability(
    name="discovery", build=build, repositories=("developers",), personal_data=None
)
"""It stores nothing: pictures are drawn from published profiles and kept in memory only."""
