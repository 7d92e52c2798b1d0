"""Numbers by locale: amounts of money, percentages, counts and units.

Babel takes about 20 µs per amount. Pages show few different amounts many times, so the results
are cached.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import (
    NumberPattern,
    format_decimal,
    format_percent,
    get_currency_precision,
    parse_pattern,
)
from babel.units import format_unit

from ports.formats import MINUS, NO_BREAK

LETTER_BEFORE_DIGIT = re.compile(r"([^\W\d_])(?=\d)")
FRACTION = re.compile(r"\.[0#]+")


@lru_cache(maxsize=8192)
def money(amount: int, currency: str, whole: bool, locale: str) -> str:
    """`amount` is in minor units; `whole` leaves out a fraction that is zero."""
    decimals = get_currency_precision(currency)
    whole = whole and amount % 10**decimals == 0
    pattern, data = _currency_pattern(locale, whole)
    major = Decimal(amount).scaleb(-decimals)
    text = pattern.apply(major, data, currency=currency, currency_digits=not whole)
    return _with_minus(LETTER_BEFORE_DIGIT.sub(rf"\1{NO_BREAK}", text))


@lru_cache(maxsize=128)
def _currency_pattern(locale: str, whole: bool) -> tuple[NumberPattern, Locale]:
    data = Locale.parse(locale)
    pattern: NumberPattern = data.currency_formats["standard"]
    return (parse_pattern(FRACTION.sub("", pattern.pattern)) if whole else pattern), data


@lru_cache(maxsize=512)
def percent(number: int, pattern: str, locale: str) -> str:
    return _with_minus(format_percent(Decimal(number) / 100, pattern, locale=locale))


@lru_cache(maxsize=2048)
def decimal(number: int, locale: str) -> str:
    return _with_minus(format_decimal(number, locale=locale))


@lru_cache(maxsize=2048)
def unit(number: int, name: str, locale: str) -> str:
    """`name` is a unit of CLDR, such as `duration-hour`, written out."""
    return _with_unit(format_unit(number, name, "long", locale=locale))


@lru_cache(maxsize=512)
def megabytes(count: int, locale: str) -> str:
    """`count` bytes in megabytes, with up to six significant digits."""
    size = Decimal(count) / 1_000_000
    return _with_unit(format_unit(size, "digital-megabyte", "short", "@#####", locale=locale))


@lru_cache(maxsize=2048)
def plural(number: int, locale: str) -> str:
    """The plural category: zero, one, two, few, many or other."""
    return Locale.parse(locale).plural_form(number)


def _with_unit(text: str) -> str:
    """A number and its unit, joined by no-break spaces."""
    return _with_minus(text).replace(" ", NO_BREAK)


def _with_minus(text: str) -> str:
    return text.replace("-", MINUS)
