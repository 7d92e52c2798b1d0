"""Replaces what people typed by the longest texts of several scripts that the rules allow."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

from core.bookings import BRIEF_MAXIMUM, REASON_MAXIMUM
from core.chat_reports import REASON_MAXIMUM as REPORT_MAXIMUM
from core.chats_policy import ChatPolicy
from core.developers import BIO_MAXIMUM, HEADLINE_MAXIMUM, TERM_MAXIMUM
from core.dispute_parts import NOTE_MAXIMUM, TEXT_MAXIMUM
from core.jobs import NOTES_MAXIMUM
from core.text import NAME_MAXIMUM, checked_name, checked_text
from ports.storage_names import BYTES_MAXIMUM, safe_filename
from tests.browser.full_site import FullSite

SCRIPTS = {
    "latin": "Wolfeschlegelsteinhausenbergerdorff",
    "cjk": "東京都千代田区霞が関設計開発",
    "rtl": "عبدالرحمنالمستعصمبالله",
    "devanagari": "राहुलकुमारश्रीवास्तव",
    "emoji": "👩🏽‍💻👨‍👩‍👧‍👦🏳️‍🌈",
}
"""A word of each script, repeated without a space: nothing lets the browser break the line."""
OF_PEOPLE = {
    "Lucía Fernández": "latin", "Arjun Nair": "cjk", "Tomasz Kowalczyk": "rtl",
    "Meera Krishnan": "latin", "Rohan Deshpande": "devanagari", "Nils Aasen": "cjk",
    "Sana Qureshi": "rtl", "Oliver Brandt": "latin",
}  # fmt: skip
TEXTS = {
    "Finds out why your database is slow": ("latin", HEADLINE_MAXIMUM),
    "Nine years of it.\n\nBring a query.": ("cjk", BIO_MAXIMUM),
    "PostgreSQL": ("latin", TERM_MAXIMUM),
    "Performance": ("emoji", TERM_MAXIMUM),
    "Django": ("rtl", TERM_MAXIMUM),
    "English": ("cjk", TERM_MAXIMUM),
    "Our report takes 38 seconds.": ("latin", BRIEF_MAXIMUM),
    "I travel.": ("emoji", REASON_MAXIMUM),
    "First.": ("rtl", NOTES_MAXIMUM),
    "Done.": ("latin", NOTES_MAXIMUM),
    "Explain step 3.": ("latin", NOTES_MAXIMUM),
    "The report.": ("cjk", NOTES_MAXIMUM),
    "See.": ("latin", TEXT_MAXIMUM),
    "It is up.": ("rtl", TEXT_MAXIMUM),
    "See https://example.com/log": ("emoji", TEXT_MAXIMUM),
    "Half.": ("latin", NOTE_MAXIMUM),
    "Does not answer, and has blocked me.": ("latin", REPORT_MAXIMUM),
    "Our release moved.": ("latin", REASON_MAXIMUM),
    "Are you there?": ("latin", ChatPolicy().message_maximum),
    "It takes 38 seconds, always.": ("devanagari", ChatPolicy().message_maximum),
    "A staging copy from last week. Is that enough?": ("latin", ChatPolicy().message_maximum),
    "Yes, since the first beta.": ("emoji", ChatPolicy().message_maximum),
}
FILES = {"report.txt": "latin", "uptime.txt": "devanagari", "queries.png": "cjk",
         "report-plan-of-the-slow-month.txt": "latin"}  # fmt: skip


def fill_with_longest_texts(site: FullSite) -> None:
    """In everything that is stored; ids, addresses and states stay. Each text has to be there."""
    longest = {name: _name(script) for name, script in OF_PEOPLE.items()}
    longest |= {text: _text(*wanted) for text, wanted in TEXTS.items()}
    longest |= {name: _file_name(name, script) for name, script in FILES.items()}
    tables = site.app.store._tables  # type: ignore[attr-defined]
    stored = repr(tables.rows)
    assert [text for text in longest if repr(text)[1:-1] not in stored] == []
    for rows in tables.rows.values():
        for key, row in rows.items():
            rows[key] = _replaced(row, longest)
    site.people = {name: _replaced(each, longest) for name, each in site.people.items()}


def _name(script: str) -> str:
    """A name of exactly the most characters, or the last whole word below that."""
    return checked_name(_repeated(script, NAME_MAXIMUM))


def _file_name(name: str, script: str) -> str:
    """The longest that is kept, with the ending of the name."""
    ending = f".{name.rpartition('.')[2]}"
    return safe_filename(f"{_repeated(script, BYTES_MAXIMUM)}{ending}")


def _text(script: str, maximum: int) -> str:
    return checked_text(_repeated(script, maximum), field="text", maximum=maximum, lines=True)


def _repeated(script: str, maximum: int) -> str:
    word = SCRIPTS[script]
    whole = word * (maximum // len(word))
    return whole if script == "emoji" else f"{whole}{word}"[:maximum]


def _replaced(value: Any, texts: dict[str, str]) -> Any:
    if isinstance(value, str):
        return texts.get(value, value) if type(value) is str else value
    if isinstance(value, tuple):
        return tuple(_replaced(each, texts) for each in value)
    if isinstance(value, dict):
        return {key: _replaced(part, texts) for key, part in value.items()}
    if not is_dataclass(value) or isinstance(value, type):
        return value
    changes = {
        each.name: changed
        for each in fields(value)
        if each.init
        and (changed := _replaced(old := getattr(value, each.name), texts)) is not old
        and changed != old
    }
    return replace(value, **changes) if changes else value
