"""GSTINs are checked by length, form, state and check character."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.errors import Invalid
from core.gst import ALPHABET, check_character, checked_gstin, state_name

REAL = "27AAPFU0939F1ZV"
"""The example of the tax office."""


def test_a_gstin_is_stored_without_spaces_and_in_capitals() -> None:
    assert checked_gstin(" 27aapfu 0939f1zv ") == REAL
    assert state_name(REAL[:2]) == "Maharashtra (27)"
    assert checked_gstin("  ") == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (REAL[:-1], "has 15 characters, this one has 14"),
        ("99AAPFU0939F1ZV", "This is no GSTIN"),
        ("27AAPFU0939F0ZV", "This is no GSTIN"),
        ("२७AAPFU0939F1ZV", "This is no GSTIN"),
        ("27AAPFU0939F1ZW", "its last character does not fit"),
    ],
)
def test_what_is_wrong_is_said(text: str, says: str) -> None:
    with pytest.raises(Invalid) as error:
        checked_gstin(text)
    assert says in error.value.fields["gstin"]


@given(st.integers(0, 13), st.sampled_from(ALPHABET))
def test_every_wrong_character_is_found(place: int, char: str) -> None:
    assume(REAL[place] != char)
    wrong = REAL[:place] + char + REAL[place + 1 :]
    assert check_character(wrong[:-1]) != REAL[-1]
