"""The days that a list or a statement shows, from the query of the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from quart import request

from core.errors import Invalid
from web.shared.context import formats, now
from web.shared.forms import calendar_day
from web.shared.templating import zone

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days, both included; None where it is not limited. Days of the viewer's zone, if no
    other is named."""

    first: date | None = None
    last: date | None = None
    zone: str = ""

    @property
    def since(self) -> datetime | None:
        return self._start(self.first) if self.first else None

    @property
    def before(self) -> datetime | None:
        return self._start(self.last + DAY) if self.last else None

    @property
    def query(self) -> dict[str, str]:
        """As `period_of_query` reads it."""
        days = {"from": self.first, "to": self.last}
        return {name: day.isoformat() for name, day in days.items() if day}

    @property
    def limited(self) -> bool:
        return bool(self.first or self.last)

    @property
    def words(self) -> str:
        """'From Sun 1 Nov 2026 to Mon 30 Nov 2026'."""
        if not self.limited:
            return "From the beginning until now"
        first = f"From {self._day(self.first)}" if self.first else "From the beginning"
        return f"{first} to {self._day(self.last)}" if self.last else f"{first} until now"

    def _start(self, day: date) -> datetime:
        return datetime.combine(day, time(), ZoneInfo(self.zone or zone()))

    def _day(self, day: date) -> str:
        return formats().day(self._start(day), self.zone or zone())


def period_of_query(zone_name: str = "") -> Period:
    """The days `from` and `to` of the query. Raises `Invalid` with the field."""
    return checked_period(_read("from"), _read("to"), zone_name)


def checked_period(first: date | None, last: date | None, zone_name: str = "") -> Period:
    """Raises `Invalid` with the field `to` for a period that ends before it begins."""
    if first and last and last < first:
        raise Invalid(to="The last day is before the first one.")
    return Period(first, last, zone_name)


def months() -> tuple[Period, Period]:
    """This month of the viewer's zone, and the last one."""
    today = now().astimezone(ZoneInfo(zone())).date()
    first = today.replace(day=1)
    before = first - DAY
    next_first = (first + 31 * DAY).replace(day=1)
    return Period(first, next_first - DAY), Period(before.replace(day=1), before)


def _read(name: str) -> date | None:
    text = request.args.get(name, "").strip()
    if not text:
        return None
    day = calendar_day(text)
    if day is None:
        raise Invalid(**{name: "Choose a day, for example 2026-11-24."})
    return day
