"""What coupons say about people: who used one, and for which booking.

Erasure takes the account away. The use stays, since limits and amounts rest on it; it then names
nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from coupons.repository import CouponRepository
from onehour.api import PersonalData, Repositories, Subject


class CouponData(PersonalData):
    kept: ClassVar[Mapping[str, str]] = {
        "coupons": "no information about a person: codes of the operator",
        "coupons_uses.coupon": "the limits of the coupon rest on it",
        "coupons_uses.id": "the number of the booking, which stays as well",
    }

    async def export(self, repositories: Repositories, subject: Subject) -> Mapping[str, object]:
        uses = CouponRepository(repositories).uses_of(subject.account.id)
        return {"coupons": [use async for use in uses]}

    async def erase(self, repositories: Repositories, subject: Subject, now: datetime) -> None:
        coupons = CouponRepository(repositories)
        for use in [each async for each in coupons.uses_of(subject.account.id)]:
            await coupons.save_use(replace(use, account=""))
