"""Prints the figures as a table."""

from __future__ import annotations

from dataclasses import dataclass

from bench import report
from bench.load import Figures


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    processes: int
    at_once: int
    figures: Figures
    bare_ms: float | None


HEAD = (
    f"{'work':<34}{'web':>4}{'at once':>8}{'per s':>8}{'p50 ms':>8}{'p99 ms':>8}"
    f"{'CPU ms':>8}{'Motor ms':>9}{'ratio':>7}{'failed':>7}"
)


def print_table(rows: list[Row]) -> None:
    """`ratio` is p50 divided by the time of the driver operations, for rows with one caller."""
    print(HEAD)
    print("-" * len(HEAD))
    for row in rows:
        f = row.figures
        alone = row.bare_ms is not None and row.at_once == 1
        driver = f"{row.bare_ms:9.2f}" if alone else " " * 9
        ratio = f"{f.percentile(50) / (row.bare_ms or 1):7.1f}" if alone else " " * 7
        print(
            f"{row.name:<34}{row.processes:>4}{row.at_once:>8}{f.per_second:>8.0f}"
            f"{f.percentile(50):>8.1f}{f.percentile(99):>8.1f}{f.cpu_ms:>8.2f}{driver}{ratio}"
            f"{f.failed:>7}"
        )


REPORTED_WHAT = ("what", "web processes", "callers")


def reported(rows: list[Row]) -> list[report.Row]:
    """The rows for the page."""
    return [
        {
            "what": row.name,
            "web processes": row.processes,
            "callers": row.at_once,
            "per second": row.figures.per_second,
            "p50 ms": row.figures.percentile(50),
            "p99 ms": row.figures.percentile(99),
            "CPU ms": row.figures.cpu_ms,
            "bare driver ms": row.bare_ms or "",
        }
        for row in rows
    ]
