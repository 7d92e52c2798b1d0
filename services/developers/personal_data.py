"""The developer profile of a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from core.accounts import ERASED_NAME
from ports.store import Repositories
from services.shared.personal_data import PersonalData, Subject


class DeveloperData(PersonalData):
    kept: ClassVar[Mapping[str, str]] = {
        "developers.availability": "weekly hours and a time zone identify nobody"
    }

    async def export(self, repositories: Repositories, subject: Subject) -> Mapping[str, object]:
        return {"developer": subject.developer}

    async def erase(self, repositories: Repositories, subject: Subject, now: datetime) -> None:
        if subject.developer:
            blank = replace(
                subject.developer, name=ERASED_NAME, headline="", bio="", skills=(), languages=(),
                published=False, avatar=None, next_times=(),
            )  # fmt: skip
            await repositories.developers.save(blank)
