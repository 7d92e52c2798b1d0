"""The timelines of a person's bookings: exported, and kept, since they name nobody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ports.store import Repositories
from services.shared.ownership import bookings_of
from services.shared.personal_data import PersonalData, Subject


class TimelineData(PersonalData):
    kept: ClassVar[Mapping[str, str]] = {
        "timeline.detail": "what one party wrote to the other about the work"
    }

    async def export(self, repositories: Repositories, subject: Subject) -> Mapping[str, object]:
        found = [booking async for booking in bookings_of(repositories, subject.account.id)]
        entries = [await repositories.timeline.of_booking(booking.id) for booking in found]
        return {"timeline": [entry for timeline in entries for entry in timeline]}
