"""Text for comparison: what people write in several ways has one form."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

LETTERS = str.maketrans(
    {
        "ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ƀ": "b", "ı": "i",
        "þ": "th", "æ": "ae", "œ": "oe", "ĸ": "k",
        "ک": "ك", "ی": "ي", "ى": "ي", "ٱ": "ا", "ـ": "",
    }
)  # fmt: skip
"""Letters that Unicode does not decompose, and the Persian forms of Arabic letters. The last one is
the Arabic line that only stretches a word."""
ACCENTS = re.compile(
    "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f"
    "\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed]"
)
"""The marks that are left out: accents of Latin, Greek and Cyrillic letters, the points of Hebrew
and Arabic, and variation selectors. The vowel signs of other scripts belong to their words."""
NUKTA = 7
"""The combining class of the dot below an Indic letter, which many people do not write."""


def folded(text: str) -> str:
    """The text for comparison: in lower case, without accents, strokes and outer spaces, with one
    form for full-width letters, digits of other scripts, and invisible characters removed."""
    text = text.strip()
    return text.lower() if text.isascii() else _folded(text)


@lru_cache(maxsize=512)
def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    plain = ACCENTS.sub("", plain.translate(LETTERS)).translate(LETTERS)
    return unicodedata.normalize("NFC", "".join(map(_letter, plain))).strip()


def _letter(char: str) -> str:
    if char.isascii():
        return char
    if unicodedata.combining(char) == NUKTA or unicodedata.category(char) in {"Cf", "Cs"}:
        return ""
    digit = unicodedata.decimal(char, None)
    return char if digit is None else str(digit)
