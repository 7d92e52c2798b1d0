"""Template filters: formats in the locale and time zone of the recipient."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context

from adapters.jinja.parts import LINE, quoted
from core.accounts import first_name
from core.money import Money
from ports.formats import Formats


def _formats(context: Context) -> Formats:
    formats: Formats = context["formats"]
    return formats


def _zone(context: Context, zone: str | None) -> str:
    return zone or str(context["zone"])


@pass_context
def money(context: Context, amount: Money, whole: bool = False) -> str:
    return _formats(context).money(amount, whole=whole)


@pass_context
def percent(context: Context, number: int) -> str:
    return _formats(context).percent(number)


@pass_context
def hours(context: Context, count: int) -> str:
    return _formats(context).hours(count)


@pass_context
def duration(context: Context, length: timedelta) -> str:
    return _formats(context).duration(length)


@pass_context
def counted(context: Context, number: int, **words: str) -> str:
    """`{{ 2 | counted(one="round", other="rounds") }}`."""
    return _formats(context).count(number, words)


@pass_context
def at(context: Context, moment: datetime, zone: str | None = None) -> str:
    return _formats(context).at(moment, _zone(context, zone))


@pass_context
def day(context: Context, moment: datetime, zone: str | None = None, year: bool = True) -> str:
    return _formats(context).day(moment, _zone(context, zone), year=year)


@pass_context
def clock(context: Context, moment: datetime, zone: str | None = None) -> str:
    return _formats(context).clock(moment, _zone(context, zone))


@pass_context
def span(context: Context, start: datetime, end: datetime, zone: str | None = None) -> str:
    return _formats(context).span(start, end, _zone(context, zone))


@pass_context
def clocks(context: Context, start: datetime, end: datetime, zone: str | None = None) -> str:
    return _formats(context).clocks(start, end, _zone(context, zone))


def lines(text: str) -> list[str]:
    """The lines of a text that a person wrote; for layouts."""
    return text.split(LINE)


FILTERS: Mapping[str, Callable[..., Any]] = {
    "money": money,
    "percent": percent,
    "hours": hours,
    "duration": duration,
    "counted": counted,
    "at": at,
    "day": day,
    "clock": clock,
    "span": span,
    "clocks": clocks,
    "first_name": first_name,
    "lines": lines,
    "quote": quoted,
}
