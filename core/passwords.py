"""Password rules: length, and resistance to guessing."""

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
"""Characters; longer texts are not normalised (`as_bytes`)."""
ADVICE = "Three or four unrelated words work well."
COMMON = f"Many people use this password or a similar one, so it is easy to guess. {ADVICE}"
EASY = f"This password follows a pattern that is easy to guess. {ADVICE}"
PERSONAL = f"This password contains your name, your address or our name. {ADVICE}"

ENOUGH_BITS = 26.5
"""10^8 guesses, the upper limit of "somewhat guessable" in zxcvbn (Wheeler, USENIX Security
2016). Eight random letters are well above it, eight random digits mostly just above."""
CHECKED_LENGTH = 64
"""Characters that are checked: a longer password is no easier to guess than its beginning."""
AFFIX_MAXIMUM = 8
"""At most this many digits and symbols at the ends are ignored to find a common password."""
LONGEST, SHORTEST = 32, 3
"""Length of a word in characters."""
MOST_WORDS = 32
SITE_WORDS = ("1hourdeveloper", "onehour")
KEYBOARD = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")
PLACES = {
    key: 20 * number + place for number, row in enumerate(KEYBOARD) for place, key in enumerate(row)
}
"""Positions on the keyboard: adjacent keys differ by one."""
LEET = tuple(
    str.maketrans("4@8({[<3690!|$5+7%21", "aabcccceggoilssttxz" + letter) for letter in "il"
)
"""Letters for the digits and symbols that replace them; a 1 can be an i or an l."""
SEPARATORS = " -_.,"
YEARS = {str(year): 100 for year in range(1930, 2040)}

Segment = tuple[int, int, float]
"""Start, end and entropy in bits of a part of a password."""


def checked_password(password: str, policy: AccountPolicy, *, alone: bool) -> str:
    """The password unchanged. `alone`: it is the only factor, so it must be longer.

    All characters are allowed, in any combination (NIST SP 800-63B rev. 4). Raises `Invalid` for
    a wrong length or too few different characters.
    """
    least = policy.password_minimum if alone else policy.password_minimum_with_otp
    if not password:
        raise Invalid(password=f"Enter a password of at least {least} characters.")
    if len(password) < least:
        has = f"{len(password)} character{'s' if len(password) > 1 else ''}"
        raise Invalid(
            password=f"This password has {has}. Use at least {least}: three or four words you can "
            "remember work well."
        )
    if len(password) > policy.password_maximum:
        raise Invalid(password=f"Use at most {policy.password_maximum} characters.")
    if len(set(password)) < DIFFERENT_CHARACTERS:
        sentence = "This is too easy to guess. Use several different words."
        raise Invalid(password=sentence)
    return password


def as_bytes(password: str) -> bytes:
    """The bytes to hash, in Unicode form NFC: equal for equal characters however they were typed
    (NIST SP 800-63B).

    Normalising takes quadratic time, so a text far longer than any password is not normalised.
    """
    composed = unicodedata.normalize("NFC", password) if len(password) <= COMPOSED else password
    return composed.encode(errors="surrogatepass")


def ranked(words: Iterable[str]) -> Mapping[str, int]:
    """The rank of each word, from 1, in a list sorted by descending frequency."""
    ranks: dict[str, int] = {}
    for rank, word in enumerate(words, 1):
        ranks.setdefault(word.casefold(), rank)
    return ranks


def weakness(password: str, *, words: Sequence[str], common: Mapping[str, int]) -> str | None:
    """Why a password is easy to guess, as a message for its owner; None if it is not.

    `common` has the ranks of common passwords (`ranked`). `words` are texts about the owner and
    the site: names, addresses, host names. Accepts any text and takes a few milliseconds.
    """
    text = _folded(password)
    stripped = _stripped_forms(text)
    if any(form in common for form in stripped):
        return COMMON
    if _bits(text, YEARS, common) < ENOUGH_BITS:
        return EASY
    personal = _personal((*SITE_WORDS, *words))
    if any(form in personal for form in stripped):
        return PERSONAL
    return PERSONAL if _bits(text, personal | YEARS, common) < ENOUGH_BITS else None


