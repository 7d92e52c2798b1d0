"""CSV files are safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.shared.csv_files import csv_file


@given(st.lists(st.text().filter(lambda text: "\0" not in text and "\r" not in text), min_size=1))
def test_no_cell_begins_like_a_formula_and_every_text_can_be_read_back(texts: list[str]) -> None:
    written = csv_file([f"c{n}" for n in range(len(texts))], [texts])

    _, row = list(csv.reader(io.StringIO(written, newline="")))
    assert not [cell for cell in row if cell[:1] in ("=", "+", "-", "@", "\t", "−")]
    assert [cell.removeprefix("'") for cell in row] == [text.removeprefix("'") for text in texts]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "−1"])
def test_a_formula_becomes_a_text(text: str) -> None:
    _, (cell,) = csv.reader(io.StringIO(csv_file(["a"], [[text]]), newline=""))

    assert cell == f"'{text}"


def test_numbers_stay_numbers() -> None:
    assert csv_file(["a", "b"], [[-5, "-5"]]) == "a,b\r\n-5,'-5\r\n"
