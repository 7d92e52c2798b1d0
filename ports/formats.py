"""Formatting of amounts, times and counts by locale."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Protocol

from core.errors import Invalid
from core.money import Money

DEFAULT_LOCALE = "en-IN"
NO_BREAK = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"


class UnknownLocale(Invalid):
    """This language is not available."""

    code = "unknown_locale"

    def __init__(self, locale: str) -> None:
        super().__init__(f"The locale {locale!r} is not known.")


class Formats(Protocol):
    """The formats of one locale. Rules for every adapter (onehour/testing/formats.py):

    - a locale is a language tag such as `en-IN`; a zone is an IANA name such as
      `Asia/Kolkata`; a moment is an aware datetime;
    - the examples below are the exact results for `en-IN`;
    - a number and its unit are joined by `NO_BREAK`;
    - a negative number is written with `MINUS`.
    """

    @property
    def locale(self) -> str: ...

    def in_locale(self, locale: str) -> Formats:
        """The formats of another locale. Raises `UnknownLocale`."""
        ...

    def money(self, amount: Money, *, whole: bool = False) -> str:
        """'₹1,24,500.00'. `whole` leaves out '.00', for list prices.

        `amount` is in minor units; each currency has its own number of decimals.
        """
        ...

    def percent(self, number: int) -> str:
        """'15 %' of 15."""
        ...

    def megabytes(self, count: int) -> str:
        """'5 MB' of 5,000,000 bytes."""
        ...

    def count(self, number: int, words: Mapping[str, str]) -> str:
        """'2 rounds'. `words` has one word for each plural category of the locale (CLDR: zero,
        one, two, few, many, other); `other` is used for those that are missing."""
        ...

    def number(self, number: int) -> str:
        """'1,00,000': a whole number, grouped as in the locale."""
        ...

    def hours(self, count: int) -> str:
        """'1 hour', '2 hours'."""
        ...

    def minutes(self, count: int) -> str:
        """'1 minute', '15 minutes'."""
        ...

    def days(self, count: int) -> str:
        """'1 day', '3 days'."""
        ...

    def duration(self, length: timedelta) -> str:
        """'41 min', '19 h 05 min', '3 days': less exact for longer times; '0 min' if negative."""
        ...

    def day(self, moment: datetime, zone: str, *, year: bool = True) -> str:
        """'Tue 24 Nov 2026' as seen in that time zone."""
        ...

    def clock(self, moment: datetime, zone: str) -> str:
        """'15:30'."""
        ...

    def at(self, moment: datetime, zone: str) -> str:
        """'Tue 24 Nov 2026, 15:30 IST'."""
        ...

    def span(self, start: datetime, end: datetime, zone: str) -> str:
        """'Tue 24 Nov 2026, 15:30 to 17:30 IST'. Has the second day if it is another one, and both
        abbreviations if the clocks change in between."""
        ...

    def clocks(self, start: datetime, end: datetime, zone: str) -> str:
        """'11:00 to 13:00 CET': a span without its day."""
        ...

    def weekday(self, day: date, *, short: bool = False) -> str:
        """'Tuesday', or 'Tue'."""
        ...

    def month(self, day: date, *, short: bool = False, year: bool = False) -> str:
        """'November', 'Nov', 'November 2026'."""
        ...

    def abbreviation(self, moment: datetime, zone: str) -> str:
        """'IST' if the zone has an abbreviation, else 'UTC+3'."""
        ...

    def offset(self, moment: datetime, zone: str) -> str:
        """'+5:30', '+1', '−3', or '' for UTC."""
        ...

    def zone_choice(self, zone: str, moment: datetime) -> str:
        """'(UTC+05:30) India – Kolkata', for lists; '(UTC+00:00) UTC'. Like the other names of
        zones, it has the offset of this moment."""
        ...

    def zone_label(self, zone: str, moment: datetime) -> str:
        """'Asia/Kolkata (IST, UTC+5:30)', or 'UTC'."""
        ...
