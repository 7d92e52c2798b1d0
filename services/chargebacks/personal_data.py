"""A person's chargebacks: exported, and kept, since they name nobody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from core.chargebacks import Chargeback
from ports.store import Repositories
from services.chargebacks.storage import chargebacks
from services.shared.personal_data import PersonalData, StillOpen, Subject


class ChargebackData(PersonalData):
    kept: ClassVar[Mapping[str, str]] = {
        "chargebacks": "the law requires records of payments; they name nobody",
    }

    async def export(self, repositories: Repositories, subject: Subject) -> Mapping[str, object]:
        return {"chargebacks": await _of(repositories, subject)}

    async def refuse_open(self, repositories: Repositories, subject: Subject) -> None:
        """A chargeback that is not decided keeps both accounts open."""
        if any(each.undecided for each in await _of(repositories, subject)):
            raise StillOpen(
                "A bank has questioned a payment of yours and has not decided yet. "
                "Erase the account after that."
            )


async def _of(repositories: Repositories, subject: Subject) -> list[Chargeback]:
    stored = chargebacks(repositories)
    found: list[Chargeback] = []
    if subject.client:
        found += [each async for each in stored.each(client_id=subject.client.id)]
    if subject.developer:
        found += [each async for each in stored.each(developer_id=subject.developer.id)]
    return found
