"""CSV files (RFC 4180) that are safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "−")
"""Spreadsheets run a cell that begins like a formula (OWASP, CSV injection)."""


def csv_file(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The file, with texts that look like a formula made harmless. Numbers stay numbers."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(heading)
    for row in rows:
        writer.writerow([each if isinstance(each, int) else safe_cell(str(each)) for each in row])
    return out.getvalue()


def safe_cell(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
