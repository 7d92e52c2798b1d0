"""Filters and globals of templates: formats in the viewer's zone, assets, the CSRF token."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, cast
from zoneinfo import ZoneInfo

from jinja2.ext import Extension
from quart import Quart, current_app, request

from core.accounts import first_name
from core.errors import Invalid
from core.money import Money
from core.timezones import checked_timezone, places
from ports.formats import NO_BREAK
from services.shared.templates import mail_url
from web.shared.activity import activity_words
from web.shared.assets import asset, avatar_url, icon, script
from web.shared.bell import unread_notifications, unread_words
from web.shared.context import formats, now, services, site, viewer
from web.shared.cookies import csrf_token
from web.shared.forms import OTHER_ZONE
from web.shared.headers import nonce
from web.shared.import_maps import import_map
from web.shared.navigation import administration, navigation
from web.shared.panels import panels
from web.shared.preloads import page_sheet, style_sheet

FLASK = "flask.templating"
INDENTATION = re.compile("^[ \t]+", re.MULTILINE)
DEFAULT_ZONE = "Asia/Kolkata"
"""The zone of a visitor until the browser has sent its own."""
ZONE_COOKIE = "zone"
"""The zone of the browser, written by `zone.js`."""
CHOSEN_ZONE_COOKIE = "chosen_zone"
"""A zone that a visitor has chosen on the site; it counts before that of the browser."""


def install(app: Quart) -> None:
    app.jinja_env.filters.update(
        money=money, at=at, span=span, clocks=clocks, day=day, clock=clock, iso=iso,
        date=calendar_date, weekday=weekday, month=month,
        first_name=first_name, hours=hours, duration=duration,
        initials=initials, percent=percent, in_hours=in_hours, in_minutes=in_minutes,
        in_days=in_days, seconds=seconds, counted=counted, number=number, megabytes=megabytes,
    )  # fmt: skip
    app.jinja_env.globals.update(
        asset=asset, icon=icon, script=script, nonce=nonce,
        style_sheet=style_sheet, page_sheet=page_sheet,
        import_map=import_map,
        csrf_token=csrf_token, zone=zone, now=now,
        abbreviation=lambda z=None: formats().abbreviation(now(), z or zone()),
        zone_label=lambda z=None: formats().zone_label(z or zone(), now()),
        zone_choice=lambda z: formats().zone_choice(z, now()),
        zone_to_verify=zone_to_verify,
        zones=zones, zones_near=zones_near, OTHER_ZONE=OTHER_ZONE, city=city, distance=distance,
        avatar_url=avatar_url, quarters=quarters,
        account_policy=lambda: services().passwords.policy,
        support_email=support_email, mail_url=mail_url, words_for=activity_words,
        live_scripts=live_scripts, panels=panels, navigation=navigation,
        administration=administration,
        unread_notifications=unread_notifications, unread_words=unread_words,
    )  # fmt: skip
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension(Unindented)
    app.context_processor(_common)


class Unindented(Extension):
    """Shortens the indentation of templates to one space when they are compiled: a twentieth of
    most pages. The space stays between words where a block ends a line. Values are not touched."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return INDENTATION.sub(" ", source)


def without_threads(app: Quart) -> None:
    """Each blueprint has a function of Flask, which finds nothing in Quart, and which Quart would
    run in a thread for each page. Call it after the blueprints are registered."""
    for functions in app.template_context_processors.values():
        functions[:] = [each for each in functions if each.__module__ != FLASK]


async def _common() -> dict[str, Any]:
    """A coroutine function: Quart would run another in a thread, for each page."""
    return {
        "identity_providers": services().identities.providers,
        "viewer": viewer(), "site": site(), "path": request.path,
    }  # fmt: skip


def zone() -> str:
    """The zone of shown times: the account's, otherwise the chosen one, otherwise the browser's,
    otherwise the default."""
    account = viewer()
    if account:
        return account.timezone
    chosen = request.cookies.get(CHOSEN_ZONE_COOKIE) or request.cookies.get(ZONE_COOKIE, "")
    return _valid_zone(chosen)


def zone_to_verify() -> str:
    """The shown zone if the browser's own zone would replace it, otherwise ''.

    The server does not know the zone of a browser at its first request. `zone.js` compares both
    and loads the page again before it is shown. Only pages that were got can be loaded again.
    """
    is_settled = viewer() or CHOSEN_ZONE_COOKIE in request.cookies or request.method != "GET"
    return "" if is_settled else zone()


@lru_cache(maxsize=1024)
def _valid_zone(name: str) -> str:
    try:
        return checked_timezone(name)
    except Invalid:
        return DEFAULT_ZONE


def support_email() -> str:
    """Where people ask for help, or empty."""
    return site().support_email


