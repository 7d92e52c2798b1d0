"""When a person was in the rooms of bookings: exported, and kept as evidence, without a name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ports.store import Repositories
from services.shared.ownership import bookings_of
from services.shared.personal_data import PersonalData, Subject


class CallData(PersonalData):
    kept: ClassVar[Mapping[str, str]] = {
        "stays.connection": "a random name of one page",
        "calls.room": "a random name of a room",
        "calls.provider": "the name of the video service",
    }

    async def export(self, repositories: Repositories, subject: Subject) -> Mapping[str, object]:
        account = subject.account.id
        found = [booking async for booking in bookings_of(repositories, account)]
        stays = [await repositories.stays.of_booking(booking.id) for booking in found]
        return {"stays": [each for some in stays for each in some if each.account_id == account]}
