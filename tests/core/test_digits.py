"""Codes as people type and paste them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.digits import folded_code, folded_digits


@pytest.mark.parametrize(
    "typed",
    [
        "123456", "123 456", " 123-456\n", "123\u00a0456", "12.34.56", "１２３４５６",
        "१२३४५६", "١٢٣٤٥٦",
        "۱۲۳۴۵۶", "১২৩৪৫৬", "𝟏𝟐𝟑𝟒𝟓𝟔", "123–456", "123—456", "123\u2011456",
        "123\u200b456\ufeff", "123·456",
        "１２３　４５６", "\u202a123456\u202c", "1 2 3 4 5 6", "123_456", "१२३-456",
    ],
)  # fmt: skip
def test_digits_of_any_script_and_separators_are_folded(typed: str) -> None:
    assert folded_code(typed) == "123456"


def test_letters_keep_their_case_and_other_signs_stay() -> None:
    assert folded_code("ＡＢ－ｃ１") == "ABc1"
    assert folded_code("12/34+5") == "12/34+5"
    assert folded_digits("٣ Feb – １२") == "3 Feb – 12"


@given(st.text())
def test_any_text_is_folded_once_and_for_all(typed: str) -> None:
    code = folded_code(typed)
    assert folded_code(code) == code
    assert all(char in "0123456789" for char in code if char.isdecimal())
