"""What campaigns store about people, and what becomes of it with the account."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from plugins.api import PersonalData, Repositories, Subject
from plugins.campaigns.consents import CONSENTS
from plugins.campaigns.model import PEOPLE, RECIPIENTS

SENT = "without the account it says nothing about a person; results stay true"


class CampaignData(PersonalData):
    kept: ClassVar[Mapping[str, str]] = {
        "campaigns": "texts of the site, with names of administrators",
        "campaigns_recipients": SENT,
    }

    async def export(self, repositories: Repositories, subject: Subject) -> Mapping[str, object]:
        account = subject.account.id
        rows = repositories.documents(RECIPIENTS).each(account=account)
        return {
            "campaign_consent": await repositories.documents(CONSENTS).find(account),
            "campaign_person": await repositories.documents(PEOPLE).find(account),
            "campaign_mails": [row async for row in rows],
        }

    async def erase(self, repositories: Repositories, subject: Subject, now: datetime) -> None:
        await repositories.documents(CONSENTS).remove(subject.account.id)
        await repositories.documents(PEOPLE).remove(subject.account.id)
