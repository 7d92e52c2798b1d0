"""Updates for open browsers."""

from core.live import BookingChanged, SessionEnded, SlotsChanged
from services.live.service import LiveService
from services.shared.capabilities import Built, Capability
from services.shared.dependencies import Dependencies

__all__ = ["CAPABILITY", "LiveService"]


def build(dependencies: Dependencies, built: Built) -> dict[str, object]:
    return {"live": LiveService(live=dependencies.live)}


CAPABILITY = Capability(
    name="live",
    build=build,
    messages=(BookingChanged, SlotsChanged, SessionEnded),
    personal_data=None,
)
