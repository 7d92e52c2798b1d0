"""The plugin's own repository. It works in memory and in MongoDB, in the transactions of the
application, because it is made of declared documents."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from coupons.model import COUPONS, USES, Coupon, Use
from onehour.api import Repositories

MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class CouponRepository:
    """Coupons and uses, within a transaction or outside of any."""

    repositories: Repositories

    async def find(self, code: str) -> Coupon | None:
        return await self.repositories.documents(COUPONS).find(code)

    async def add(self, coupon: Coupon) -> Coupon:
        """Raises `Duplicate` for a code that exists."""
        return await self.repositories.documents(COUPONS).add(coupon)

    async def save(self, coupon: Coupon) -> Coupon:
        return await self.repositories.documents(COUPONS).save(coupon)

    async def page(
        self, *, limit: int, cursor: str | None
    ) -> tuple[tuple[Coupon, ...], str | None]:
        """The newest first."""
        return await self.repositories.documents(COUPONS).page("newest", limit=limit, cursor=cursor)

    async def use_of(self, booking_id: str) -> Use | None:
        return await self.repositories.documents(USES).find(booking_id)

    async def save_use(self, use: Use) -> Use:
        return await self.repositories.documents(USES).save(use)

    async def count(self, coupon: str, *, account: str) -> int:
        """How often the account has used the coupon, uses that were given back aside."""
        uses = self.repositories.documents(USES)
        return await uses.count(limit=MOST, coupon=coupon, account=account, counts=True)

    def uses_of(self, account: str) -> AsyncIterator[Use]:
        return self.repositories.documents(USES).each(account=account)
