"""The patterns of a locale: those of CLDR, with changes for Indian English."""

from __future__ import annotations

from dataclasses import dataclass, replace

from babel import Locale, UnknownLocaleError

from ports.formats import NO_BREAK, UnknownLocale


@dataclass(frozen=True, slots=True)
class Style:
    """Patterns in CLDR notation. `names` is the locale for names of days, months and units,
    `foreign` the locale for amounts in foreign currencies."""

    locale: str
    names: str
    foreign: str
    date: str
    date_without_year: str
    clock: str
    date_and_clock: str
    span: str
    percent: str


def style_of(tag: str) -> Style:
    """The style of a language tag such as `en-IN`. Raises `UnknownLocale`."""
    try:
        locale = Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError) as error:
        raise UnknownLocale(tag) from error
    style = _of_cldr(locale)
    return _indian_english(style) if style.locale == "en_IN" else style


def _of_cldr(locale: Locale) -> Style:
    name, dates = str(locale), locale.datetime_skeletons
    return Style(
        locale=name,
        names=name,
        foreign=name,
        date=dates["yMMMEd"].pattern,
        date_without_year=dates["MMMEd"].pattern,
        clock=locale.time_formats["short"].pattern,
        date_and_clock=str(locale.datetime_formats["medium"]),
        span=locale.interval_formats[None],
        percent=locale.percent_formats[None].pattern,
    )


def _indian_english(style: Style) -> Style:
    """The style of the site: short dates without commas ('Sep', not 'Sept'), 24-hour clock, and
    lakh grouping for rupees only."""
    return replace(
        style,
        names="en",
        foreign="en",
        date="E d MMM y",
        date_without_year="E d MMM",
        clock="HH:mm",
        span="{0} to {1}",
        percent=f"#,##0{NO_BREAK}%",
    )
