"""What came of a campaign, from the numbers kept of its rows, which say nothing of opened mails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from plugins.api import QuietHours, Repositories, csv_file
from plugins.campaigns.model import ATTEMPTED, Progress
from plugins.campaigns.numbers import CLICK_DAYS, QUARTER, ClickDay, Numbers, numbers_of

DAYS_SHOWN = 14
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
    do so for the end of the night in their zone."""

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
    repositories: Repositories, campaign: str, *, zone: str, now: datetime, quiet: QuietHours
) -> Results:
    """`zone` is that of the one who asks. Reads no rows, but the numbers kept of them."""
    found = await numbers_of(repositories, campaign)
    days = [each async for each in repositories.documents(CLICK_DAYS).each(campaign=campaign)]
    zones = [_line(each.zone, [each]) for each in found if each.attempted]
    return Results(
        total=_line("", found),
        zones=tuple(sorted(zones, key=lambda line: (-line.sent, line.zone))),
        days=_days(found, days, zone, now),
        progress={progress: sum(each.of(progress) for each in found) for progress in Progress},
        asleep=sum(each.waiting for each in found if quiet.covers(now, each.zone)),
    )


def _line(zone: str, found: Sequence[Numbers]) -> Line:
    return Line(
        zone,
        sent=sum(each.attempted for each in found),
        bounced=sum(each.bounced for each in found),
        complained=sum(each.complained for each in found),
        clicked=sum(each.clicked for each in found),
        withdrew=sum(each.stopped for each in found),
        counted=sum(each.counted for each in found),
    )


def _days(
    found: Sequence[Numbers], click_days: Sequence[ClickDay], zone: str, now: datetime
) -> tuple[tuple[date, int], ...]:
    """The days from the first mail on, in this zone."""
    sent = [each.first_sent_at for each in found if each.first_sent_at]
    if not sent:
        return ()
    here, clicks = ZoneInfo(zone), Counter[date]()
    for each in click_days:
        for number, count in enumerate(each.quarters):
            clicks[(each.begins_at + number * QUARTER).astimezone(here).date()] += count
    first, last = min(sent).astimezone(here).date(), now.astimezone(here).date()
    count = min((last - first).days + 1, DAYS_SHOWN)
    return tuple((day, clicks[day]) for n in range(count) if (day := first + timedelta(days=n)))


def table(results: Results) -> str:
    """The numbers by time zone as a CSV file."""
    lines = [(line.zone, line) for line in results.zones] + [("all", results.total)]
    rows = [(zone, *(getattr(line, name) for name in COLUMNS)) for zone, line in lines]
    return csv_file(("zone", *COLUMNS), rows)
