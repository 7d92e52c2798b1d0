"""Amounts in words, by the Indian system."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.amounts_in_words import GROUPS, SMALL, TENS, amount_in_words, in_words
from core.money import Money

VALUES = {word: n for n, word in enumerate(SMALL)}
VALUES |= {word: 20 + 10 * n for n, word in enumerate(TENS)}
SIZES = {name: size for size, name in GROUPS}


@pytest.mark.parametrize(
    ("paise", "words"),
    [
        (0, "Rupees zero only"),
        (390_000, "Rupees three thousand nine hundred only"),
        (195_050, "Rupees one thousand nine hundred and fifty and fifty paise only"),
        (12_450_000, "Rupees one lakh twenty-four thousand five hundred only"),
        (100_000_000_000, "Rupees one hundred crore only"),
    ],
)
def test_an_amount_is_said_in_words(paise: int, words: str) -> None:
    assert amount_in_words(Money(paise)) == words


@given(st.integers(0, 10**12))
def test_the_words_are_the_number(number: int) -> None:
    assert value(in_words(number).replace("-", " ").replace(" and ", " ").split()) == number


def value(words: list[str]) -> int:
    """Reads the words: what stands before the largest group word is its count."""
    for size, name in GROUPS:
        if name in words:
            at = len(words) - 1 - words[::-1].index(name)
            return value(words[:at]) * size + value(words[at + 1 :])
    return sum(VALUES[word] for word in words)


def test_other_currencies_are_not_said() -> None:
    assert amount_in_words(Money(100, "USD")) == ""
