"""The developer's profile, availability and search."""

from core.bookings_policy import BookingPolicy
from core.developers import RefreshNextTimes
from services.developers.free_hours import FreeHours
from services.developers.personal_data import DeveloperData
from services.developers.ratings import rate_developer
from services.developers.relaxing import FILTERS, Found, Relaxed, RelaxingSearch
from services.developers.search import MAX_SEARCH_RANGE, DeveloperSearch, SearchCriteria
from services.developers.service import DeveloperService
from services.shared.capabilities import Built, Capability
from services.shared.dependencies import Dependencies

__all__ = [
    "CAPABILITY",
    "FILTERS",
    "MAX_SEARCH_RANGE",
    "DeveloperService",
    "Found",
    "Relaxed",
    "SearchCriteria",
    "rate_developer",
]


def build(dependencies: Dependencies, built: Built) -> dict[str, object]:
    d = dependencies
    free = FreeHours(store=d.store, clock=d.clock)
    search = DeveloperSearch(store=d.store, clock=d.clock, free=free, vocabulary=d.vocabulary)
    service = DeveloperService(
        store=d.store,
        results=RelaxingSearch(developer_search=search),
        free=free,
        clock=d.clock,
        policy=d.policies[BookingPolicy],
        has_ratings=any(record.rates_developers for record in built.records),
    )
    return {"developers": service}


CAPABILITY = Capability(
    name="developers",
    build=build,
    repositories=("developers",),
    messages=(RefreshNextTimes,),
    personal_data=DeveloperData(),
)
