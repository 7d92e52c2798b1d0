"""What pages say about files."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.files import Contents, Kind, State
from tests.core.test_files import FILE
from web.files.wording import file_facts, file_icon, limit_words, size_words

FINAL = replace(FILE, state=State.FINAL, attempt="0123456789")


@pytest.mark.parametrize(
    ("count", "words"),
    [(1, "1 byte"), (999, "999 bytes"), (1000, "1 kB"), (96_400, "96 kB"), (999_499, "999 kB"),
     (999_500, "1.0 MB"), (1_234_567, "1.2 MB"), (104_857_600, "104.9 MB")],
)  # fmt: skip
def test_sizes(count: int, words: str) -> None:
    assert size_words(count) == words.replace(" ", "\N{NO-BREAK SPACE}")


def test_a_limit_is_never_shown_larger_than_it_is() -> None:
    assert limit_words(104_857_600) == "104\N{NO-BREAK SPACE}MB"
    assert limit_words(900_000) == "900\N{NO-BREAK SPACE}kB"


@pytest.mark.parametrize(
    ("contents", "facts"),
    [
        (Contents(kind=Kind.IMAGE, width=1600, height=900), "Image, 1600 × 900, 96 kB, checked"),
        (Contents(kind=Kind.PDF, pages=3), "PDF, 3 pages, 96 kB, checked"),
        (Contents(kind=Kind.ARCHIVE, entry_count=5, unpacked_size=8_300_000),
         "Archive, 5 files, 96 kB, 8.3 MB unpacked, checked"),
        (Contents(), "File, 96 kB, checked"),
    ],
)  # fmt: skip
def test_facts(contents: Contents, facts: str) -> None:
    shown = file_facts(replace(FINAL, size=96_400, contents=contents))

    assert shown.replace("\N{NO-BREAK SPACE}", " ") == facts


def test_a_file_that_is_not_checked_has_no_kind() -> None:
    refused = replace(FILE, state=State.REFUSED, reason="It is a program.")

    assert file_facts(refused).replace("\N{NO-BREAK SPACE}", " ") == "100 bytes, refused"
    assert file_icon(refused) == "file-x"
    assert file_icon(FINAL) == "file-text"
