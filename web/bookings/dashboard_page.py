"""The dashboard: what clients and developers see first."""

from __future__ import annotations

from quart import redirect, render_template, request, url_for
from quart.typing import ResponseReturnValue

from core.accounts import Role
from core.bookings import Status
from core.money import Money
from web.bookings.dashboards import booking_rows, held_earnings, monthly_earnings, week_of
from web.bookings.pages import blueprint
from web.shared.access import Who, allow
from web.shared.context import me, now, services
from web.shared.forms import calendar_day
from web.shared.paging import next_cursor, page_cursor


@blueprint.get("/dashboard")
@allow(Who.SIGNED_IN)
async def dashboard() -> ResponseReturnValue:
    """The dashboard of the role; an account with both roles selects one with `as`."""
    if me().roles == {Role.ADMIN}:
        return redirect(url_for("admin.overview"), 303)
    both = {Role.CLIENT, Role.DEVELOPER} <= me().roles
    asked = request.args.get("as")
    as_developer = Role.DEVELOPER in me().roles and not (both and asked == "client")
    return await (_for_developer(both) if as_developer else _for_client(both))


async def _for_developer(both: bool) -> str:
    cursor = page_cursor()
    current, past, following = await booking_rows(me(), as_client=False, cursor=cursor)
    developer = await services().developers.own_profile(by=me().id)
    months = await monthly_earnings(developer)
    waiting = [row for row in current if row.booking.status is Status.REQUESTED]
    return await render_template(
        "bookings/developer.html",
        both=both,
        developer=developer,
        waiting=sorted(waiting, key=lambda row: row.due),
        coming=sorted((r for r in current if r.is_ahead), key=lambda row: row.booking.start),
        working=sorted((row for row in current if row.at_work), key=lambda row: row.due),
        held=held_earnings(current),
        months=months if any(month.total for month in months) else [],
        total=sum((month.total for month in months), Money(0)),
        week=week_of(developer, [*current, *past], calendar_day(request.args.get("week", ""))),
        over=past,
        following=next_cursor(following),
    )


async def _for_client(both: bool) -> str:
    cursor = page_cursor()
    current, past, following = await booking_rows(me(), as_client=True, cursor=cursor)
    first = sorted((row for row in current if row.waits_for_client), key=lambda row: row.due)
    later = sorted((r for r in current if r not in first), key=lambda row: row.booking.start)
    return await render_template(
        "bookings/client.html",
        both=both,
        first=first,
        coming=[row for row in later if row.booking.end > now()],
        working=[row for row in later if row.booking.end <= now()],
        over=past,
        following=next_cursor(following),
        cursor=cursor,
    )
