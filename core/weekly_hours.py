"""The hours of a week: spans of local time on weekdays, and what is wrong with them in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.errors import Invalid

END_OF_DAY = "24:00"
DAY_MINUTES = 24 * 60
QUARTER = 15
"""Minutes: spans start and end on a quarter hour."""
SPANS_MAXIMUM = 12
"""Spans of one day."""
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth",
)  # fmt: skip
WRONG_FORM = "Write times as HH:MM, for example 09:30."
NO_QUARTER = "starts and ends on a quarter hour, such as 09:15."
BACKWARDS = "ends before it starts."
EMPTY = "ends when it starts."
PAST_MIDNIGHT = "must be within one day, 00:00 to 24:00."


@dataclass(frozen=True, slots=True)
class Window:
    """Bookable time on one weekday: `day` 0 is Monday, times are minutes after local midnight."""

    day: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SpanError:
    """What is wrong with one span. `number` counts the spans of its day from 0, in the order in
    which they were given."""

    day: int
    number: int
    text: str

    @property
    def sentence(self) -> str:
        """'Tuesday, second span: ends before it starts.'"""
        return f"{span_name(self.day, self.number)}: {self.text}"


def span_name(day: int, number: int) -> str:
    """'Tuesday, second span' of (1, 1)."""
    return f"{WEEKDAYS[day]}, {ORDINALS[number]} span"


def span_problem(start: int, end: int) -> str:
    """What is wrong with a span of one day, as the end of a sentence; '' for nothing."""
    if start < 0 or end > DAY_MINUTES:
        return PAST_MIDNIGHT
    if start % QUARTER or end % QUARTER:
        return NO_QUARTER
    if end < start:
        return BACKWARDS
    return EMPTY if end == start else ""


def weekly_errors(windows: Iterable[Window]) -> tuple[SpanError, ...]:
    """One error for each wrong span, in the given order. Of two spans that overlap it is the one
    that was given later. Days must be from 0 to 6, with at most `SPANS_MAXIMUM` spans each."""
    found: list[SpanError] = []
    right: dict[int, list[Window]] = {}
    numbers: Counter[int] = Counter()
    for window in windows:
        before = right.setdefault(window.day, [])
        text = span_problem(window.start, window.end) or _overlap(window, before)
        if text:
            found.append(SpanError(window.day, numbers[window.day], text))
        else:
            before.append(window)
        numbers[window.day] += 1
    return tuple(found)


def _overlap(window: Window, others: Sequence[Window]) -> str:
    for other in others:
        if window.start < other.end and other.start < window.end:
            return f"overlaps {clock_of(other.start)} to {clock_of(other.end)}."
    return ""


def read_weekly(given: Iterable[tuple[int, str, str]]) -> tuple[Window, ...]:
    """Windows of (day, start, end), with times such as '09:30' and days from 0 to 6. Raises
    `Invalid` that names each span whose times cannot be read."""
    windows, errors = list[Window](), list[str]()
    numbers: Counter[int] = Counter()
    for day, start, end in given:
        try:
            windows.append(Window(day, minutes_of(start), minutes_of(end)))
        except Invalid as error:
            number = min(numbers[day], SPANS_MAXIMUM - 1)
            text = error.message[:1].lower() + error.message[1:]
            errors.append(f"{span_name(day, number)}: {text}")
        numbers[day] += 1
    if errors:
        raise Invalid(weekly=" ".join(errors))
    return tuple(windows)


def checked_weekly(windows: Iterable[Window]) -> tuple[Window, ...]:
    """The windows in order. Raises `Invalid` with the sentence of each wrong span."""
    given = tuple(windows)
    if any(not 0 <= window.day <= 6 for window in given):
        raise Invalid(weekly="Days run from 0 (Monday) to 6 (Sunday).")
    crowded = [day for day, n in Counter(w.day for w in given).items() if n > SPANS_MAXIMUM]
    if crowded:
        raise Invalid(weekly=f"{WEEKDAYS[crowded[0]]}: offer at most {SPANS_MAXIMUM} spans.")
    errors = weekly_errors(given)
    if errors:
        raise Invalid(weekly=" ".join(error.sentence for error in errors))
    return tuple(sorted(given, key=lambda window: (window.day, window.start)))


def minutes_of(clock: str, *, field: str = "weekly") -> int:
    """'09:30' as minutes after midnight; '24:00' is the end of the day. Raises `Invalid` for
    the field."""
    hours, colon, minutes = clock.partition(":")
    if clock == END_OF_DAY:
        return DAY_MINUTES
    digits = hours + minutes
    if not (colon and len(hours) == len(minutes) == 2 and digits.isascii() and digits.isdecimal()):
        raise Invalid(**{field: WRONG_FORM})
    if int(hours) > 23 or int(minutes) > 59:
        raise Invalid(**{field: f"{clock} is not a time of day."})
    return int(hours) * 60 + int(minutes)


def clock_of(minutes: int) -> str:
    """Minutes after midnight as 'HH:MM'."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
