"""The home page, the rules, and the zone of the times for visitors."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlsplit

from quart import Blueprint, Response, redirect, render_template, request, url_for
from quart.typing import ResponseReturnValue

from core.errors import Invalid
from core.money import Money
from core.timezones import checked_timezone
from ports.developers import Sort
from services.developers import SearchCriteria
from web.shared.access import Who, allow
from web.shared.context import now, services, site, viewer
from web.shared.forms import FormFields, local_path, read_form, without_secrets
from web.shared.kept_forms import refilled
from web.shared.templating import CHOSEN_ZONE_COOKIE, zone

blueprint = Blueprint("home", __name__, template_folder="templates")

FREE_HOURS_SHOWN = 6
YEAR = timedelta(days=365)
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
        "home/rules.html",
        policy=services().bookings.policy,
        moving=services().reschedules.policy,
        example=EXAMPLE,
    )


@blueprint.get("/time-zone")
@allow(Who.ANYONE)
async def time_zone() -> ResponseReturnValue:
    """Visitors choose the zone of the times; accounts have one of their own."""
    if viewer():
        return redirect(url_for("clients.account"))
    if again := refilled(url_for(".choose_time_zone")):
        return await _time_zone_page(again, local_path(again.get("next")))
    return await _time_zone_page({"timezone": zone()}, _previous_page())


@blueprint.post("/time-zone")
@allow(Who.ANYONE)
async def choose_time_zone() -> ResponseReturnValue:
    """Without a zone, that of the browser counts again."""
    form = await read_form()
    back = local_path(form.get("next")) or url_for(".show")
    response: Response = redirect(back, 303)  # type: ignore[assignment]
    if "automatic" in form:
        _remember_zone(response, "", life=timedelta(0))
        return response
    try:
        chosen = checked_timezone(form.get("timezone", ""))
    except Invalid as error:
        return await _time_zone_page(without_secrets(form), back, error.fields), 422
    _remember_zone(response, chosen, life=YEAR)
    return response


def _previous_page() -> str:
    """The path of the page of this site whose link was followed, with its query."""
    came_from = urlsplit(request.referrer or "")
    if came_from.netloc != request.host:
        return ""
    return f"{came_from.path}?{came_from.query}".rstrip("?")


def _remember_zone(response: Response, chosen: str, *, life: timedelta) -> None:
    response.set_cookie(
        CHOSEN_ZONE_COOKIE,
        chosen,
        max_age=life,
        secure=site().secure,
        httponly=True,
        samesite="Lax",
    )


async def _time_zone_page(
    form: FormFields, back: str | None, errors: Mapping[str, str] | None = None
) -> str:
    return await render_template(
        "home/time_zone.html",
        form=form,
        back=local_path(back),
        errors=errors or {},
        is_chosen=CHOSEN_ZONE_COOKIE in request.cookies,
    )
