"""A chargeback that waits for an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.chargebacks import ChargebackId
from services.chargebacks import CHARGEBACKS, Answer
from tests.app import CALLER
from tests.builders.chargebacks import stored_chargeback
from tests.web.route_samples import PathVariable, RouteSamples, Sent

if TYPE_CHECKING:
    from tests.web.every_role import Person, SiteWithEveryRole

ANSWER = {"answer": "evidence", "reason": "The call was held."}


async def prepare(site: SiteWithEveryRole) -> None:
    bookings, _ = await site.app.store.repositories.bookings.latest(limit=1)
    made = await stored_chargeback(site.app, bookings[0])
    site.facts["chargeback"] = made.id


async def second_step(site: SiteWithEveryRole, person: Person, thing: str) -> Sent:
    """With the preview of the first step."""
    if not await site.app.store.repositories.documents(CHARGEBACKS).find(thing):
        return {"form": ANSWER}
    shown = await site.app.services.chargeback_answers.preview(
        Answer.EVIDENCE, ChargebackId(thing), by=site.account("admin"), caller=CALLER,
        reason=ANSWER["reason"],
    )  # fmt: skip
    return {"form": {**ANSWER, "preview": shown.digest}}


SAMPLES = RouteSamples(
    bodies={
        "admin_chargebacks.check": {"form": ANSWER},
        "admin_chargebacks.answer": second_step,
        "api_chargebacks.preview": {"json": ANSWER},
        "api_chargebacks.answer": {"json": ANSWER},
    },
    variables={
        "chargeback_id": PathVariable(
            example=lambda site: site.chargeback_id,
            known=lambda site: site.facts["chargeback"],
            absent="memory:cb999",
        ),
    },
    prepare=prepare,
)
