"""The billing details of a person. Documents that were issued keep theirs, by law."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ports.store import Repositories
from services.billing.documents import BILLING_DETAILS
from services.shared.personal_data import PersonalData, Subject


class BillingData(PersonalData):
    async def export(self, repositories: Repositories, subject: Subject) -> Mapping[str, object]:
        stored = await repositories.documents(BILLING_DETAILS).find(subject.account.id)
        return {"billing_details": stored.party if stored else None}

    async def erase(self, repositories: Repositories, subject: Subject, now: datetime) -> None:
        await repositories.documents(BILLING_DETAILS).remove(subject.account.id)
