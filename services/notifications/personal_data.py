"""The addresses of a person that get no mail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ports.store import Repositories
from services.shared.personal_data import PersonalData, Subject


class NotificationData(PersonalData):
    async def export(self, repositories: Repositories, subject: Subject) -> Mapping[str, object]:
        found = [await repositories.suppressions.find(email) for email in _addresses(subject)]
        return {"undeliverable": [each for each in found if each]}

    async def erase(self, repositories: Repositories, subject: Subject, now: datetime) -> None:
        for email in _addresses(subject):
            await repositories.suppressions.remove(email)


def _addresses(subject: Subject) -> list[str]:
    account = subject.account
    return [email for email in (account.email, account.new_email) if email]
