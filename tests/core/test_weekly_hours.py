"""The hours of a week: times of day, order, and what is wrong in words."""

from __future__ import annotations

import pytest

from core.errors import Invalid
from core.weekly_hours import (
    SPANS_MAXIMUM,
    SpanError,
    Window,
    checked_weekly,
    clock_of,
    minutes_of,
    span_name,
    weekly_errors,
)


def test_times_of_day_are_read_and_written() -> None:
    assert [minutes_of(t) for t in ("00:00", "09:30", "23:45", "24:00")] == [0, 570, 1425, 1440]
    assert [clock_of(m) for m in (0, 570, 1425, 1440)] == ["00:00", "09:30", "23:45", "24:00"]


@pytest.mark.parametrize(
    "text", ["", "9:30", "09.30", "24:15", "25:00", "12:60", "-1:00", "aa:bb", "09:30\0", "١:٠٠"]
)
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        minutes_of(text)
    assert set(refused.value.fields) == {"weekly"}


@pytest.mark.parametrize(
    "windows",
    [
        (Window(7, 0, 60),),
        (Window(-1, 0, 60),),
        (Window(0, 10, 60),),
        (Window(0, 0, 61),),
        (Window(0, 60, 60),),
        (Window(0, 60, 0),),
        (Window(0, -15, 60),),
        (Window(0, 0, 24 * 60 + 15),),
        (Window(0, 0, 60), Window(0, 45, 90)),
        (Window(0, 45, 90), Window(0, 0, 60)),
    ],
)
def test_a_week_that_makes_no_sense_is_refused(windows: tuple[Window, ...]) -> None:
    with pytest.raises(Invalid):
        checked_weekly(windows)


def test_a_week_is_kept_in_order_and_stretches_may_touch() -> None:
    later, early = Window(1, 0, 60), Window(0, 60, 120)
    assert checked_weekly([later, Window(0, 0, 60), early]) == (Window(0, 0, 60), early, later)


@pytest.mark.parametrize(
    ("window", "sentence"),
    [
        (Window(1, 600, 540), "Tuesday, second span: ends before it starts."),
        (Window(1, 600, 600), "Tuesday, second span: ends when it starts."),
        (
            Window(1, 550, 600),
            "Tuesday, second span: starts and ends on a quarter hour, such as 09:15.",
        ),
        (Window(1, 600, 1500), "Tuesday, second span: must be within one day, 00:00 to 24:00."),
        (Window(1, 45, 120), "Tuesday, second span: overlaps 00:00 to 01:00."),
    ],
)
def test_an_error_names_the_day_and_the_span(window: Window, sentence: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked_weekly([Window(1, 0, 60), window])
    assert refused.value.fields == {"weekly": sentence}


def test_every_wrong_span_is_named_and_a_wrong_one_overlaps_nothing() -> None:
    week = [Window(0, 600, 540), Window(0, 500, 600), Window(0, 540, 660), Window(6, 60, 0)]

    errors = weekly_errors([Window(0, 0, 60), *week])

    assert errors == (
        SpanError(0, 1, "ends before it starts."),
        SpanError(0, 2, "starts and ends on a quarter hour, such as 09:15."),
        SpanError(6, 0, "ends before it starts."),
    )
    with pytest.raises(Invalid) as refused:
        checked_weekly(week)
    assert refused.value.message == (
        "Monday, first span: ends before it starts. "
        "Monday, second span: starts and ends on a quarter hour, such as 09:15. "
        "Sunday, first span: ends before it starts."
    )


def test_a_day_has_a_limited_number_of_spans() -> None:
    spans = [Window(4, n * 60, n * 60 + 30) for n in range(SPANS_MAXIMUM + 1)]

    assert len(checked_weekly(spans[:-1])) == SPANS_MAXIMUM
    assert span_name(4, SPANS_MAXIMUM - 1) == "Friday, twelfth span"
    with pytest.raises(Invalid) as refused:
        checked_weekly(spans)
    assert refused.value.fields == {"weekly": "Friday: offer at most 12 spans."}
