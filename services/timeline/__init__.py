"""The history of a booking: what happened, who did it, and what follows."""

from services.shared.capabilities import Built, Capability
from services.shared.dependencies import Dependencies
from services.timeline.names import without_name
from services.timeline.personal_data import TimelineData
from services.timeline.recording import TimelineStep, record, to_both
from services.timeline.service import BookingDetails, TimelineService

__all__ = [
    "CAPABILITY",
    "BookingDetails",
    "TimelineService",
    "TimelineStep",
    "record",
    "to_both",
    "without_name",
]


def build(dependencies: Dependencies, built: Built) -> dict[str, object]:
    d = dependencies
    return {"timeline": TimelineService(store=d.store, clock=d.clock)}


CAPABILITY = Capability(
    name="timeline", build=build, repositories=("timeline",), personal_data=TimelineData()
)
