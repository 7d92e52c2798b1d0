"""Amounts, times and counts as people read them, in the site's locale and in others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.babel import BabelFormats
from core.money import Money
from core.policy import DAY, HOUR
from onehour.testing.formats import INDIA, MADRID, TUESDAY, FormatsContract
from ports.formats import MINUS, NO_BREAK, Formats

THIN, NARROW = "\N{THIN SPACE}", "\N{NARROW NO-BREAK SPACE}"


class TestBabelFormats(FormatsContract):
    @pytest.fixture
    def formats(self) -> Formats:
        return BabelFormats()


@given(st.integers(-(10**15), 10**15))
def test_an_amount_can_be_read_back(paise: int) -> None:
    text = BabelFormats().money(Money(paise))

    digits = "".join(mark for mark in text if mark.isdigit())
    assert int(digits) * (-1 if text.startswith(MINUS) else 1) == paise


@pytest.mark.parametrize(
    ("locale", "rupees", "euros", "yen"),
    [
        ("de-DE", f"124.500,00{NO_BREAK}₹", f"1.234,50{NO_BREAK}€", f"{MINUS}1.234{NO_BREAK}¥"),
        ("en-US", "₹124,500.00", "€1,234.50", f"{MINUS}¥1,234"),
        ("hi-IN", "₹1,24,500.00", "€1,234.50", f"{MINUS}JP¥1,234"),
        (
            "fr-FR",
            f"124{NARROW}500,00{NO_BREAK}₹",
            f"1{NARROW}234,50{NO_BREAK}€",
            f"{MINUS}1{NARROW}234{NO_BREAK}JPY",
        ),
    ],
)
def test_amounts_in_other_locales(locale: str, rupees: str, euros: str, yen: str) -> None:
    formats = BabelFormats(locale)

    assert formats.money(Money(12_450_000)) == rupees
    assert formats.money(Money(123_450, "EUR")) == euros
    assert formats.money(Money(-1_234, "JPY")) == yen


@pytest.mark.parametrize(
    ("locale", "at", "clocks"),
    [
        ("de-DE", "Di., 24. Nov. 2026, 15:30 IST", f"11:00{THIN}–{THIN}13:00 CET"),
        ("fr-FR", "mar. 24 nov. 2026, 15:30 IST", f"11:00{THIN}–{THIN}13:00 CET"),
        (
            "en-US",
            f"Tue, Nov 24, 2026, 3:30{NARROW}PM IST",
            f"11:00{NARROW}AM{THIN}–{THIN}1:00{NARROW}PM CET",
        ),
        ("hi-IN", "मंगल, 24 नव॰ 2026, 3:30 pm IST", "11:00 am – 1:00 pm CET"),
    ],
)
def test_times_in_other_locales(locale: str, at: str, clocks: str) -> None:
    formats = BabelFormats(locale)

    assert formats.at(TUESDAY, INDIA) == at
    assert formats.clocks(TUESDAY, TUESDAY + 2 * HOUR, MADRID) == clocks


@pytest.mark.parametrize(
    ("locale", "units"),
    [
        ("de-DE", ["1 Stunde", "2 Stunden", "3 Tage", "5 MB", "15 %"]),
        ("fr-FR", ["1 heure", "2 heures", "3 jours", "5 Mo", "15 %"]),
        ("en-US", ["1 hour", "2 hours", "3 days", "5 MB", "15%"]),
        ("hi-IN", ["1 घंटा", "2 घंटे", "3 दिन", "5 MB", "15%"]),
    ],
)
def test_units_in_other_locales(locale: str, units: list[str]) -> None:
    formats = BabelFormats(locale)

    written = [
        formats.hours(1),
        formats.hours(2),
        formats.duration(3 * DAY),
        formats.megabytes(5_000_000),
        formats.percent(15),
    ]
    assert [text.replace(NO_BREAK, " ").replace(NARROW, " ") for text in written] == units
    assert not any(" " in text for text in written), "a number stays beside its unit"


def test_plurals_follow_the_rules_of_the_locale() -> None:
    polish = {"one": "godzina", "few": "godziny", "many": "godzin", "other": "godziny"}

    counted = [BabelFormats("pl-PL").count(n, polish) for n in (1, 2, 5, 22)]

    assert [text.split(NO_BREAK)[1] for text in counted] == [
        "godzina",
        "godziny",
        "godzin",
        "godziny",
    ]
