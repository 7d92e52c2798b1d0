"""The client profile of a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from core.accounts import ERASED_NAME
from ports.store import Repositories
from services.shared.personal_data import PersonalData, Subject


class ClientData(PersonalData):
    async def export(self, repositories: Repositories, subject: Subject) -> Mapping[str, object]:
        return {"client": subject.client}

    async def erase(self, repositories: Repositories, subject: Subject, now: datetime) -> None:
        if subject.client:
            blank = replace(subject.client, name=ERASED_NAME, phone=None, avatar=None)
            await repositories.clients.save(blank)
