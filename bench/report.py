"""Writes measurements into docs/performance.md, beside the change since the last ones.

`docs/performance.json` has the last ones of each kind as numbers, so that git keeps their history.
A section of the page is what stands between `<!-- begin KIND -->` and `<!-- end KIND -->`.
"""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGE, NUMBERS = "performance.md", "performance.json"
PACKAGES = ("quart", "hypercorn", "pymongo", "motor", "python-socketio", "secantusdb")

Cell = str | float
Row = Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Measurement:
    """The rows of one kind. `what` are the columns that say what a row measures; the others are
    numbers. All rows have the same columns. `where` describes the machine and its programs, `by` is
    what is measured along with it: an argument of `python -m bench`."""

    kind: str
    what: tuple[str, ...]
    rows: Sequence[Row]
    at: datetime
    where: str
    by: str

    def write(self, folder: Path = DOCS) -> None:
        """Replace the section of the page and the numbers. Raises `ValueError` for a page without
        such a section."""
        numbers, page = folder / NUMBERS, folder / PAGE
        last = json.loads(numbers.read_text(encoding="utf-8")) if numbers.exists() else {}
        text = page.read_text(encoding="utf-8")
        begin, end = f"<!-- begin {self.kind} -->\n", f"<!-- end {self.kind} -->"
        section = re.compile(f"{begin}.*?{end}", re.DOTALL)
        if not section.search(text):
            raise ValueError(f"{page.name} has no section {self.kind!r}.")
        new = f"{begin}{self._markdown(last.get(self.kind))}{end}"
        page.write_text(section.sub(lambda _: new, text), encoding="utf-8")
        last[self.kind] = self._as_json()
        numbers.write_text(json.dumps(last, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    def _as_json(self) -> Mapping[str, Any]:
        return {
            "at": f"{self.at:%Y-%m-%d}",
            "where": self.where,
            "rows": list(map(dict, self.rows)),
        }

    def _markdown(self, last: Mapping[str, Any] | None) -> str:
        before = {self._key(row): row for row in last["rows"]} if last else {}
        since = f" In brackets: the change since {last['at']}." if last else ""
        columns = list(self.rows[0])
        command = f"`python -m bench {self.by} --write`"
        lines = [
            f"Measured on {self.at:%Y-%m-%d} by {command}: {self.where}.{since}",
            "",
            f"| {' | '.join(columns)} |",
            f"|{'---|' * len(columns)}",
        ]
        for row in self.rows:
            earlier = before.get(self._key(row), {})
            cells = [self._cell(name, row[name], earlier.get(name)) for name in columns]
            lines.append(f"| {' | '.join(cells)} |")
        return "\n".join(lines) + "\n"

    def _key(self, row: Row) -> tuple[Cell, ...]:
        return tuple(row[name] for name in self.what)

    def _cell(self, name: str, value: Cell, before: Cell | None) -> str:
        if name in self.what or isinstance(value, str):
            return str(value)
        text = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
        if not isinstance(before, float | int) or not before:
            return text
        return f"{text} ({100 * (value / before - 1):+.0f} %)"


def measurement(
    kind: str, what: tuple[str, ...], rows: Sequence[Row], *, by: str = ""
) -> Measurement:
    """One of now, on this machine; `by` is the kind unless it is given."""
    return Measurement(kind, what, rows, datetime.now(UTC), machine(), by or kind)


def machine() -> str:
    """The processor, the memory and the versions of what is measured."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{os.cpu_count()} CPUs ({_processor()}), {memory:.0f} GiB, Python"
        f" {platform.python_version()}, {packages}"
    )


def _processor() -> str:
    """Its name, where Linux says it, otherwise its architecture."""
    try:
        found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    except OSError:
        found = None
    return found[1].strip() if found else platform.machine()
