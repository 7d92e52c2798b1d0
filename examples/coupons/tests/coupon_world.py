"""The application in memory with the plugin, and what tests do in it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from typing import Any

from coupons import Coupons
from coupons.model import Coupon, Use
from coupons.repository import CouponRepository
from coupons.service import CouponService

from onehour.api import Account, Booking, Developer
from onehour.testing.plugins import MemoryApp, Plugins, application, enabled

DAY = timedelta(days=1)


@dataclass
class World:
    plugins: Plugins
    app: MemoryApp
    starts: Any = field(default_factory=lambda: count(24))
    """Hours from now, another one for each booking."""

    @classmethod
    def new(cls, **settings: str) -> World:
        given = {f"ONEHOUR_PLUGIN_COUPONS_{name.upper()}": text for name, text in settings.items()}
        plugins = enabled(Coupons, "coupons", settings=given)
        return cls(plugins, application(plugins))

    @property
    def service(self) -> CouponService:
        return self.app.services.built[CouponService]

    @property
    def repository(self) -> CouponRepository:
        return CouponRepository(self.app.store.repositories)

    async def coupon(self, code: str = "SPRING", **fields: Any) -> Coupon:
        given = {"percent": 20, **fields}
        if "amount" in fields:
            given["percent"] = 0
        coupon = Coupon(code, self.app.clock.now(), **given)
        return await self.repository.add(coupon)

    async def end(self, code: str) -> None:
        coupon = await self.repository.find(code)
        assert coupon
        await self.repository.save(replace(coupon, ended_at=self.app.clock.now()))

    async def book(self, client: Account, developer: Developer, code: str = "SPRING") -> Booking:
        start = self.app.clock.now() + timedelta(hours=next(self.starts))
        start = start.replace(minute=0)
        return (await self.app.services.bookings.hold(
            by=client.id, developer_id=developer.id, start=start, hours=1, brief="It is slow.",
            fields={"code": code},
        )).booking  # fmt: skip

    async def uses(self, code: str = "SPRING") -> int:
        """As the coupon counts them, which must be as many as the uses that count."""
        coupon = await self.repository.find(code)
        assert coupon
        return coupon.uses

    async def use_of(self, booking: Booking) -> Use:
        use = await self.repository.use_of(booking.id)
        assert use
        return replace(use, version=0)
