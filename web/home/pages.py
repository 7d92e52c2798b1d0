"""The home page and the rules."""

from __future__ import annotations

from quart import Blueprint, render_template, request

from core.money import Money
from ports.developers import Sort
from services.developers import SearchCriteria
from web.shared.access import Who, allow
from web.shared.context import now, services

blueprint = Blueprint("home", __name__, template_folder="templates")

FREE_HOURS_SHOWN = 6
EXAMPLE = Money(240_000)
"""The price in the example of the payment steps."""


@blueprint.get("/")
@allow(Who.ANYONE)
async def show() -> str:
    found = await services().developers.search(
        SearchCriteria(sort=Sort.NEXT_FREE, limit=3 * FREE_HOURS_SHOWN)
    )
    free = [(times[0], d) for d in found.items if (times := d.upcoming(now=now()))]
    return await render_template(
        "home/show.html",
        board=sorted(free, key=lambda one: one[0])[:FREE_HOURS_SHOWN],
        skills=await services().developers.skills(limit=6),
        policy=services().bookings.policy,
        example=EXAMPLE,
        erased="erased" in request.args,
    )


@blueprint.get("/rules")
@allow(Who.ANYONE)
async def rules() -> str:
    return await render_template(
        "home/rules.html", policy=services().bookings.policy, example=EXAMPLE
    )
