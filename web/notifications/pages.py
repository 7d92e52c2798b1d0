"""The pages of notifications: the list by day, the menu under the bell, the preferences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

from quart import Blueprint, Response, redirect, render_template, request, url_for
from quart.typing import ResponseReturnValue

from core.errors import Invalid
from core.notifications import Area, Notification
from web.notifications import forms
from web.shared.access import Who, allow
from web.shared.context import me, now, services
from web.shared.forms import FormFields, read_form, typed
from web.shared.headers import allow_source
from web.shared.kept_forms import refilled
from web.shared.notices import NoticeLine, lines
from web.shared.paging import next_cursor, page_cursor
from web.shared.templating import zone

blueprint = Blueprint("notifications", __name__, template_folder="templates")

PER_PAGE = 30
WORKER = Path(__file__).parent / "static" / "service-worker.js"
IN_MENU = 5
TABS = {
    "": "All",
    "new": "New",
    Area.BOOKINGS: "Bookings",
    Area.MONEY: "Money",
    Area.MESSAGES: "Messages",
    Area.ACCOUNT: "Account",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A notification with its words."""

    notification: Notification
    line: NoticeLine

    @property
    def path(self) -> str:
        return self.line.path or url_for("notifications.index")


@dataclass(frozen=True, slots=True)
class Day:
    """The entries of one day in the viewer's zone."""

    date: date
    entries: tuple[Entry, ...]

    @property
    def is_today(self) -> bool:
        return self.date == now().astimezone(ZoneInfo(zone())).date()


@blueprint.get("/notifications")
@allow(Who.SIGNED_IN)
async def index() -> str:
    tab = request.args.get("show", "")
    tab = tab if tab in TABS else ""
    page = await services().notifications.page(
        by=me().id,
        unread=tab == "new",
        area=Area(tab) if tab in set(Area) else None,
        limit=PER_PAGE,
        cursor=page_cursor(),
    )
    entries = await _entries(page.items)
    return await render_template(
        "notifications/index.html",
        days=list(_days(entries)),
        tab=tab,
        tabs=_tabs(),
        following=next_cursor(page.next),
    )


@blueprint.get("/notifications/menu")
@allow(Who.SIGNED_IN)
async def menu() -> str:
    """What the menu under the bell shows, as a part of a page."""
    page = await services().notifications.page(by=me().id, limit=IN_MENU)
    entries = await _entries(page.items)
    unread = await services().notifications.unread(by=me().id)
    return await render_template("notifications/_menu.html", entries=entries, unread=unread)


@blueprint.post("/notifications/read")
@allow(Who.SIGNED_IN, page="notifications.index", label="Mark all as read")
async def read() -> ResponseReturnValue:
    """All, or those that the form names."""
    named = (await request.form).getlist("id")
    if named:
        await services().notifications.read(named, by=me().id)
    else:
        await services().notifications.read_all(by=me().id)
    return redirect(url_for(".index"), 303)


@blueprint.get("/notifications/preferences")
@allow(Who.SIGNED_IN)
async def preferences() -> ResponseReturnValue:
    stored = await services().notice_preferences.find(by=me().id)
    return await _preferences(refilled(url_for(".save")) or forms.fields_of(stored))


@blueprint.post("/notifications/preferences")
@allow(Who.SIGNED_IN)
async def save() -> ResponseReturnValue:
    form = await read_form()
    try:
        quiet = forms.quiet_hours(form)
        await services().notice_preferences.change(forms.chosen(form), quiet, by=me().id)
    except Invalid as error:
        return await _preferences(typed(form), error.fields), 422
    return redirect(url_for(".preferences", saved="yes"), 303)


async def _preferences(form: FormFields, errors: FormFields | None = None) -> str:
    push_key = services().push.public_key
    if push_key:
        allow_source("worker-src", "'self'")
    return await render_template(
        "notifications/preferences.html",
        push_key=push_key,
        form=form,
        errors=errors or {},
        rows=forms.rows(),
        channels=services().notice_preferences.labels,
        field=forms.field,
        clocks=forms.clocks(form.get("quiet_start", ""), form.get("quiet_end", "")),
        saved="saved" in request.args,
    )


async def _entries(notifications: Sequence[Notification]) -> list[Entry]:
    worded = await lines(notifications)
    return [Entry(each, line) for each, line in zip(notifications, worded, strict=True)]


def _days(entries: Sequence[Entry]) -> Iterator[Day]:
    here = ZoneInfo(zone())
    for day, found in groupby(entries, lambda each: each.notification.at.astimezone(here).date()):
        yield Day(day, tuple(found))


def _tabs() -> dict[str, str]:
    """Those that can have entries."""
    areas = {group.area for group in services().notice_preferences.groups()}
    return {name: words for name, words in TABS.items() if name in ("", "new") or name in areas}


@blueprint.get("/service-worker.js")
@allow(Who.ANYONE, cookies=False)
async def service_worker() -> Response:
    """Its place decides for which pages it works: for all."""
    script = WORKER.read_bytes()
    response = Response(script, content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    return response
