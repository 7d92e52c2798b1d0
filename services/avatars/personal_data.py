"""The profile picture of a person."""

from __future__ import annotations

from datetime import datetime

from ports.store import Repositories
from services.shared.personal_data import PersonalData, Subject


class AvatarData(PersonalData):
    """Its address is exported with the profiles, which show it."""

    async def erase(self, repositories: Repositories, subject: Subject, now: datetime) -> None:
        await repositories.avatars.remove_of(subject.account.id)
