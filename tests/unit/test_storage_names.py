"""Names that people gave to files are harmless in headers and on the disks of others."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ports.storage_names import BYTES_MAXIMUM, attachment, safe_filename

HEADER = re.compile(
    r"attachment; filename=\"[ !#$&'()+,\-.0-9;=@A-Z\[\]^_`a-z{}~]+\""
    r"(; filename\*=UTF-8''[A-Za-z0-9!#$&+\-.^_`|~%]+)?"
)


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("report.pdf", "report.pdf"),
        ("  two  words .txt ", "two  words .txt"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\Windows\\win.ini", "C__Windows_win.ini"),
        ("/", "_"),
        ("..", "file"),
        ("", "file"),
        (" \t ", "_"),
        ("a\x00b.png", "a_b.png"),
        ("a\r\nb.png", "a__b.png"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("zero\u200bwidth.txt", "zerowidth.txt"),
        ("half \ud800.txt", "half .txt"),
        ("CON", "_CON"),
        ("con.txt", "_con.txt"),
        ("console.txt", "console.txt"),
        ("LPT1.tar.gz", "_LPT1.tar.gz"),
        (".htaccess", "htaccess"),
        ("what?.pdf", "what_.pdf"),
        ("e\u0301.pdf", "é.pdf"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
        ("₹" * 100 + ".pdf", "₹" * 65 + ".pdf"),
    ],
)  # fmt: skip
def test_a_name_is_made_safe(given: str, safe: str) -> None:
    assert safe_filename(given) == safe


@given(st.text(max_size=400))
def test_every_text_becomes_one_safe_header(name: str) -> None:
    safe = safe_filename(name)
    header = attachment(name)

    assert 1 <= len(safe.encode()) <= BYTES_MAXIMUM + 1
    assert not set(safe) & set('/\\:*?"<>|\r\n\0')
    assert HEADER.fullmatch(header)
    assert header.isascii()
