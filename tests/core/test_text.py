"""Texts that people type: the same rules in each field, with hostile and with honest input."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.bookings import BRIEF_MAXIMUM, REASON_MAXIMUM, Status, checked_request
from core.characters import is_visible
from core.developers import (
    BIO_MAXIMUM,
    HEADLINE_MAXIMUM,
    TERM_MAXIMUM,
    checked_bio,
    checked_headline,
    checked_languages,
    checked_skills,
)
from core.errors import Invalid
from core.jobs import NOTES_MAXIMUM, checked_notes
from core.text import NAME_MAXIMUM, checked_name, checked_text
from tests.core.test_bookings import NOW, POLICY, START, a_booking


@dataclass(frozen=True)
class Field:
    """One text of a person: `store` returns it as it is stored."""

    name: str
    maximum: int
    store: Callable[[str], str]
    lines: bool = False
    required: bool = False
    is_name: bool = False


def _brief(text: str) -> str:
    return checked_request(start=START, hours=1, brief=text, policy=POLICY)


def _cancelled(text: str) -> str:
    return a_booking(Status.REQUESTED).cancel(reason=text, now=NOW).reason


def _declined(text: str) -> str:
    return a_booking(Status.REQUESTED).decline(reason=text).reason


FIELDS = (
    Field("name", NAME_MAXIMUM, checked_name, required=True, is_name=True),
    Field("headline", HEADLINE_MAXIMUM, checked_headline),
    Field("bio", BIO_MAXIMUM, checked_bio, lines=True),
    Field("skills", TERM_MAXIMUM, lambda text: "".join(checked_skills((text,)))),
    Field("languages", TERM_MAXIMUM, lambda text: "".join(checked_languages((text,)))),
    Field("brief", BRIEF_MAXIMUM, _brief, lines=True, required=True),
    Field("reason", REASON_MAXIMUM, _cancelled, lines=True),
    Field("reason", REASON_MAXIMUM, _declined, lines=True),
    Field(
        "notes",
        NOTES_MAXIMUM,
        lambda text: checked_notes(text, field="notes"),
        lines=True,
        required=True,
    ),
    Field(
        "note",
        NOTES_MAXIMUM,
        lambda text: checked_notes(text, field="note"),
        lines=True,
        required=True,
    ),
)
each_field = pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.store.__name__)

INVISIBLE = (
    "", " \t\n", "\u00a0\u2003\u3000", "\u200b\u200c\u200d", "\ufeff", "\u3164", "\u115f\u1160",
    "\uffa0", "\u2800", "\ufe0f", "\U000e0100", "\u200e\u200f\u061c", "\u00ad\u2060", "\u034f",
    "\U000e0001\U000e0041\U000e0042", "\u17b4\u17b5", "\u180e", "\u2061\u2064", "\U0001d173",
)  # fmt: skip
REFUSED = (
    ("a\0b", "a control character (U+0000, null)"),
    ("\0", "a control character (U+0000, null)"),
    ("a\x1b[31mb", "a control character (U+001B, escape)"),
    ("a\x7fb", "a control character (U+007F, delete)"),
    ("a\x9bb", "a control character (U+009B)"),
    ("a\x0bb", "a control character (U+000B, vertical tab)"),
    ("a\ud800b", "half of a character (U+D800)"),
    ("\udfff", "half of a character (U+DFFF)"),
    ("a\ufffeb", "a code that is no character (U+FFFE)"),
    ("a\U0010ffffb", "a code that is no character (U+10FFFF)"),
    (
        "a\u202eb",
        "a character that changes the writing direction (U+202E, right-to-left override)",
    ),
    ("a\u202ab", "(U+202A, left-to-right embedding)"),
    ("a\u202cb", "(U+202C, pop directional formatting)"),
    ("a\u2066b", "(U+2066, left-to-right isolate)"),
    ("a\u2069", "(U+2069, pop directional isolate)"),
    ("a\ufff9b", "a character that cannot be shown (U+FFF9, interlinear annotation anchor)"),
)
HONEST = (
    "Meera", "O’Neill-Íñez", "Анна Каренина", "山田 太郎", "علی\u200cرضا", "ශ්\u200dරී",
    "രമേശന്\u200d", "র\u200d্যাব", "राहुल", "ישראל", "Meera 🚀", "Ada 👩\u200d💻", "葛\U000e0100城",
    "Zoë 🏳\ufe0f\u200d🌈", "Ann 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "Z 👋🏽", "C3 ❤\ufe0f\u200d🔥",
)  # fmt: skip


@each_field
@pytest.mark.parametrize("text", INVISIBLE, ids=ascii)
def test_text_that_shows_nothing_is_empty(field: Field, text: str) -> None:
    if not field.required:
        assert field.store(text) == ""
        return
    with pytest.raises(Invalid) as empty:
        field.store("")
    with pytest.raises(Invalid) as refused:
        field.store(text)
    assert refused.value.fields == empty.value.fields
    assert set(refused.value.fields) == {field.name}


@each_field
@pytest.mark.parametrize(("text", "named"), REFUSED, ids=ascii)
def test_harmful_characters_are_refused_by_name(field: Field, text: str, named: str) -> None:
    with pytest.raises(Invalid) as refused:
        field.store(text)
    assert set(refused.value.fields) == {field.name}
    assert named in refused.value.message


@each_field
@pytest.mark.parametrize("text", HONEST, ids=ascii)
def test_texts_of_all_languages_and_emoji_are_kept(field: Field, text: str) -> None:
    assert field.store(text) == text
    assert field.store(f" \u00a0{text}\n") == text


@each_field
def test_a_text_is_stored_in_one_normal_form(field: Field) -> None:
    assert field.store("E\u0301va") == "Éva"
    assert field.store("Me\u200dera\ufeff\U000e0041") == "Meera"


@each_field
def test_accents_cannot_pile_up_over_other_lines(field: Field) -> None:
    assert field.store("x" + "\u0301" * 5)
    with pytest.raises(Invalid, match="more than 5 accents on one letter"):
        field.store("x" + "\u0301" * 6)


@each_field
def test_the_limit_counts_characters_and_says_how_many_there_are(field: Field) -> None:
    longest = "я" * field.maximum
    assert field.store(longest) == longest
    assert field.store(" e\u0301" + "я" * (field.maximum - 1)) == "é" + longest[1:]
    with pytest.raises(Invalid) as refused:
        field.store(longest + "👋🏽")
    assert (
        f"to {field.maximum:,} characters. It has {field.maximum + 2:,}."
        in (refused.value.fields[field.name])
    )
    with pytest.raises(Invalid):
        field.store("x\u0301" * 1_000_000)


@each_field
def test_line_breaks_are_for_fields_of_several_lines(field: Field) -> None:
    if field.lines:
        assert field.store("a\r\nb\rc\u2028d\te") == "a\nb\nc\nd\te"
        assert field.store("a" + "\n \t" * 50 + "\nb") == "a\n\n\nb"
        return
    with pytest.raises(Invalid, match=r"must be one line\. Remove the line break\."):
        field.store("a\r\nb")
    with pytest.raises(Invalid, match=r"a control character \(U\+0009, tab\)"):
        field.store("a\tb")


@each_field
def test_empty_malformed_and_too_long_are_different_messages(field: Field) -> None:
    messages = set()
    for text in ("", "a\0b", "x" * (field.maximum + 1)):
        try:
            field.store(text)
        except Invalid as refused:
            messages.add(refused.message)
    assert len(messages) == (3 if field.required else 2)


@pytest.mark.parametrize(
    "text",
    [
        "example.com", "EXAMPLE.COM", "http://x", "https:example", "www.example.museum",
        "Ada https://a.b", "meera@example.com", "ｅｘａｍｐｌｅ．ｃｏｍ", "example。com", "bit.ly",
        "see bit.ly/x now", "example.com:80", "a.b-c.example.in", "X.COM", "пример.рф",
        "exa\u200bmple.com", "xn--e1afmkfd.xn--p1ai",
    ],
)  # fmt: skip
def test_a_web_address_is_no_name(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked_name(text)
    assert refused.value.fields == {"name": "A web or e-mail address is no name. Leave it out."}


@pytest.mark.parametrize(
    "text",
    [
        "J.R. Smith", "Dr. X", "Dr.Pro Kim", "S.In", "A.P.J. Abdul Kalam", "St.John Rivers",
        "Node.js", "Meera K.", "Ada v.d. Berg", "Smith, J.", "M. d'Or-Ly", "R2-D2 Com",
    ],
)  # fmt: skip
def test_initials_and_titles_are_names(text: str) -> None:
    assert checked_name(text) == text


@pytest.mark.parametrize("text", ["12", "🚀", "-", "\u0301", "()", "٣"])
def test_a_name_has_a_letter(text: str) -> None:
    with pytest.raises(Invalid, match="needs at least one letter"):
        checked_name(text)


@pytest.mark.parametrize("text", ["✅ Meera", "Meera ★★★★★", "Meera ✔"])
def test_a_name_cannot_look_rated_or_checked(text: str) -> None:
    with pytest.raises(Invalid, match="looks like a rating"):
        checked_name(text)


def test_spaces_in_a_name_are_single_and_plain() -> None:
    assert checked_name("Ada\u00a0\u3000 Lovelace") == "Ada Lovelace"
    assert checked_name("Ada\u3164Lovelace\u200e") == "Ada Lovelace"


@pytest.mark.parametrize("before", ["", " ", "a", "я", "山", "\u0301", "1", "á"])
@pytest.mark.parametrize("joiner", ["\u200c", "\u200d"])
def test_joiners_outside_the_words_that_need_them_are_left_out(before: str, joiner: str) -> None:
    assert checked_text(f"{before}{joiner}b", field="x", maximum=9) == f"{before}b".strip()


@given(st.text(max_size=120), st.sampled_from(FIELDS))
def test_any_text_is_refused_or_safe_and_checking_twice_changes_nothing(
    text: str, field: Field
) -> None:
    try:
        stored = field.store(text)
    except Invalid as refused:
        assert set(refused.fields) == {field.name}
        return
    assert field.store(stored) == stored
    assert len(stored) <= field.maximum
    assert unicodedata.is_normalized("NFC", stored)
    assert not stored or any(map(is_visible, stored))
    kinds = {unicodedata.category(char) for char in stored if char not in "\n\t"}
    assert not kinds & {"Cc", "Cs"}
    assert not set(stored) & set(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
