"""Texts by the line: complete, escaped, and bounded."""

from __future__ import annotations

import random
import re

import pytest
from markupsafe import Markup

from ports.inspection import CUT, LINE_MAXIMUM
from web.files.highlighting import (
    COLOURED_AT_MOST,
    SHOWN_AT_MOST,
    TEXT_AT_MOST,
    code_view,
    language_of,
)
from web.shared.code import LANGUAGES

PYTHON = '"""One\nand two."""\nimport os\n\n\ndef a():\n    return "<b>"\n'
WORDS = (
    '"""',
    "'",
    '"',
    "/*",
    "*/",
    "//",
    "#",
    "<a>",
    "{",
    "}",
    "(",
    "\\",
    "$",
    "`",
    "def ",
    "x",
    " ",
)


def test_each_line_is_complete_in_itself() -> None:
    assert code_view(PYTHON, "a.py").lines == [
        Markup('<span class="hl-s">&#34;&#34;&#34;One</span>'),
        Markup('<span class="hl-s">and two.&#34;&#34;&#34;</span>'),
        Markup('<span class="hl-k">import</span> os'),
        Markup(""),
        Markup(""),
        Markup('<span class="hl-k">def</span> <span class="hl-n">a</span>():'),
        Markup(
            '    <span class="hl-k">return</span> <span class="hl-s">&#34;</span>'
            '<span class="hl-s">&lt;b&gt;</span><span class="hl-s">&#34;</span>'
        ),
    ]


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_no_line_is_lost_in_any_language(language: str) -> None:
    chance = random.Random(language)
    lines = ["".join(chance.choices(WORDS, k=chance.randrange(12))) for _ in range(400)]

    found = code_view("\n".join(lines) + "\nend", f"a.{language}").lines

    assert [line.unescape() if "<span" not in line else _plain(line) for line in found] == [
        *lines,
        "end",
    ]


def _plain(line: Markup) -> str:
    """Without the tags of colours; `striptags` would join blanks too."""
    return Markup(re.sub(r'<span class="hl-[a-z]">|</span>', "", line)).unescape()


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("a.py", "py"), ("src/Main.TSX", "tsx"), ("Dockerfile", "docker"), ("a.svg", "xml"),
        ("a.yml", "yaml"), ("py", ""), ("a.exe", ""), ("", ""), ("a.PY.txt", ""),
    ],
)  # fmt: skip
def test_the_language_is_that_of_the_ending(name: str, language: str) -> None:
    assert language_of(name) == language


def test_marks_stand_for_characters_that_change_how_the_rest_is_shown() -> None:
    (line,) = code_view("if admin\u202e \x1b[31m\x7f", "").lines

    assert line == "if admin[U+202E] \u241b[31m\u2421"


def test_long_lines_are_cut_and_have_no_colours() -> None:
    found = code_view("import os\n" + "import os; " * 10_000 + "\nimport os", "a.py")

    assert found.is_cut
    assert "hl-k" in found.lines[0] and "hl-k" in found.lines[2]
    assert "hl-k" not in found.lines[1]
    assert len(found.lines[1]) == LINE_MAXIMUM + len(CUT)


@pytest.mark.parametrize(
    "text",
    ["import os\n" * 200_000, "x" * 100_000, "\n" * 900_000, "/*" * 400_000, "a\u2028" * 400_000],
    ids=["2 MB of code", "a long line", "empty lines", "comments in comments", "separators"],
)
def test_large_texts_are_cut(text: str) -> None:
    found = code_view(text, "a.c")

    assert found.is_cut
    assert len(found.lines) <= SHOWN_AT_MOST
    coloured = sum(len(line.striptags()) for line in found.lines if "hl-" in line)
    assert coloured <= COLOURED_AT_MOST < TEXT_AT_MOST


def test_a_line_feed_at_the_end_makes_no_line() -> None:
    assert len(code_view("a\n", "").lines) == 1
    assert code_view("", "").lines == [Markup("")]
