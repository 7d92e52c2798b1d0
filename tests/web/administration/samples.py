"""What administrators do with money."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.money import Money
from core.payments import PaymentId
from tests.app import CALLER
from tests.web.route_samples import RouteSamples, Sent

if TYPE_CHECKING:
    from tests.web.every_role import Person, SiteWithEveryRole

REFUND = {"amount": {"amount": 100}, "reason": "Agreed."}


async def second_step(site: SiteWithEveryRole, person: Person, thing: str) -> Sent:
    """With the preview of the first step."""
    form = {"paise": "100", "reason": "Agreed."}
    if not await site.app.store.repositories.payments.many([thing]):
        return {"form": form}
    shown = await site.app.services.refunds.preview(
        PaymentId(thing), by=site.account("admin"), caller=CALLER, amount=Money(100),
        reason="Agreed.",
    )  # fmt: skip
    return {"form": {**form, "preview": shown.preview.digest}}


SAMPLES = RouteSamples(
    bodies={
        "admin_refunds.check": {"form": {"amount": "1.00", "reason": "Agreed."}},
        "admin_refunds.refund": second_step,
        "api_admin_refunds.preview": {"json": REFUND},
        "api_admin_refunds.refund": {"json": REFUND},
    }
)