def live_scripts() -> Sequence[str]:
    """The modules that listen for live updates, of all capabilities."""
    return cast(Sequence[str], current_app.extensions["live_scripts"])


def money(amount: Money, whole: bool = False) -> str:
    return formats().money(amount, whole=whole)


def at(moment: datetime, in_zone: str | None = None) -> str:
    return formats().at(moment, in_zone or zone())


def span(start: datetime, end: datetime, in_zone: str | None = None) -> str:
    return formats().span(start, end, in_zone or zone())


def clocks(start: datetime, end: datetime, in_zone: str | None = None) -> str:
    return formats().clocks(start, end, in_zone or zone())


def day(moment: datetime, in_zone: str | None = None, year: bool = True) -> str:
    return formats().day(moment, in_zone or zone(), year=year)


def clock(moment: datetime, in_zone: str | None = None) -> str:
    return formats().clock(moment, in_zone or zone())


def calendar_date(day: date, year: bool = True) -> str:
    """A date without a time: 'Tue 24 Nov 2026'."""
    return formats().day(datetime.combine(day, time(12), UTC), "UTC", year=year)


def weekday(day: date, short: bool = False) -> str:
    return formats().weekday(day, short=short)


def month(day: date, short: bool = False, year: bool = False) -> str:
    return formats().month(day, short=short, year=year)


def iso(moment: datetime) -> str:
    """RFC 3339 as HTML allows it: at most three digits of a fraction (HTML, section 2.3.5)."""
    return moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds")


def initials(name: str) -> str:
    """'MK': what is shown without a profile picture."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


def percent(number: int) -> str:
    return formats().percent(number)


def megabytes(count: int) -> str:
    return formats().megabytes(count)


def hours(count: int) -> str:
    return formats().hours(count)


def duration(length: timedelta) -> str:
    return formats().duration(length)


def in_hours(length: timedelta) -> str:
    return formats().hours(int(length.total_seconds()) // 3600)


def in_minutes(length: timedelta) -> str:
    return formats().minutes(int(length.total_seconds()) // 60)


def in_days(length: timedelta) -> str:
    return formats().days(length.days)


def seconds(length: timedelta) -> int:
    return max(int(length.total_seconds()), 0)


def counted(number: int, word: str, words: str = "") -> str:
    """'1 round', '2 rounds': the English noun in the plural form of the number."""
    return formats().count(number, {"one": word, "other": words or word + "s"})


def number(given: int) -> str:
    """'3,600': grouped as in the locale."""
    return formats().number(given)


def zones() -> tuple[tuple[str, str], ...]:
    """The zones for a select with their labels of today, from west to east."""
    return _zones_on(now().date(), formats().locale)


@lru_cache(maxsize=8)
def _zones_on(day: date, locale: str) -> tuple[tuple[str, str], ...]:
    """`locale` is part of the cache key, because the labels depend on it."""
    moment, label = datetime.combine(day, time(12), UTC), formats().zone_choice

    def order(name: str) -> tuple[timedelta, str]:
        return moment.astimezone(ZoneInfo(name)).utcoffset() or timedelta(), label(name, moment)

    return tuple((name, label(name, moment)) for name in sorted(places(), key=order))


def zones_near(name: str) -> tuple[tuple[str, str], ...]:
    """Those of `zones` with the present offset of this zone; none for a name that is no zone."""
    noon = datetime.combine(now().date(), time(12), UTC)
    try:
        offset = noon.astimezone(ZoneInfo(checked_timezone(name))).utcoffset()
    except Invalid:
        return ()
    return tuple(
        each for each in zones() if noon.astimezone(ZoneInfo(each[0])).utcoffset() == offset
    )


def city(timezone: str) -> str:
    """The city of a zone: 'Kolkata' of 'Asia/Kolkata'."""
    return timezone.rpartition("/")[2].replace("_", " ")


def distance(timezone: str) -> str:
    """The difference to the viewer's zone, for example '4 h 30 min behind you'."""
    there = now().astimezone(ZoneInfo(timezone)).utcoffset() or timedelta()
    here = now().astimezone(ZoneInfo(zone())).utcoffset() or timedelta()
    minutes = int((there - here).total_seconds()) // 60
    if not minutes:
        return "your time" if timezone != zone() else "your time zone"
    whole, rest = divmod(abs(minutes), 60)
    parts = [f"{whole}{NO_BREAK}h"] if whole else []
    parts += [f"{rest}{NO_BREAK}min"] if rest else []
    return f"{' '.join(parts)} {'ahead of' if minutes > 0 else 'behind'} you"


def quarters() -> tuple[str, ...]:
    """The times of day in quarter hours, from 00:00 to 24:00."""
    return tuple(f"{minutes // 60:02d}:{minutes % 60:02d}" for minutes in range(0, 1441, 15))
