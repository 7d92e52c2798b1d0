"""Amounts and times as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import formats
from core.formats import MINUS, NO_BREAK
from core.money import Money
from core.policy import DAY, HOUR, MINUTE

TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
SUMMER = datetime(2026, 7, 14, 10, 0, tzinfo=UTC)
INDIA, MADRID, MOSCOW = "Asia/Kolkata", "Europe/Madrid", "Europe/Istanbul"


@pytest.mark.parametrize(
    ("paise", "text"),
    [
        (0, "₹0.00"),
        (5, "₹0.05"),
        (99_999, "₹999.99"),
        (100_000, "₹1,000.00"),
        (1_245_000, "₹12,450.00"),
        (12_450_000, "₹1,24,500.00"),
        (1_234_567_890, "₹1,23,45,678.90"),
        (-240_000, f"{MINUS}₹2,400.00"),
        (-5, f"{MINUS}₹0.05"),
    ],
)
def test_rupees_are_grouped_in_lakh(paise: int, text: str) -> None:
    assert formats.money(Money(paise)) == text


def test_list_prices_drop_their_empty_paise_only() -> None:
    assert formats.money(Money(240_000), whole=True) == "₹2,400"
    assert formats.money(Money(240_050), whole=True) == "₹2,400.50"


def test_other_currencies_are_grouped_in_thousands() -> None:
    assert formats.money(Money(123_456_789, "EUR")) == "€1,234,567.89"
    assert formats.money(Money(123_456, "CHF")) == f"CHF{NO_BREAK}1,234.56"


@given(st.integers(-(10**15), 10**15))
def test_an_amount_can_be_read_back(paise: int) -> None:
    text = formats.money(Money(paise))
    digits = "".join(mark for mark in text if mark.isdigit())
    assert int(digits) * (-1 if text.startswith(MINUS) else 1) == paise


@pytest.mark.parametrize(
    ("zone", "moment", "text"),
    [
        (INDIA, TUESDAY, "Tue 24 Nov 2026, 15:30 IST"),
        (MADRID, TUESDAY, "Tue 24 Nov 2026, 11:00 CET"),
        (MADRID, SUMMER, "Tue 14 Jul 2026, 12:00 CEST"),
        (MOSCOW, TUESDAY, "Tue 24 Nov 2026, 13:00 UTC+3"),
        ("America/Sao_Paulo", TUESDAY, f"Tue 24 Nov 2026, 07:00 UTC{MINUS}3"),
        ("Asia/Kathmandu", TUESDAY, "Tue 24 Nov 2026, 15:45 UTC+5:45"),
        ("UTC", TUESDAY, "Tue 24 Nov 2026, 10:00 UTC"),
        ("Pacific/Kiritimati", TUESDAY, "Wed 25 Nov 2026, 00:00 UTC+14"),
        ("America/St_Johns", TUESDAY, "Tue 24 Nov 2026, 06:30 NST"),
    ],
)
def test_a_moment_in_somebodys_zone(zone: str, moment: datetime, text: str) -> None:
    assert formats.at(moment, zone) == text


def test_letters_follow_the_change_of_the_clocks() -> None:
    change = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)
    assert formats.abbreviation(change - timedelta(seconds=1), MADRID) == "CEST"
    assert formats.abbreviation(change, MADRID) == "CET"
    assert formats.clock(change - MINUTE, MADRID) == "02:59"
    assert formats.clock(change, MADRID) == "02:00"


@pytest.mark.parametrize(
    ("zone", "offset"),
    [("UTC", ""), (INDIA, "+5:30"), (MADRID, "+1"), ("America/St_Johns", f"{MINUS}3:30")],
)
def test_offsets_are_as_short_as_they_can_be(zone: str, offset: str) -> None:
    assert formats.offset(TUESDAY, zone) == offset


def test_a_stretch_names_its_second_day_when_there_is_one() -> None:
    assert formats.span(TUESDAY, TUESDAY + 2 * HOUR, INDIA) == (
        "Tue 24 Nov 2026, 15:30 to 17:30 IST"
    )
    assert formats.span(TUESDAY, TUESDAY + 9 * HOUR, INDIA) == (
        "Tue 24 Nov 2026, 15:30 to Wed 25 Nov, 00:30 IST"
    )
    assert formats.clocks(TUESDAY, TUESDAY + 2 * HOUR, MADRID) == "11:00 to 13:00 CET"


def test_an_hour_in_which_the_clocks_change_names_both_letters() -> None:
    start = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert formats.span(start, start + HOUR, MADRID) == "Sun 25 Oct 2026, 02:30 CEST to 02:30 CET"
    assert formats.clocks(start, start + 2 * HOUR, MADRID) == "02:30 CEST to 03:30 CET"


def test_a_day_without_its_year() -> None:
    assert formats.day(TUESDAY, INDIA) == "Tue 24 Nov 2026"
    assert formats.day(TUESDAY, INDIA, year=False) == "Tue 24 Nov"


def test_zones_are_named_with_letters_and_offset() -> None:
    assert formats.zone_label(INDIA, TUESDAY) == "Asia/Kolkata (IST, UTC+5:30)"
    assert formats.zone_label("America/Sao_Paulo", TUESDAY) == f"America/Sao Paulo (UTC{MINUS}3)"
    assert formats.zone_label("UTC", TUESDAY) == "UTC (UTC)"


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (-HOUR, "0 min"),
        (timedelta(seconds=59), "0 min"),
        (41 * MINUTE, "41 min"),
        (59 * MINUTE, "59 min"),
        (HOUR, "1 h 00 min"),
        (19 * HOUR + 5 * MINUTE, "19 h 05 min"),
        (3 * DAY - MINUTE, "71 h 59 min"),
        (3 * DAY, "3 days"),
        (14 * DAY + HOUR, "14 days"),
    ],
)
def test_durations_are_as_exact_as_they_are_useful(length: timedelta, text: str) -> None:
    assert formats.duration(length).replace(NO_BREAK, " ") == text


def test_hours_and_first_names() -> None:
    assert [formats.hours(1), formats.hours(2)] == [f"1{NO_BREAK}hour", f"2{NO_BREAK}hours"]
    assert [formats.first_name(n) for n in ("Lucía Fernández", "Cher", "")] == [
        "Lucía", "Cher", "",
    ]  # fmt: skip
