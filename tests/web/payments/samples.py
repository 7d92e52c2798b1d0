"""Webhooks of the gateway, its checkout page, and payments as their owners see them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from adapters.memory.payments import signed
from tests.web.route_samples import HELD, NO_BODY, PathVariable, RouteSamples, Sent

if TYPE_CHECKING:
    from tests.web.every_role import Person, SiteWithEveryRole


async def webhook(site: SiteWithEveryRole, person: Person, thing: str) -> Sent:
    order = await site.app.order_of(site.people["client"].bookings[HELD])
    body = json.dumps({"id": "evt_1", "order_id": order, "kind": "payment"}).encode()
    return {"data": body, "headers": signed(body) if thing != "unsigned" else {}}


SAMPLES = RouteSamples(
    bodies={"webhooks.payments": webhook, "api_payments.refresh": NO_BODY},
    variables={
        "payment_id": PathVariable(
            example=lambda site: site.booking.payment_id,
            own=lambda person, booking: booking.payment_id if booking else None,
            absent=f"pay_{'9' * 26}",
        ),
        "session": PathVariable(
            example=lambda site: "session_123",
            known=lambda site: "session_123",
            absent="no session",
        ),
    },
)
