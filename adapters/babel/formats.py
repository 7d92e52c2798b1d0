"""Formats by locale, with the CLDR data of Babel."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time

from adapters.babel import numbers, zones
from adapters.babel.style import style_of
from core.money import CURRENCY, Money
from ports.formats import DEFAULT_LOCALE, MINUS, NO_BREAK, Formats

DAY = timedelta(days=1)


class BabelFormats(Formats):
    """The formats of one locale. The constructor raises `UnknownLocale`."""

    def __init__(self, locale: str = DEFAULT_LOCALE) -> None:
        self._locale = locale
        self._style = style_of(locale)

    @property
    def locale(self) -> str:
        return self._locale

    def in_locale(self, locale: str) -> Formats:
        return self if locale == self._locale else _formats_of(locale)

    def money(self, amount: Money, *, whole: bool = False) -> str:
        style = self._style
        locale = style.locale if amount.currency == CURRENCY else style.foreign
        return numbers.money(amount.amount, amount.currency, whole, locale)

    def percent(self, number: int) -> str:
        return numbers.percent(number, self._style.percent, self._style.locale)

    def megabytes(self, count: int) -> str:
        return numbers.megabytes(count, self._style.names)

    def count(self, number: int, words: Mapping[str, str]) -> str:
        word = words.get(numbers.plural(number, self._style.locale), words["other"])
        return f"{numbers.decimal(number, self._style.locale)}{NO_BREAK}{word}"

    def number(self, number: int) -> str:
        return numbers.decimal(number, self._style.locale)

    def hours(self, count: int) -> str:
        return self._unit(count, "duration-hour")

    def minutes(self, count: int) -> str:
        return self._unit(count, "duration-minute")

    def days(self, count: int) -> str:
        return self._unit(count, "duration-day")

    def duration(self, length: timedelta) -> str:
        minutes = max(0, int(length.total_seconds()) // 60)
        if length >= 3 * DAY:
            return self.days(length.days)
        # SI symbols are the same in all languages.
        if minutes >= 60:
            return f"{minutes // 60}{NO_BREAK}h {minutes % 60:02d}{NO_BREAK}min"
        return f"{minutes}{NO_BREAK}min"

    def day(self, moment: datetime, zone: str, *, year: bool = True) -> str:
        return self._date(moment.astimezone(ZoneInfo(zone)), year=year)

    def clock(self, moment: datetime, zone: str) -> str:
        return self._clock(moment.astimezone(ZoneInfo(zone)))

    def at(self, moment: datetime, zone: str) -> str:
        local = moment.astimezone(ZoneInfo(zone))
        return self._date_and(local, f"{self._clock(local)} {_abbreviation(local)}")

    def span(self, start: datetime, end: datetime, zone: str) -> str:
        first, last = start.astimezone(ZoneInfo(zone)), end.astimezone(ZoneInfo(zone))
        until = self._clock(last)
        if first.date() != last.date():
            until = self._date_and(last, until, year=False)
        return self._date_and(first, self._clocks(first, last, until))

    def clocks(self, start: datetime, end: datetime, zone: str) -> str:
        first, last = start.astimezone(ZoneInfo(zone)), end.astimezone(ZoneInfo(zone))
        return self._clocks(first, last, self._clock(last))

    def weekday(self, day: date, *, short: bool = False) -> str:
        return _date(day, "EEE" if short else "EEEE", self._style.names)

    def month(self, day: date, *, short: bool = False, year: bool = False) -> str:
        pattern = "LLL" if short else "LLLL"
        return _date(day, f"{pattern} y" if year else pattern, self._style.names)

    def abbreviation(self, moment: datetime, zone: str) -> str:
        return _abbreviation(moment.astimezone(ZoneInfo(zone)))

    def offset(self, moment: datetime, zone: str) -> str:
        return _offset(moment.astimezone(ZoneInfo(zone)))

    def zone_choice(self, zone: str, moment: datetime) -> str:
        shift = moment.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
        hours, minutes = divmod(int(abs(shift).total_seconds()) // 60, 60)
        sign = MINUS if shift < timedelta() else "+"
        return f"(UTC{sign}{hours:02d}:{minutes:02d}) {zones.name_of(zone, self._style.names)}"

    def zone_label(self, zone: str, moment: datetime) -> str:
        local = moment.astimezone(ZoneInfo(zone))
        abbreviation, utc = _abbreviation(local), f"UTC{_offset(local)}"
        names = utc if abbreviation == utc else f"{abbreviation}, {utc}"
        return zone if zone == names else f"{zone.replace('_', ' ')} ({names})"

    def _unit(self, number: int, name: str) -> str:
        return numbers.unit(number, name, self._style.names)

    def _date(self, local: datetime, *, year: bool = True) -> str:
        style = self._style
        pattern = style.date if year else style.date_without_year
        return _date(local.date(), pattern, style.names)

    def _clock(self, local: datetime) -> str:
        return _clock(local.hour, local.minute, self._style.clock, self._style.names)

    def _date_and(self, local: datetime, clock: str, *, year: bool = True) -> str:
        return self._style.date_and_clock.format(clock, self._date(local, year=year))

    def _clocks(self, first: datetime, last: datetime, until: str) -> str:
        """'11:00 to 13:00 CET', with both abbreviations if the clocks change in between."""
        before, after = _abbreviation(first), _abbreviation(last)
        since = self._clock(first) if before == after else f"{self._clock(first)} {before}"
        return f"{self._style.span.format(since, until)} {after}"


@lru_cache(maxsize=64)
def _formats_of(locale: str) -> BabelFormats:
    return BabelFormats(locale)


@lru_cache(maxsize=8192)
def _date(day: date, pattern: str, locale: str) -> str:
    return format_date(day, pattern, locale=locale)


@lru_cache(maxsize=8192)
def _clock(hour: int, minute: int, pattern: str, locale: str) -> str:
    return format_time(time(hour, minute), pattern, locale=locale)


def _abbreviation(local: datetime) -> str:
    name = local.tzname() or ""
    return name if name.isalpha() else f"UTC{_offset(local)}"


def _offset(local: datetime) -> str:
    shift = local.utcoffset() or timedelta()
    minutes = int(abs(shift).total_seconds()) // 60
    if not minutes:
        return ""
    sign = "+" if shift > timedelta() else MINUS
    return f"{sign}{minutes // 60}" + (f":{minutes % 60:02d}" if minutes % 60 else "")
