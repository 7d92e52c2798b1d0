"""The page of the calendar feed, in the account."""

from __future__ import annotations

from quart import Blueprint, redirect, render_template, request, url_for
from quart.typing import ResponseReturnValue

from web.calendars.api import feed_url
from web.shared.access import Who, allow
from web.shared.context import me, services

blueprint = Blueprint("calendars", __name__, template_folder="templates")


@blueprint.get("/account/calendar")
@allow(Who.SIGNED_IN)
async def show() -> ResponseReturnValue:
    secret = await services().feeds.secret(by=me().id)
    return await render_template(
        "calendars/feed.html",
        url=feed_url(secret) if secret else "",
        done=request.args.get("done", ""),
    )


@blueprint.post("/account/calendar/renew")
@allow(Who.SIGNED_IN, page="calendars.show", label="Make a new address")
async def renew() -> ResponseReturnValue:
    had = await services().feeds.secret(by=me().id)
    await services().feeds.renew(by=me().id)
    return redirect(url_for(".show", done="renewed" if had else "made"), 303)


@blueprint.post("/account/calendar/remove")
@allow(Who.SIGNED_IN, page="calendars.show", label="Remove the address")
async def remove() -> ResponseReturnValue:
    await services().feeds.remove(by=me().id)
    return redirect(url_for(".show", done="removed"), 303)
