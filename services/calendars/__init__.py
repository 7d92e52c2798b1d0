"""Calendars: invitations of bookings by e-mail and as files, and a secret feed for each person."""

from core.calendars_policy import CalendarPolicy
from services.calendars.documents import FEEDS
from services.calendars.entries import CalendarEntries
from services.calendars.feeds import Feed, FeedService
from services.calendars.invitations import FILE_NAME, InvitationService, NotAgreed
from services.calendars.personal_data import CalendarData
from services.shared.capabilities import Built, Capability
from services.shared.dependencies import Dependencies

__all__ = ["CAPABILITY", "FILE_NAME", "Feed", "FeedService", "InvitationService", "NotAgreed"]


def build(dependencies: Dependencies, built: Built) -> dict[str, object]:
    d = dependencies
    entries = CalendarEntries(site=d.site, formats=d.formats)
    return {
        "invitations": InvitationService(store=d.store, calendars=d.calendars, entries=entries),
        "feeds": FeedService(
            store=d.store,
            calendars=d.calendars,
            entries=entries,
            clock=d.clock,
            ids=d.ids,
            policy=d.policies[CalendarPolicy],
            key=d.lasting_key,
        ),
    }


CAPABILITY = Capability(
    name="calendars",
    build=build,
    documents=(FEEDS,),
    personal_data=CalendarData(),
    policy=CalendarPolicy,
)
