"""Booking numbers: short numbers people can say and write, such as OH-7K3M-92Q4.

A number has seven random characters and a check character. The check is that of the pure systems
of ISO/IEC 7064: the characters, weighted with powers of the radix 2, add up to 1 modulo the size
of the alphabet. That size is a prime number, and no two of the eight powers are equal modulo it,
so the check finds every wrong character and every swap of two characters.

The alphabet has no vowels, so that numbers form no words, and one character of each group that
looks or sounds alike: 8 for B, 6 for G, 5 for S, 2 for Z, M for N. Of 0, O, 1, I and L it has none.
"""

from __future__ import annotations

import hashlib
import unicodedata
from itertools import combinations
from typing import NewType

from core.errors import Invalid

BookingNumber = NewType("BookingNumber", str)

ALPHABET = "23456789CDFHJKMPQRTVWXY"
RADIX = 2
LENGTH = 8
"""Characters without the prefix, the check character included."""
PREFIX = "OH"
LOOK_ALIKES = str.maketrans("BGSZNU", "8652MV")
"""What people may read or hear instead of a character of the alphabet."""
EXAMPLE = BookingNumber("OH-7K3M-92Q4")


def number_of(booking_id: str, *, attempt: int = 0) -> BookingNumber:
    """The number of a booking, made from its id, so that it is the same each time.

    `attempt` selects another number if a different booking has this one already.
    """
    digest = hashlib.sha256(f"{booking_id}#{attempt}".encode()).digest()
    return numbered(int.from_bytes(digest[:8], "big"))


def numbered(bits: int) -> BookingNumber:
    """The number made from random bits; 64 bits give all 3.4 billion numbers evenly."""
    characters = []
    for _ in range(LENGTH - 1):
        bits, value = divmod(bits, len(ALPHABET))
        characters.append(ALPHABET[value])
    code = "".join(characters)
    return _written(code + ALPHABET[(1 - _weighted_sum(code) * RADIX) % len(ALPHABET)])


def parse_number(text: str) -> BookingNumber:
    """The number a person typed: in any case, with or without prefix, spaces and hyphens, with
    look-alikes of the right characters. Raises `Invalid` with the field `number`."""
    code = _code(text)
    if len(code) != LENGTH:
        raise Invalid(number=f"A booking number has {LENGTH} characters after OH, as {EXAMPLE}.")
    if not set(code) <= set(ALPHABET):
        raise Invalid(number="Check the number: booking numbers have no 0, 1, A, E, I, L or O.")
    if _weighted_sum(code) % len(ALPHABET) != 1:
        raise Invalid(number="Check the number: a character is wrong, or two are swapped.")
    return _written(code)


def near_numbers(text: str) -> tuple[BookingNumber, ...]:
    """The numbers that a typed one may mean: with one other character, or two exchanged. None for
    a text of another length."""
    code = _code(text)
    if len(code) != LENGTH:
        return ()
    places = range(LENGTH)
    replaced = (
        f"{code[:place]}{other}{code[place + 1 :]}" for place in places for other in ALPHABET
    )
    exchanged = (
        "".join({one: code[other], other: code[one]}.get(place, code[place]) for place in places)
        for one, other in combinations(places, 2)
    )
    found = (near for near in (*replaced, *exchanged) if _is_right(near) and near != code)
    return tuple(dict.fromkeys(map(_written, found)))


def _is_right(code: str) -> bool:
    return set(code) <= set(ALPHABET) and _weighted_sum(code) % len(ALPHABET) == 1


def _code(text: str) -> str:
    """The characters that count, without prefix and separators."""
    typed = unicodedata.normalize("NFKC", text).upper()
    code = "".join(character for character in typed if character.isalnum())
    if code[:2] in (PREFIX, "0H"):  # the alphabet has neither O nor 0
        code = code[2:]
    return code.translate(LOOK_ALIKES)


def _weighted_sum(code: str) -> int:
    """The sum of the characters' values, the last one with weight 1."""
    total = 0
    for character in code:
        total = total * RADIX + ALPHABET.index(character)
    return total


def _written(code: str) -> BookingNumber:
    half = LENGTH // 2
    return BookingNumber(f"{PREFIX}-{code[:half]}-{code[half:]}")
