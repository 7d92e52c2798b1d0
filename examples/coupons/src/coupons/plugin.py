"""The hooks."""

from __future__ import annotations

from collections.abc import Mapping

from coupons.activity import CouponActivity
from coupons.model import COUPONS, FIELD, SOURCE, USES
from coupons.personal_data import CouponData
from coupons.service import CouponService, Write
from coupons.settings import CouponSettings
from coupons.web import web
from onehour.api import (
    Booking,
    Built,
    Capability,
    Dependencies,
    PluginContext,
    PriceLine,
    WebCapability,
    implements,
)

ENDED = frozenset({"expired", "given_back", "paid_too_late", "declined", "auto_cancelled"})
"""The events after which a use no longer counts: nothing was paid, or the developer did not take
the booking. A client who cancels after paying has used the coupon."""


class Coupons:
    api = 1

    @implements
    def onehour_settings(self) -> type[CouponSettings]:
        return CouponSettings

    @implements
    def onehour_capabilities(self, context: PluginContext) -> list[Capability]:
        settings = context.settings(CouponSettings)

        def build(dependencies: Dependencies, built: Built) -> dict[str, object]:
            coupons = CouponService(
                store=dependencies.store, clock=dependencies.clock, settings=settings
            )
            return {"coupons": coupons}

        capability = Capability(
            name="coupons",
            build=build,
            personal_data=CouponData(),
            documents=(COUPONS, USES),
            activity=CouponActivity,
        )
        return [capability]

    @implements
    def onehour_web(self, context: PluginContext) -> list[WebCapability]:
        return [web(context)]

    @implements
    async def onehour_price(
        self, booking: Booking, fields: Mapping[str, str], context: PluginContext
    ) -> list[PriceLine] | None:
        code = fields.get(FIELD, "").strip()
        if not code:
            return None
        coupon, discount = await context.service(CouponService).taken_off(booking, code)
        off = "" if coupon.amount else f", {coupon.percent}\N{NO-BREAK SPACE}% off"
        return [PriceLine(f"Code {coupon.id}{off}", -discount, source=SOURCE)]

    @implements
    async def onehour_book(
        self, booking: Booking, fields: Mapping[str, str], context: PluginContext
    ) -> list[Write] | None:
        """Only a booking whose price has our line uses a coupon."""
        if not any(line.source == SOURCE for line in booking.price_lines):
            return None
        return await context.service(CouponService).use(booking, fields.get(FIELD, ""))

    @implements
    async def onehour_booking_event(
        self, event: str, facts: Mapping[str, str], context: PluginContext
    ) -> None:
        if event in ENDED:
            await context.service(CouponService).give_back(facts["booking"])
