"""Measurements are written into the page, beside the change since the last ones."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.report import NUMBERS, PAGE, Measurement, Row, machine

BEFORE = (
    "# Performance\n\n<!-- begin requests -->\nNothing yet.\n<!-- end requests -->\n\nThe end.\n"
)


def of(per_second: float, *, day: int = 1, name: str = "profile") -> Measurement:
    rows: list[Row] = [{"what": name, "callers": 32, "per second": per_second, "CPU ms": 0.925}]
    at = datetime(2026, 11, day, tzinfo=UTC)
    return Measurement("requests", ("what", "callers"), rows, at, "2 CPUs", by="requests")


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    (tmp_path / PAGE).write_text(BEFORE, encoding="utf-8")
    return tmp_path


def page(docs: Path) -> str:
    return (docs / PAGE).read_text(encoding="utf-8")


def test_the_first_one_replaces_what_is_between_the_marks(docs: Path) -> None:
    of(932).write(docs)

    assert page(docs) == (
        "# Performance\n\n<!-- begin requests -->\n"
        "Measured on 2026-11-01 by `python -m bench requests --write`: 2 CPUs.\n\n"
        "| what | callers | per second | CPU ms |\n|---|---|---|---|\n"
        "| profile | 32 | 932 | 0.925 |\n"
        "<!-- end requests -->\n\nThe end.\n"
    )


def test_the_next_one_says_what_has_changed(docs: Path) -> None:
    of(932).write(docs)
    of(1398, day=2).write(docs)

    assert "| profile | 32 | 1,398 (+50 %) | 0.925 (+0 %) |" in page(docs)
    assert "In brackets: the change since 2026-11-01." in page(docs)
    assert json.loads((docs / NUMBERS).read_text())["requests"]["rows"][0]["per second"] == 1398


def test_a_new_row_has_no_change(docs: Path) -> None:
    of(932).write(docs)
    of(10, day=2, name="search").write(docs)

    assert "| search | 32 | 10 | 0.925 |" in page(docs)


def test_a_page_without_the_section_is_left_alone(docs: Path) -> None:
    (docs / PAGE).write_text("# Performance\n", encoding="utf-8")

    with pytest.raises(ValueError, match="no section 'requests'"):
        of(932).write(docs)

    assert page(docs) == "# Performance\n"
    assert not (docs / NUMBERS).exists()


def test_the_machine_is_named_by_what_matters() -> None:
    assert "CPUs" in machine()
    assert "pymongo" in machine()
