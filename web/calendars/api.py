"""Calendars over the API: the file of a booking, the secret feed, and its address."""

from __future__ import annotations

from quart import Blueprint, Response
from quart_schema import document_response, tag
from typing_extensions import TypedDict

from core.bookings import BookingId
from core.calendars import TooManyReads
from core.errors import NotFound
from ports.calendars import MEDIA_TYPE
from services.calendars import FILE_NAME, NotAgreed
from web.shared.access import Who, allow
from web.shared.api import API, Done, json_response
from web.shared.caching import with_tag
from web.shared.context import me, services, site
from web.shared.cookies import caller
from web.shared.openapi import CalendarFile, document_errors

blueprint = Blueprint("api_calendars", __name__, url_prefix=API)
about = tag(["Calendars"])

CONTENT_TYPE = f"{MEDIA_TYPE}; charset=utf-8"
FRESH_S = 300
"""Seconds for which a program may use its copy of a feed."""


class FeedSchema(TypedDict):
    """`url` is secret: who knows it reads the meetings. None without a feed."""

    url: str | None


@blueprint.get("/bookings/<booking_id>/invite.ics")
@allow(Who.PARTY)
@about
@document_response(CalendarFile)
@document_errors(NotAgreed)
async def invite(booking_id: str) -> Response:
    """The file that adds a confirmed booking to a calendar, or removes a cancelled one."""
    content = await services().invitations.file(BookingId(booking_id), by=me().id)
    response = Response(content, content_type=CONTENT_TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="{FILE_NAME}"'
    return response


@blueprint.get("/calendar/<feed_secret>.ics")
@allow(Who.ANYONE, cookies=False)
@about
@document_response(CalendarFile)
@document_errors(NotFound, TooManyReads)
async def feed(feed_secret: str) -> Response:
    """The meetings of an account, to subscribe to: those of the last 90 days and all to come.
    Cancelled ones stay for 30 days with the status CANCELLED."""
    found = await services().feeds.read(feed_secret, source=caller().source)
    response = Response(content_type=CONTENT_TYPE)
    response.headers["Cache-Control"] = f"private, max-age={FRESH_S}"
    if await with_tag(response, found.tag):
        response.set_data(await services().feeds.write(found))
    return response


@blueprint.get("/me/calendar")
@allow(Who.SIGNED_IN)
@about
@document_response(FeedSchema)
async def show() -> Response:
    """The address of the own feed."""
    secret = await services().feeds.secret(by=me().id)
    return json_response({"url": feed_url(secret) if secret else None})


@blueprint.post("/me/calendar/renew")
@allow(Who.SIGNED_IN)
@about
@document_response(FeedSchema)
async def renew() -> Response:
    """A new address for the own feed. The one before, if there was one, works no more."""
    return json_response({"url": feed_url(await services().feeds.renew(by=me().id))})


@blueprint.delete("/me/calendar")
@allow(Who.SIGNED_IN)
@about
@document_response(Done)
async def remove() -> Response:
    """Remove the own feed."""
    await services().feeds.remove(by=me().id)
    return json_response({"status": "ok"})


def feed_url(secret: str) -> str:
    return f"{site().base_url}{API}/calendar/{secret}.ics"
