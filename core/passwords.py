"""What a password must be: long enough, and not one of those that are tried first."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from math import log2

from core.accounts_policy import AccountPolicy
from core.errors import Invalid

DIFFERENT_CHARACTERS = 6
COMPOSED = 1024
ADVICE = "Three or four words that have nothing to do with each other work well."
COMMON = f"Many people use this password or one like it, so it is tried first. {ADVICE}"
EASY = f"This password follows a pattern that is quickly guessed. {ADVICE}"
PERSONAL = f"This password is made of your name, your address or ours. {ADVICE}"

ENOUGH_BITS = 26.5
"""A hundred million guesses, as far as zxcvbn's "somewhat guessable" reaches (Wheeler, USENIX
Security 2016). Eight letters thrown with dice are well above, eight digits mostly just so."""
LOOKED_AT = 64
"""Characters judged: a longer password is no easier to guess than its beginning."""
DECORATION = 8
"""So many digits and marks at the ends are left out to find the word they decorate."""
LONGEST, SHORTEST = 32, 3
"""Characters of a piece that counts as a word."""
MOST_WORDS = 32
OURS = ("1hourdeveloper", "onehour")
KEYBOARD = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")
PLACES = {
    key: 20 * number + place for number, row in enumerate(KEYBOARD) for place, key in enumerate(row)
}
"""Keys beside each other differ by one."""
LEET = tuple(
    str.maketrans("4@8({[<3690!|$5+7%21", "aabcccceggoilssttxz" + letter) for letter in "il"
)
"""Digits and marks in the place of letters; a 1 may be either of two."""
JOINTS = " -_.,"
YEARS = {str(year): 100 for year in range(1930, 2040)}

Piece = tuple[int, int, float]
"""A part of a password, from and to, and how many bits of guessing it takes."""


def checked_password(password: str, policy: AccountPolicy, *, alone: bool) -> str:
    """The password as it is, if its length is right: `alone` when it is the only factor.

    Any characters will do, in any mixture (NIST SP 800-63B rev. 4). Raises `Invalid`.
    """
    least = policy.password_minimum if alone else policy.password_minimum_with_otp
    if len(password) < least:
        raise Invalid(
            password=f"This password has {len(password)} characters. Use at least {least}: "
            "three or four words you can remember work well."
        )
    if len(password) > policy.password_maximum:
        raise Invalid(password=f"Use at most {policy.password_maximum} characters.")
    if len(set(password)) < DIFFERENT_CHARACTERS:
        sentence = "This is too easy to guess. Use several different words."
        raise Invalid(password=sentence)
    return password


def as_bytes(password: str) -> bytes:
    """What is hashed: the same however a keyboard composes its accents (NIST SP 800-63B).

    Composing takes time that grows with the square of the length, so what is far longer than
    any password is taken as it stands.
    """
    composed = unicodedata.normalize("NFC", password) if len(password) <= COMPOSED else password
    return composed.encode(errors="surrogatepass")


def ranked(words: Iterable[str]) -> Mapping[str, int]:
    """The place of each word in a list that begins with the most frequent one."""
    ranks: dict[str, int] = {}
    for rank, word in enumerate(words, 1):
        ranks.setdefault(word.casefold(), rank)
    return ranks


def weakness(password: str, *, words: Sequence[str], common: Mapping[str, int]) -> str | None:
    """What is wrong with a password somebody would soon guess, for its owner; None if nothing.

    `common` are the passwords most people choose (see `ranked`), `words` what is known of the
    owner and the site: names, addresses, hosts. Takes any text at all, a few ms at most.
    """
    text = _folded(password)
    bare = _bare_forms(text)
    if any(form in common for form in bare):
        return COMMON
    if _bits(text, YEARS, common) < ENOUGH_BITS:
        return EASY
    personal = _personal((*OURS, *words))
    if any(form in personal for form in bare):
        return PERSONAL
    return PERSONAL if _bits(text, personal | YEARS, common) < ENOUGH_BITS else None


def _folded(text: str) -> str:
    """Large and small, wide and narrow letters are one. Cut twice: folding can lengthen."""
    return unicodedata.normalize("NFKC", text[:LOOKED_AT]).casefold()[:LOOKED_AT]


def _personal(words: Sequence[str]) -> dict[str, int]:
    """Every word, its parts, and both without their accents; all are guessed at once."""
    found: set[str] = set()
    for folded in map(_folded, words[:MOST_WORDS]):
        apart = unicodedata.normalize("NFD", folded)
        plain = "".join(mark for mark in apart if not unicodedata.combining(mark))
        for word in (folded, plain):
            parts = re.split(r"[\W_]+", word)
            found.update(part[:LONGEST] for part in (*parts, "".join(parts)))
    return {word: 1 for word in found if len(word) >= SHORTEST}


def _bare_forms(text: str) -> set[str]:
    """The text without what people put around a common password to make it pass."""
    marks = string.digits + string.punctuation + " "
    bare = (text, text.rstrip(marks), text.strip(marks))
    forms = {form for word in bare if len(text) - len(word) <= DECORATION for form in _spelt(word)}
    return {"".join(filter(str.isalnum, form)) for form in forms} - {""}


def _spelt(text: str) -> tuple[str, ...]:
    """As it stands, then with letters for the digits and marks that look like them."""
    return text, *(text.translate(table) for table in LEET)


def _bits(text: str, *lists: Mapping[str, int]) -> float:
    """How many bits the cheapest way to put the text together from its pieces takes."""
    pieces = chain(_marks(text), _words(text, lists), _echoes(text), _walks(text))
    least = [0.0] + [float("inf")] * len(text)
    for start, end, bits in sorted(pieces, key=lambda piece: piece[1]):
        least[end] = min(least[end], least[start] + bits)
    return least[-1]


def _marks(text: str) -> Iterator[Piece]:
    """Each character by itself. What joins words tells little."""
    for place, mark in enumerate(text):
        choices = 4 if mark in JOINTS else 10 if mark in string.digits else 26
        yield place, place + 1, log2(choices)


def _words(text: str, lists: Sequence[Mapping[str, int]]) -> Iterator[Piece]:
    """What stands in a list, also when spelt with digits."""
    for number, form in enumerate(dict.fromkeys(_spelt(text))):
        for end in range(SHORTEST, len(form) + 1):
            for start in range(max(0, end - LONGEST), end - SHORTEST + 1):
                word = form[start:end]
                ranks = [ranks[word] for ranks in lists if word in ranks]
                if ranks:
                    yield start, end, 1 + log2(min(ranks)) + (number > 0)


def _echoes(text: str) -> Iterator[Piece]:
    """What stood there before: "aaaa", "abcabc", a word said twice."""
    for distance in range(1, len(text)):
        length = 0
        for end in range(distance + 1, len(text) + 1):
            length = length + 1 if text[end - 1] == text[end - 1 - distance] else 0
            if length >= SHORTEST:
                yield end - length, end, 1 + log2(distance) + log2(length)


def _walks(text: str) -> Iterator[Piece]:
    """Along the alphabet, the digits or a row of keys, forwards or backwards."""
    nowhere = -9
    for places in ([ord(mark) for mark in text], [PLACES.get(mark, nowhere) for mark in text]):
        for step in (1, -1):
            length = 1
            for end in range(2, len(text) + 1):
                length = length + 1 if places[end - 1] - places[end - 2] == step else 1
                if length >= SHORTEST:
                    yield end - length, end, 1 + log2(26) + log2(length)
