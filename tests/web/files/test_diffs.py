"""Comparisons of texts: right for all, and bounded for the worst."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from web.files.diffs import Comparison, Sign, compare
from web.files.matching import WORK_AT_MOST, Matching, common_lines

OLD = "-- one index\n\nCREATE INDEX a\n    ON orders (shop_id)\n    INCLUDE (total);\nEND;\n"
NEW = "-- one index\nSET lock = 3;\n\nCREATE INDEX a\n    ON orders (shop_id, at);\nEND;\n"
LINES = st.lists(st.sampled_from("abcdef"), max_size=40)
CHANCE = random.Random(20261129)
WORST = {
    "no line in common": (list("ab" * 1_000), list("cd" * 1_000)),
    "the same few lines in another order": (
        CHANCE.choices("abc", k=3_000), CHANCE.choices("abc", k=3_000),
    ),
    "reversed": ([str(n) for n in range(4_000)], [str(n) for n in range(4_000, 0, -1)]),
    "one line many times": (["a"] * 5_000, ["b", *["a"] * 4_000, "b"]),
    "alternating": (list("ab" * 2_000), list("ba" * 2_000)),
    "anchors with different lines between": (
        [f"{n}" if n % 2 else "x" for n in range(5_000)],
        [f"{n}" if n % 2 else "y" for n in range(5_000)],
    ),
}  # fmt: skip


def shown(comparison: Comparison) -> list[str]:
    signs = {Sign.SAME: " ", Sign.ADDED: "+", Sign.REMOVED: "-", Sign.LEFT_OUT: "~"}
    return [
        f"{signs[row.sign]}{row.number} {row.line.striptags().strip()}".rstrip()
        for row in comparison.rows
    ]


def test_removed_lines_stand_before_those_that_replace_them() -> None:
    found = compare(OLD, NEW, name="0042.txt")

    assert shown(found) == [
        " 1 -- one index",
        "+2 SET lock = 3;",
        " 3",
        " 4 CREATE INDEX a",
        "-4 ON orders (shop_id)",
        "-5 INCLUDE (total);",
        "+5 ON orders (shop_id, at);",
        " 6 END;",
    ]
    assert (found.added, found.removed, found.is_cut, found.is_same) == (2, 2, False, False)


def test_sides_have_what_belongs_together_in_one_row() -> None:
    sides = compare("a\nb\nc\n", "a\nx\ny\nc\n", name="").sides

    assert [(old and str(old.line), new and str(new.line)) for old, new in sides] == [
        ("a", "a"), ("b", "x"), (None, "y"), ("c", "c"),
    ]  # fmt: skip


def test_long_runs_of_equal_lines_are_left_out() -> None:
    old = "\n".join(map(str, range(100)))

    assert shown(compare(old, old.replace("50", "fifty"), name="")) == [
        "~47", " 48 47", " 49 48", " 50 49", "-51 50", "+51 fifty", " 52 51", " 53 52", " 54 53",
        "~46",
    ]  # fmt: skip


def test_other_line_ends_are_no_change() -> None:
    found = compare("a\nb\n", "a\r\nb\r\n", name="")

    assert found.is_same
    assert shown(found) == ["~2"]


def test_lines_are_highlighted_and_escaped() -> None:
    (removed, added) = compare("import os  # <b>", "import re  # <b>", name="a.py").rows

    assert removed.line == Markup(
        '<span class="hl-k">import</span> os  <span class="hl-c"># &lt;b&gt;</span>'
    )
    assert added.sign is Sign.ADDED


@given(LINES, LINES)
def test_common_lines_are_equal_and_rise(old: list[str], new: list[str]) -> None:
    pairs = common_lines(old, new)

    assert all(old[x] == new[y] for x, y in pairs)
    assert all(a < c and b < d for (a, b), (c, d) in pairwise(pairs))


@given(LINES, st.integers(0, 39))
def test_all_lines_are_found_around_a_change(lines: list[str], place: int) -> None:
    changed = [*lines[:place], "new", *lines[place:]]

    assert len(common_lines(lines, changed)) == len(lines)


@pytest.mark.parametrize("title", WORST)
def test_the_work_is_bounded(title: str) -> None:
    old, new = WORST[title]
    matching = Matching(old, new, WORK_AT_MOST)

    pairs = matching.pairs()

    assert matching.work > -len(old) - len(new)
    assert all(old[x] == new[y] for x, y in pairs)


def test_without_work_left_the_rest_counts_as_replaced() -> None:
    old, new = CHANCE.choices("abc", k=200), CHANCE.choices("abc", k=200)

    assert len(common_lines(old, new, work=500)) < len(common_lines(old, new))
    assert common_lines(["same", *old], ["same", *new], work=1)[0] == (0, 0)


def test_the_macro_shows_signs_by_elements() -> None:
    environment = Environment(loader=FileSystemLoader("web/files/templates"), autoescape=True)
    environment.filters["counted"] = lambda number, word: f"{number} {word}s"
    page = environment.from_string(
        '{% from "files/_lines.html" import changes %}{{ changes(found, "a.txt") }}'
    )
    old = "<a>\n" + "b\n" * 6

    found = compare(old, old[4:], name="")
    shown = page.render(found=found)

    assert shown.strip() == (
        '<pre class="lines" tabindex="0" role="group" aria-label="a.txt"><code>'
        '<del data-n="1">&lt;a&gt;</del><span data-n="1">b</span><span data-n="2">b</span>'
        '<span data-n="3">b</span><span class="left-out" data-n="">3 equal lines</span>'
        "</code></pre>"
    )
