"""The contract of adapters of `Formats`: inherit `FormatsContract`, provide `formats`."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from core.money import Money
from core.policy import DAY, HOUR, MINUTE
from onehour.testing.suite import Contract
from ports.formats import MINUS, NO_BREAK, Formats, UnknownLocale

TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
SUMMER = datetime(2026, 7, 14, 10, 0, tzinfo=UTC)
INDIA, MADRID, ISTANBUL = "Asia/Kolkata", "Europe/Madrid", "Europe/Istanbul"
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
WEEKDAYS = "Mon Tue Wed Thu Fri Sat Sun".split()


class FormatsContract(Contract):
    """`formats` are those of `en-IN`."""

    port = "formats"

    @pytest.fixture
    def formats(self) -> Formats:
        raise NotImplementedError

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
    def test_rupees_are_grouped_in_lakh(self, formats: Formats, paise: int, text: str) -> None:
        assert formats.money(Money(paise)) == text

    def test_list_prices_drop_their_empty_paise_only(self, formats: Formats) -> None:
        assert formats.money(Money(240_000), whole=True) == "₹2,400"
        assert formats.money(Money(240_050), whole=True) == "₹2,400.50"
        assert formats.money(Money(12_450_000), whole=True) == "₹1,24,500"

    def test_other_currencies_are_grouped_in_thousands(self, formats: Formats) -> None:
        assert formats.money(Money(123_456_789, "EUR")) == "€1,234,567.89"
        assert formats.money(Money(123_456, "CHF")) == f"CHF{NO_BREAK}1,234.56"

    def test_a_currency_has_its_own_number_of_decimals(self, formats: Formats) -> None:
        assert formats.money(Money(1_234, "JPY")) == "¥1,234"
        assert formats.money(Money(1_234_567, "KWD")) == f"KWD{NO_BREAK}1,234.567"

    @pytest.mark.parametrize(
        ("zone", "moment", "text"),
        [
            (INDIA, TUESDAY, "Tue 24 Nov 2026, 15:30 IST"),
            (MADRID, TUESDAY, "Tue 24 Nov 2026, 11:00 CET"),
            (MADRID, SUMMER, "Tue 14 Jul 2026, 12:00 CEST"),
            (ISTANBUL, TUESDAY, "Tue 24 Nov 2026, 13:00 UTC+3"),
            ("America/Sao_Paulo", TUESDAY, f"Tue 24 Nov 2026, 07:00 UTC{MINUS}3"),
            ("Asia/Kathmandu", TUESDAY, "Tue 24 Nov 2026, 15:45 UTC+5:45"),
            ("UTC", TUESDAY, "Tue 24 Nov 2026, 10:00 UTC"),
            ("Pacific/Kiritimati", TUESDAY, "Wed 25 Nov 2026, 00:00 UTC+14"),
            ("America/St_Johns", TUESDAY, "Tue 24 Nov 2026, 06:30 NST"),
        ],
    )
    def test_a_moment_in_the_zone_of_a_reader(
        self, formats: Formats, zone: str, moment: datetime, text: str
    ) -> None:
        assert formats.at(moment, zone) == text

    def test_abbreviations_follow_the_change_of_the_clocks(self, formats: Formats) -> None:
        change = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)
        assert formats.abbreviation(change - timedelta(seconds=1), MADRID) == "CEST"
        assert formats.abbreviation(change, MADRID) == "CET"
        assert formats.clock(change - MINUTE, MADRID) == "02:59"
        assert formats.clock(change, MADRID) == "02:00"

    @pytest.mark.parametrize(
        ("zone", "offset"),
        [("UTC", ""), (INDIA, "+5:30"), (MADRID, "+1"), ("America/St_Johns", f"{MINUS}3:30")],
    )
    def test_offsets_are_as_short_as_they_can_be(
        self, formats: Formats, zone: str, offset: str
    ) -> None:
        assert formats.offset(TUESDAY, zone) == offset

    def test_a_span_names_its_second_day_when_there_is_one(self, formats: Formats) -> None:
        assert formats.span(TUESDAY, TUESDAY + 2 * HOUR, INDIA) == (
            "Tue 24 Nov 2026, 15:30 to 17:30 IST"
        )
        assert formats.span(TUESDAY, TUESDAY + 9 * HOUR, INDIA) == (
            "Tue 24 Nov 2026, 15:30 to Wed 25 Nov, 00:30 IST"
        )
        assert formats.clocks(TUESDAY, TUESDAY + 2 * HOUR, MADRID) == "11:00 to 13:00 CET"

    def test_a_span_in_which_the_clocks_change_names_both_abbreviations(
        self, formats: Formats
    ) -> None:
        start = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
        assert formats.span(start, start + HOUR, MADRID) == (
            "Sun 25 Oct 2026, 02:30 CEST to 02:30 CET"
        )
        assert formats.clocks(start, start + 2 * HOUR, MADRID) == "02:30 CEST to 03:30 CET"

    def test_a_day_without_its_year(self, formats: Formats) -> None:
        assert formats.day(TUESDAY, INDIA) == "Tue 24 Nov 2026"
        assert formats.day(TUESDAY, INDIA, year=False) == "Tue 24 Nov"

    def test_months_and_weekdays_have_names_of_three_letters(self, formats: Formats) -> None:
        """CLDR writes 'Sept' in India."""
        year = [datetime(2026, month, 1, 12, tzinfo=UTC) for month in range(1, 13)]
        week = [datetime(2026, 11, day, 12, tzinfo=UTC) for day in range(23, 30)]

        assert [formats.day(day, "UTC").split()[2] for day in year] == MONTHS
        assert [formats.month(day, short=True) for day in year] == MONTHS
        assert [formats.day(day, "UTC").split()[0] for day in week] == WEEKDAYS
        assert [formats.weekday(day, short=True) for day in week] == WEEKDAYS

    def test_whole_names_of_months_and_weekdays(self, formats: Formats) -> None:
        day = date(2026, 9, 24)
        assert formats.weekday(day) == "Thursday"
        assert formats.month(day) == "September"
        assert formats.month(day, year=True) == "September 2026"

    def test_zones_are_named_with_abbreviation_and_offset(self, formats: Formats) -> None:
        assert formats.zone_label(INDIA, TUESDAY) == "Asia/Kolkata (IST, UTC+5:30)"
        assert formats.zone_label("America/Sao_Paulo", TUESDAY) == (
            f"America/Sao Paulo (UTC{MINUS}3)"
        )
        assert formats.zone_label("UTC", TUESDAY) == "UTC"

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
    def test_durations_are_as_exact_as_they_are_useful(
        self, formats: Formats, length: timedelta, text: str
    ) -> None:
        assert formats.duration(length).replace(NO_BREAK, " ") == text

    def test_numbers_stay_on_the_line_of_their_units(self, formats: Formats) -> None:
        words = {"one": "round", "other": "rounds"}
        assert [formats.hours(1), formats.hours(2)] == [f"1{NO_BREAK}hour", f"2{NO_BREAK}hours"]
        assert [formats.minutes(1), formats.minutes(15)] == [
            f"1{NO_BREAK}minute",
            f"15{NO_BREAK}minutes",
        ]
        assert [formats.days(1), formats.days(30)] == [f"1{NO_BREAK}day", f"30{NO_BREAK}days"]
        assert [formats.count(n, words) for n in (0, 1, 2)] == [
            f"0{NO_BREAK}rounds",
            f"1{NO_BREAK}round",
            f"2{NO_BREAK}rounds",
        ]
        assert formats.count(1_234_567, words) == f"12,34,567{NO_BREAK}rounds"
        assert [formats.number(n) for n in (0, 999, 3600)] == ["0", "999", "3,600"]
        assert formats.number(1_234_567) == "12,34,567"
        assert formats.percent(100) == f"100{NO_BREAK}%"
        assert formats.megabytes(5_000_000) == f"5{NO_BREAK}MB"
        assert formats.megabytes(2_500_000) == f"2.5{NO_BREAK}MB"
        assert formats.megabytes(270_053) == f"0.270053{NO_BREAK}MB"

    def test_another_locale_has_its_own_name(self, formats: Formats) -> None:
        assert formats.locale == "en-IN"
        assert formats.in_locale("en-IN").locale == "en-IN"
        assert formats.in_locale("de-DE").locale == "de-DE"
        assert formats.in_locale("de-DE").in_locale("en-IN").hours(2) == formats.hours(2)

    @pytest.mark.parametrize("locale", ["", "xx-YY", "en_IN;", "../../etc", "English"])
    def test_an_unknown_locale_is_refused(self, formats: Formats, locale: str) -> None:
        with pytest.raises(UnknownLocale):
            formats.in_locale(locale)
