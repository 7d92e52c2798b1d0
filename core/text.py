"""The one check of texts that people type: which characters they may contain, and how many.

The rules are in docs/rules.md, "Texts". Every text of a person that is stored goes through
`checked_text`, a name through `checked_name`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from core.characters import (
    BLACK_FLAG,
    BLANKS,
    CONTROL,
    DIRECTIONS,
    HALF,
    HINTS,
    JOINERS,
    NO_CHARACTER,
    SPACES,
    TAG_END,
    UNUSABLE,
    combines_emoji,
    is_accent,
    is_letter,
    is_tag,
    is_variation,
    is_visible,
    joins,
    named,
)
from core.errors import Invalid
from core.web_addresses import has_web_address

NAME_MAXIMUM = 80
"""Characters of a person's name."""
ACCENTS_MAXIMUM = 5
"""Accents in a row on one letter: the most that a language writes (Hebrew with cantillation)."""
BLANK_LINES_MAXIMUM = 2
RATING_MARKS = "✓✔✅☑🗸🗹★☆⭐🌟"
"""Not in a name, where they would look like a check or a rating by the site."""

_LINE_BREAK = re.compile("\r\n?|[\u0085\u2028\u2029]")
_BLANK_LINES = re.compile(rf"\n(?:[^\S\n]*\n){{{BLANK_LINES_MAXIMUM + 1},}}")
_NORMALISED_MAXIMUM = 8
"""How many times longer than its limit a text is still worth normalising."""


def checked_text(
    value: str,
    *,
    field: str,
    maximum: int,
    lines: bool = False,
    called: str = "text",
    empty: str = "",
) -> str:
    """The text in the form in which it is stored: NFC, without outer spaces, with `\\n` as line
    break, and without invisible characters that have no purpose.

    `maximum` counts code points of that form. `lines`: the text may have several lines, and tabs.
    `called` is the noun of the messages ("Keep the headline to …"). `empty` is the message for a
    text that shows nothing; without it such a text becomes "".

    Raises `Invalid` with `field`: an empty, a too long and a malformed text have different
    messages.
    """
    text = _well_formed(value, field=field, maximum=maximum, lines=lines, called=called)
    if empty and not text:
        raise Invalid(**{field: empty})
    return _of_length(text, field=field, maximum=maximum, called=called)


def checked_name(value: str, *, field: str = "name") -> str:
    """The name of a person as it is stored: as `checked_text`, with single spaces and without
    invisible characters, except joiners that its language needs.

    Raises `Invalid` with `field`. A name has a letter, and contains no web address.
    """
    text = _well_formed(value, field=field, maximum=NAME_MAXIMUM, lines=False, called="name")
    shown = "".join(" " if char in BLANKS else char for char in text if char not in HINTS)
    name = unicodedata.normalize("NFC", " ".join(shown.split()))
    if not name:
        raise Invalid(**{field: "Enter your name."})
    _of_length(name, field=field, maximum=NAME_MAXIMUM, called="name")
    if not any(map(is_letter, name)):
        raise Invalid(**{field: "A name needs at least one letter."})
    if has_web_address(name):
        raise Invalid(**{field: "A web or e-mail address is no name. Leave it out."})
    mark = next((char for char in name if char in RATING_MARKS), "")
    if mark:
        raise Invalid(**{field: f"Leave {mark} out of the name: it looks like a rating."})
    return name


def _of_length(text: str, *, field: str, maximum: int, called: str) -> str:
    if len(text) > maximum:
        sentence = f"Keep the {called} to {maximum:,} characters. It has {len(text):,}."
        raise Invalid(**{field: sentence})
    return text


def _well_formed(value: str, *, field: str, maximum: int, lines: bool, called: str) -> str:
    """The text as it is stored; "" if it shows nothing. Raises `Invalid` if it is malformed."""
    _of_length(value, field=field, maximum=_NORMALISED_MAXIMUM * maximum, called=called)
    text = _LINE_BREAK.sub("\n", value).strip(SPACES)
    if problem := problem_with(text, lines=lines, called=called):
        raise Invalid(**{field: problem})
    if not text.isascii():
        text = _without_purposeless(unicodedata.normalize("NFC", text))
    if not any(map(is_visible, text)):
        return ""
    return _BLANK_LINES.sub("\n" * (BLANK_LINES_MAXIMUM + 1), text)


def problem_with(text: str, *, lines: bool = True, called: str = "text") -> str:
    """A sentence about the first character that no text may contain, or ""."""
    problem = _problem(text, lines=lines)
    return f"The {called} {problem}" if problem else ""


NOT_ASCII = (
    ("half of a character", HALF),
    ("a code that is no character", NO_CHARACTER),
    ("a character that changes the writing direction", DIRECTIONS),
    ("a character that cannot be shown", UNUSABLE),
)
"""What no text may contain, and no text of ASCII does."""


def _problem(text: str, *, lines: bool) -> str:
    for kind, pattern in () if text.isascii() else NOT_ASCII:
        if found := pattern.search(text):
            return f"contains {kind} ({named(found[0])}). Remove it."
    for found in CONTROL.finditer(text):
        if lines and found[0] in "\n\t":
            continue
        if found[0] == "\n":
            return "must be one line. Remove the line break."
        return f"contains a control character ({named(found[0])}). Remove it."
    if _most_accents(text) > ACCENTS_MAXIMUM:
        return f"has more than {ACCENTS_MAXIMUM} accents on one letter. Remove some."
    return ""


def _most_accents(text: str) -> int:
    """The length of the longest row of accents."""
    if text.isascii() or not any(map(is_accent, set(text))):
        return 0
    most = in_row = 0
    for char in text:
        in_row = in_row + 1 if is_accent(char) else 0
        most = max(most, in_row)
    return most


def _without_purposeless(text: str) -> str:
    """Most texts have no invisible character: to look once at each character that they have is six
    times as fast as to look at each place."""
    if all(map(_is_kept_anywhere, set(text))):
        return text
    return unicodedata.normalize("NFC", "".join(_with_purpose(text)).strip(SPACES))


def _is_kept_anywhere(char: str) -> bool:
    return is_visible(char) or char.isspace() or char in BLANKS


def _with_purpose(text: str) -> Iterator[str]:
    """The characters of the text without invisible ones that have no purpose where they stand.

    Kept are joiners in words and in emoji, one variation selector after a visible character, the
    tags of a flag, and one of `HINTS` after a character that is none.
    """
    before, in_flag = "", False
    for place, char in enumerate(text):
        in_flag = char == BLACK_FLAG or (in_flag and is_tag(char) and before != TAG_END)
        if in_flag or _has_purpose(char, before, text[place + 1 : place + 2]):
            yield char
            before = char


def _has_purpose(char: str, before: str, after: str) -> bool:
    if _is_kept_anywhere(char):
        return True
    if char in JOINERS:
        return joins(before, after) or (char == "\u200d" and combines_emoji(before, after))
    if is_variation(char):
        return bool(before) and is_visible(before)
    return char in HINTS and bool(before) and before not in HINTS
