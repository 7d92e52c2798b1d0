"""The calendar feed of a person. Its entries are their bookings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from ports.store import Repositories
from services.calendars.documents import FEEDS
from services.shared.personal_data import PersonalData, Subject


class CalendarData(PersonalData):
    withheld: ClassVar[Mapping[str, str]] = {
        "calendar_feeds.nonce": "the secret address of the feed is derived from it",
        "calendar_feeds.secret_hash": "it is the hash of that secret",
    }

    async def export(self, repositories: Repositories, subject: Subject) -> Mapping[str, object]:
        feed = await repositories.documents(FEEDS).find(subject.account.id)
        return {"calendar_feed": {"created_at": feed.created_at} if feed else None}

    async def erase(self, repositories: Repositories, subject: Subject, now: datetime) -> None:
        await repositories.documents(FEEDS).remove(subject.account.id)
