"""Facts about characters of Unicode that decide what a typed text may contain."""

from __future__ import annotations

import re
import unicodedata

BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Hangul fillers and the empty Braille cell: letters and symbols that show nothing."""
SPACES = "\t\n \u00a0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""Tab, line feed, and the characters of category Zs."""
JOINERS = frozenset("\u200c\u200d")
"""ZWNJ and ZWJ: the writing of many languages needs them between letters."""
HINTS = frozenset("\u00ad\u200b\u200e\u200f\u061c\u2060")
"""Soft hyphen, zero-width space, the marks LRM, RLM and ALM, and word joiner: they affect only the
place where they stand."""
BLACK_FLAG, TAG_END = "\U0001f3f4", "\U000e007f"
VIRAMA = 9
"""The combining class of signs that join two consonants of an Indic script."""
JOINING_SCRIPTS = frozenset(
    (
        "ARABIC SYRIAC MANDAIC NKO MONGOLIAN DEVANAGARI BENGALI GURMUKHI GUJARATI ORIYA TAMIL "
        "TELUGU KANNADA MALAYALAM SINHALA KHMER MYANMAR TIBETAN BALINESE JAVANESE"
    ).split()
)
"""The first word of the names of characters whose writing uses joiners."""

DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Embeddings, overrides and isolates: they turn the direction of the text that follows, also
outside the field (Unicode Technical Report 36, section 2.5)."""
UNUSABLE = re.compile("[\ufff9-\ufffb\u206a-\u206f]")
"""Annotations and deprecated format characters (The Unicode Standard, sections 23.3 and 23.8)."""
HALF = re.compile("[\ud800-\udfff]")
NO_CHARACTER = re.compile(
    "[\ufdd0-\ufdef" + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in
    range(0, 0x110000, 0x10000)) + "]"
)  # fmt: skip
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")

_IGNORED = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U00013441\U00013442"
    "\U00016fe4\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Default_Ignorable_Code_Point (DerivedCoreProperties.txt), and symbols that are blank."""

_EMOJI = ("So", "Sk", "Sm", "Po", "Cn")
"""Categories of emoji, skin tones, and of emoji newer than Python's tables."""
_CONTROLS = {
    0x00: "null",
    0x07: "bell",
    0x08: "backspace",
    0x09: "tab",
    0x0A: "line feed",
    0x0B: "vertical tab",
    0x0C: "form feed",
    0x0D: "carriage return",
    0x1B: "escape",
    0x7F: "delete",
}


def named(character: str) -> str:
    """'U+202E, right-to-left override', for a message to the person who typed it."""
    code = ord(character)
    name = _CONTROLS.get(code) or unicodedata.name(character, "").lower()
    return f"U+{code:04X}, {name}" if name else f"U+{code:04X}"


def is_visible(character: str) -> bool:
    """Whether the character itself shows something: no space, control or invisible character."""
    if character.isspace() or _IGNORED.match(character):
        return False
    return unicodedata.category(character) not in ("Cc", "Cs")


def is_letter(character: str) -> bool:
    return unicodedata.category(character).startswith("L") and character not in BLANKS


def is_accent(character: str) -> bool:
    """Whether the character is drawn above or below the one before it."""
    return unicodedata.combining(character) > 0


def is_variation(character: str) -> bool:
    """Whether this selects a form of the character before it, such as a coloured emoji."""
    return (
        "\ufe00" <= character <= "\ufe0f"
        or "\U000e0100" <= character <= "\U000e01ef"
        or "\u180b" <= character <= "\u180d"
        or character == "\u180f"
    )


def is_tag(character: str) -> bool:
    """Whether the character belongs to the code of a flag, such as that of Scotland."""
    return "\U000e0020" <= character <= TAG_END


def joins(before: str, after: str) -> bool:
    """Whether a joiner between these two has a purpose in the writing of a language.

    As RFC 5892, appendix A.1 and A.2, but also where current spelling has one before a virama
    (Bengali, Kannada) or at the end of a word (Malayalam).
    """
    if unicodedata.combining(before or " ") == VIRAMA:
        return True
    return _script(before) in JOINING_SCRIPTS and _script(before) == _script(after)


def combines_emoji(before: str, after: str) -> bool:
    """Whether a ZWJ between these two makes one emoji of several: '👩‍💻'."""
    if not before or unicodedata.category(after or " ") not in _EMOJI:
        return False
    return is_variation(before) or unicodedata.category(before) in _EMOJI


def _script(character: str) -> str:
    if not character or unicodedata.category(character)[0] not in "LM":
        return ""
    return unicodedata.name(character, "").partition(" ")[0]
