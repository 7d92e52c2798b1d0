"""What was written in the pads of a person's meetings: exported, and kept for the other party."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ports.store import Repositories
from services.pads.documents import PADS
from services.shared.ownership import bookings_of
from services.shared.personal_data import PersonalData, Subject


class PadData(PersonalData):
    kept: ClassVar[Mapping[str, str]] = {
        "pads.text": "both wrote it, and the other party keeps it as the result of the meeting",
        "pads.language": "the name of a programming language",
    }

    async def export(self, repositories: Repositories, subject: Subject) -> Mapping[str, object]:
        account = subject.account.id
        bookings = [booking.id async for booking in bookings_of(repositories, account)]
        return {"pads": list((await repositories.documents(PADS).many(bookings)).values())}
