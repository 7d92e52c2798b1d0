"""The form of the weekly hours: rows as they were typed, changes of rows, and their errors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Self

from core.availability import Availability
from core.digits import folded_digits
from core.errors import Invalid
from core.policy import DAY, HOUR
from core.weekly_hours import (
    DAY_MINUTES,
    QUARTER,
    SPANS_MAXIMUM,
    WRONG_FORM,
    Window,
    clock_of,
    minutes_of,
    span_problem,
    weekly_errors,
)
from web.shared.forms import FormFields

TYPED_TIME = re.compile(r"([0-9]{1,2})(?:[:.]?([0-9]{2}))?")
"""9, 9:30, 09.30 or 930."""
NO_START, NO_END = "Enter when the span starts.", "Enter when the span ends."
WORK, WEEKEND = range(5), (5, 6)
PRESETS: Mapping[str, tuple[str, Iterable[int], tuple[str, str]]] = {
    "office": ("Mon to Fri, 9 to 17", WORK, ("09:00", "17:00")),
    "evenings": ("Mon to Fri, evenings", WORK, ("18:00", "22:00")),
    "weekends": ("Weekends", WEEKEND, ("10:00", "18:00")),
}
"""Label, days and span of each."""


@dataclass(frozen=True, slots=True)
class Row:
    """One span as it was typed."""

    start: str = ""
    end: str = ""

    def __bool__(self) -> bool:
        return bool(self.start or self.end)


Rows = tuple[tuple[Row, ...], ...]
"""The rows of each weekday, from Monday."""


@dataclass(frozen=True, slots=True)
class HoursForm:
    """`fields` are all fields of the form by name, `days` the rows of each weekday."""

    fields: FormFields
    days: Rows

    @classmethod
    def of(cls, offer: Availability) -> Self:
        """The stored hours."""
        fields = {
            "timezone": offer.timezone,
            "notice": str(int(offer.minimum_notice / HOUR)),
            "horizon": str(int(offer.horizon / DAY)),
        }
        rows = tuple(
            tuple(Row(clock_of(w.start), clock_of(w.end)) for w in offer.weekly if w.day == day)
            for day in range(7)
        )
        return cls(fields, rows)

    @classmethod
    def read(cls, form: FormFields) -> Self:
        """What was typed: also empty rows, which were shown."""
        return cls(form, tuple(tuple(_rows(form, day)) for day in range(7)))

    def with_row(self, day: int) -> Self:
        """One more row, unless the day has `SPANS_MAXIMUM`."""
        rows = self.days[day]
        return self._with(day, (*rows, Row()) if len(rows) < SPANS_MAXIMUM else rows)

    def without_row(self, day: int, number: int) -> Self:
        rows = self.days[day]
        return self._with(day, rows[:number] + rows[number + 1 :])

    def copied(self, day: int, to: Iterable[int]) -> Self:
        """The rows of `day` also on other days, instead of theirs."""
        chosen = frozenset(to)
        rows = (self.days[day] if n in chosen else own for n, own in enumerate(self.days))
        return replace(self, days=tuple(rows))

    def preset(self, name: str) -> Self:
        """The week of a preset; unchanged for an unknown name."""
        if name not in PRESETS:
            return self
        _, days, span = PRESETS[name]
        return replace(self, days=tuple((Row(*span),) if n in days else () for n in range(7)))

    def windows(self) -> tuple[list[Window], dict[str, str]]:
        """The spans that can be read, and the errors by the name of the wrong field. Empty rows are
        left out."""
        windows, errors = list[Window](), dict[str, str]()
        for day, rows in enumerate(self.days):
            given = list[tuple[int, Window]]()
            for number, row in enumerate(rows):
                if row:
                    window, wrong = _window(day, number, row)
                    errors |= wrong
                    given += [(number, window)] if window else []
            for error in weekly_errors(window for _, window in given):
                number, window = given[error.number]
                side = "from" if window.start % QUARTER else "to"
                errors[f"{side}-{day}-{number}"] = error.text[:1].upper() + error.text[1:]
            windows += [window for _, window in given]
        return windows, errors

    def bars(self, day: int) -> list[tuple[int, int]]:
        """The spans of one day that make sense, as (first quarter hour, length)."""
        spans = ((w.start, w.end) for w in self.windows()[0] if w.day == day)
        right = (span for span in spans if not span_problem(*span))
        return [(start // QUARTER, (end - start) // QUARTER) for start, end in right]

    @property
    def hours(self) -> float:
        """The hours offered each week, of the spans that make sense."""
        return sum(length for day in range(7) for _, length in self.bars(day)) / 4

    def _with(self, day: int, rows: tuple[Row, ...]) -> Self:
        return replace(self, days=(*self.days[:day], rows, *self.days[day + 1 :]))


def typed_minutes(text: str, *, field: str, is_end: bool) -> int:
    """A typed time as minutes after midnight; midnight as an end is the end of the day. Raises
    `Invalid` for the field."""
    found = TYPED_TIME.fullmatch(folded_digits(text.strip()))
    if found is None:
        raise Invalid(**{field: WRONG_FORM})
    minutes = minutes_of(f"{int(found[1]):02d}:{found[2] or '00'}", field=field)
    return DAY_MINUTES if is_end and not minutes else minutes


def _rows(form: Mapping[str, str], day: int) -> Iterable[Row]:
    for number in range(SPANS_MAXIMUM):
        start, end = form.get(f"from-{day}-{number}"), form.get(f"to-{day}-{number}")
        if start is not None or end is not None:
            yield Row((start or "").strip(), (end or "").strip())


def _window(day: int, number: int, row: Row) -> tuple[Window | None, dict[str, str]]:
    first, last = f"from-{day}-{number}", f"to-{day}-{number}"
    missing = {first: NO_START} if not row.start else {last: NO_END} if not row.end else {}
    if missing:
        return None, missing
    errors, times = dict[str, str](), list[int]()
    for field, text, is_end in ((first, row.start, False), (last, row.end, True)):
        try:
            times.append(typed_minutes(text, field=field, is_end=is_end))
        except Invalid as error:
            errors |= error.fields
    return (None, errors) if errors else (Window(day, *times), {})
