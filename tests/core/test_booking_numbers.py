"""Booking numbers: every slip of the pen is found, and what people type is read."""

from __future__ import annotations

from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.booking_numbers import (
    ALPHABET,
    EXAMPLE,
    LENGTH,
    BookingNumber,
    near_numbers,
    number_of,
    numbered,
    parse_number,
)
from core.errors import Invalid

PLACES = range(LENGTH)
ZEROS = (ALPHABET[0],) * (LENGTH - 1)
bits = st.integers(0, 2**64 - 1)


def code_of(number: BookingNumber) -> list[str]:
    return list(number.removeprefix("OH-").replace("-", ""))


def is_refused(code: list[str]) -> bool:
    try:
        parse_number("".join(code))
    except Invalid as error:
        assert error.fields == {
            "number": "Check the number: a character is wrong, or two are swapped."
        }
        return True
    return False


def value_of(code: list[str]) -> int:
    """The random bits that give a number with these first seven characters."""
    return sum(
        ALPHABET.index(each) * len(ALPHABET) ** place for place, each in enumerate(code[:-1])
    )


def wrong_by_one(code: list[str]) -> list[list[str]]:
    return [
        [*code[:place], other, *code[place + 1 :]]
        for place, other in product(PLACES, ALPHABET)
        if other != code[place]
    ]


def swapped(code: list[str]) -> list[list[str]]:
    """With any two places exchanged, neighbours among them."""
    found = []
    for one, other in combinations(PLACES, 2):
        changed = list(code)
        changed[one], changed[other] = code[other], code[one]
        found.append(changed)
    return [each for each in found if each != code]


def test_the_alphabet_can_be_read_and_its_size_is_prime() -> None:
    assert not set("01ILOAEUBGSZN") & set(ALPHABET)
    assert list(ALPHABET) == sorted(set(ALPHABET))
    assert all(len(ALPHABET) % divisor for divisor in range(2, len(ALPHABET)))


def test_every_wrong_character_is_found_at_every_place() -> None:
    """The check is a sum, so the other characters do not matter: all pairs at all places."""
    for place, character in product(range(LENGTH - 1), ALPHABET):
        code = [*ZEROS, ""]
        code[place] = character
        code = code_of(numbered(value_of(code)))
        assert all(map(is_refused, wrong_by_one(code)))


def test_every_swap_of_two_characters_is_found() -> None:
    """All pairs of characters at all pairs of places."""
    for (one, other), (a, b) in product(
        combinations(range(LENGTH - 1), 2), combinations(ALPHABET, 2)
    ):
        code = [*ZEROS, ""]
        code[one], code[other] = a, b
        code = code_of(numbered(value_of(code)))
        assert all(map(is_refused, swapped(code)))


@given(bits)
def test_any_number_is_read_and_none_with_a_slip(value: int) -> None:
    number = numbered(value)
    code = code_of(number)

    assert parse_number(number) == number
    assert len(code) == LENGTH
    assert set(code) <= set(ALPHABET)
    assert all(map(is_refused, wrong_by_one(code) + swapped(code)))


@given(bits, st.sampled_from(["OH-", "oh", "OH ", "0h-", "", "  Oh–"]), st.sampled_from(" -.–"))
def test_it_is_read_as_people_type_it(value: int, prefix: str, separator: str) -> None:
    number = numbered(value)
    code = "".join(code_of(number)).lower()

    assert parse_number(f"{prefix}{code}") == number
    assert parse_number(f"{prefix}{separator.join(code)} ") == number


def test_look_alikes_are_read_as_the_character_of_the_alphabet() -> None:
    number = numbered(value_of(list("8652MV2") + [""]))

    assert code_of(number)[:7] == list("8652MV2")
    assert parse_number(number.replace("8652-MV2", "BGSZ-NUZ")) == number
    assert parse_number("ＯＨ－７Ｋ３Ｍ－９２Ｑ４") == EXAMPLE


@pytest.mark.parametrize("text", ["", "OH-", "7K3M92Q", "OH-7K3M-92Q4-4", "राहुल", "bkg_01jd"])
def test_what_has_another_length_is_said_to_be_no_number(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_number(text)

    assert refused.value.fields == {
        "number": "A booking number has 8 characters after OH, as OH-7K3M-92Q4."
    }


@pytest.mark.parametrize("text", ["OH-7K3M-92O4", "1K3M92Q4", "7K3M-92Qé"])
def test_a_character_that_no_number_has_is_named(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_number(text)

    assert refused.value.fields == {
        "number": "Check the number: booking numbers have no 0, 1, A, E, I, L or O."
    }


@given(bits, st.data())
def test_the_number_that_was_meant_is_among_the_near_ones(value: int, data: st.DataObject) -> None:
    number = numbered(value)
    code = code_of(number)

    slip = "".join(data.draw(st.sampled_from(wrong_by_one(code) + swapped(code))))

    near = near_numbers(slip)
    assert number in near
    assert {parse_number(each) for each in near} == set(near)
    assert len(near) <= LENGTH + 28


def test_near_numbers_replace_a_character_that_no_number_has() -> None:
    assert EXAMPLE in near_numbers("OH-7K3M-9OQ4")
    assert near_numbers("OH-7K3M") == ()
    assert EXAMPLE not in near_numbers(EXAMPLE)


def test_a_booking_has_the_same_number_each_time_and_others_to_choose_from() -> None:
    assert number_of("bkg_1") == number_of("bkg_1") == "OH-4JP3-TTVX"
    assert len({number_of("bkg_1", attempt=attempt) for attempt in range(1000)}) == 1000