def _folded(text: str) -> str:
    """Case-folded and in Unicode form NFKC. Cut twice, because folding can lengthen a text."""
    return unicodedata.normalize("NFKC", text[:CHECKED_LENGTH]).casefold()[:CHECKED_LENGTH]


def _personal(words: Sequence[str]) -> dict[str, int]:
    """Every word and its parts, with and without accents, all of rank 1."""
    found: set[str] = set()
    for folded in map(_folded, words[:MOST_WORDS]):
        apart = unicodedata.normalize("NFD", folded)
        plain = "".join(char for char in apart if not unicodedata.combining(char))
        for word in (folded, plain):
            parts = re.split(r"[\W_]+", word)
            found.update(part[:LONGEST] for part in (*parts, "".join(parts)))
    return {word: 1 for word in found if len(word) >= SHORTEST}


def _stripped_forms(text: str) -> set[str]:
    """The text without digits and symbols at its ends, also with leet letters replaced."""
    affixes = string.digits + string.punctuation + " "
    bare = (text, text.rstrip(affixes), text.strip(affixes))
    forms = {
        form
        for word in bare
        if len(text) - len(word) <= AFFIX_MAXIMUM
        for form in _leet_forms(word)
    }
    return {"".join(filter(str.isalnum, form)) for form in forms} - {""}


def _leet_forms(text: str) -> tuple[str, ...]:
    """The text itself, then with letters for the digits and symbols that look like them."""
    return text, *(text.translate(table) for table in LEET)


def _bits(text: str, *lists: Mapping[str, int]) -> float:
    """The lowest total entropy in bits of all ways to divide the text into segments."""
    segments = chain(
        _characters(text), _listed_words(text, lists), _repetitions(text), _sequences(text)
    )
    least = [0.0] + [float("inf")] * len(text)
    for start, end, bits in sorted(segments, key=lambda segment: segment[1]):
        least[end] = min(least[end], least[start] + bits)
    return least[-1]


def _characters(text: str) -> Iterator[Segment]:
    """Single characters. Separators add little entropy."""
    for place, char in enumerate(text):
        choices = 4 if char in SEPARATORS else 10 if char in string.digits else 26
        yield place, place + 1, log2(choices)


def _listed_words(text: str, lists: Sequence[Mapping[str, int]]) -> Iterator[Segment]:
    """Words of the lists, also in leet spelling."""
    for number, form in enumerate(dict.fromkeys(_leet_forms(text))):
        for end in range(SHORTEST, len(form) + 1):
            for start in range(max(0, end - LONGEST), end - SHORTEST + 1):
                word = form[start:end]
                ranks = [ranks[word] for ranks in lists if word in ranks]
                if ranks:
                    yield start, end, 1 + log2(min(ranks)) + (number > 0)


def _repetitions(text: str) -> Iterator[Segment]:
    """Repetitions: "aaaa", "abcabc", a word written twice."""
    for distance in range(1, len(text)):
        length = 0
        for end in range(distance + 1, len(text) + 1):
            length = length + 1 if text[end - 1] == text[end - 1 - distance] else 0
            if length >= SHORTEST:
                yield end - length, end, 1 + log2(distance) + log2(length)


def _sequences(text: str) -> Iterator[Segment]:
    """Sequences of the alphabet, the digits or a keyboard row, forwards or backwards."""
    nowhere = -9
    for places in ([ord(char) for char in text], [PLACES.get(char, nowhere) for char in text]):
        for step in (1, -1):
            length = 1
            for end in range(2, len(text) + 1):
                length = length + 1 if places[end - 1] - places[end - 2] == step else 1
                if length >= SHORTEST:
                    yield end - length, end, 1 + log2(26) + log2(length)
