"""What came of a campaign, counted from its rows, which say nothing of opened mails."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from plugins.api import Repositories
from plugins.campaigns.model import ATTEMPTED, RECIPIENTS, Progress, Recipient

DAYS_SHOWN = 14
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
COLUMNS = ("sent", "delivered", "bounced", "complained", "clicked", "withdrew")


@dataclass(frozen=True, slots=True)
class Line:
    """The numbers of one time zone, or of all. `delivered` is what was sent and did not come back;
    `counted` of those sent allowed to count clicks."""

    zone: str
    sent: int = 0
    bounced: int = 0
    complained: int = 0
    clicked: int = 0
    withdrew: int = 0
    counted: int = 0

    @property
    def delivered(self) -> int:
        return self.sent - self.bounced


@dataclass(frozen=True, slots=True)
class Results:
    """`zones` with most mails first; `days` has the clicks of each day since the first mail, in the
    zone of the one who asks; `progress` is how far the mails are, and `asleep` of those that wait
    do so for the end of the night of their person."""

    total: Line
    zones: tuple[Line, ...]
    days: tuple[tuple[date, int], ...]
    progress: dict[Progress, int]
    asleep: int

    @property
    def most_clicks(self) -> int:
        """Of one day, at least 1: the highest bar of a chart."""
        return max([1, *(clicks for _, clicks in self.days)])

    @property
    def all(self) -> int:
        return sum(self.progress.values())

    @property
    def tried(self) -> int:
        return sum(self.progress[each] for each in ATTEMPTED)


async def results_of(
    repositories: Repositories, campaign: str, *, zone: str, now: datetime
) -> Results:
    """Reads every row once."""
    rows = [row async for row in repositories.documents(RECIPIENTS).each(campaign=campaign)]
    by_zone: dict[str, list[Recipient]] = {}
    for row in rows:
        if row.progress in ATTEMPTED:
            by_zone.setdefault(row.zone, []).append(row)
    zones = [_line(name, found) for name, found in by_zone.items()]
    progress = Counter(row.progress for row in rows)
    return Results(
        total=_line("", [row for found in by_zone.values() for row in found]),
        zones=tuple(sorted(zones, key=lambda line: (-line.sent, line.zone))),
        days=_days(rows, zone, now),
        progress={each: progress[each] for each in Progress},
        asleep=sum(row.progress is Progress.WAITING and row.due_at > now for row in rows),
    )


def _line(zone: str, rows: list[Recipient]) -> Line:
    return Line(
        zone,
        sent=len(rows),
        bounced=sum(row.progress is Progress.BOUNCED for row in rows),
        complained=sum(row.progress is Progress.COMPLAINED for row in rows),
        clicked=sum(row.clicked_at is not None for row in rows),
        withdrew=sum(row.withdrew_at is not None for row in rows),
        counted=sum(row.clicks for row in rows),
    )


def _days(rows: list[Recipient], zone: str, now: datetime) -> tuple[tuple[date, int], ...]:
    sent = [row.sent_at for row in rows if row.sent_at]
    if not sent:
        return ()
    here = ZoneInfo(zone)
    clicks = Counter(row.clicked_at.astimezone(here).date() for row in rows if row.clicked_at)
    first, last = min(sent).astimezone(here).date(), now.astimezone(here).date()
    count = min((last - first).days + 1, DAYS_SHOWN)
    days = [first + timedelta(days=n) for n in range(count)]
    return tuple((day, clicks[day]) for day in days)


def table(results: Results) -> str:
    """The numbers by time zone as CSV (RFC 4180), safe to open in a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["zone", *COLUMNS])
    for line in results.zones:
        writer.writerow(_cells([line.zone, *(getattr(line, name) for name in COLUMNS)]))
    writer.writerow(["all", *(getattr(results.total, name) for name in COLUMNS)])
    return out.getvalue()


def _cells(values: Iterable[object]) -> list[str]:
    return [safe_cell(str(value)) for value in values]


def safe_cell(text: str) -> str:
    """Spreadsheets run a cell that begins like a formula (OWASP, CSV injection)."""
    return f"'{text}" if text.startswith(FORMULA) else text
