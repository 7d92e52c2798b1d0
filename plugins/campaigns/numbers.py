"""The numbers of a campaign, kept with each write of a row, so that reading them costs the same for
ten recipients and for a hundred thousand.

Rows are added and saved through this module only. In every transaction the numbers then equal the
rows, which `tests/plugins/campaigns/test_machine.py` checks after random histories.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from plugins.api import DocumentOrder, DocumentType, Duplicate, Repositories, Stale, Store
from plugins.campaigns.model import ATTEMPTED, RECIPIENTS, Progress, Recipient

QUARTER, QUARTERS = timedelta(minutes=15), 24 * 4
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many rows of a campaign in one time zone are how far, one field for each `Progress`. Of
    those that were attempted (`ATTEMPTED`): how many clicked, stopped the mails, and allow to count
    clicks. `first_sent_at` is in UTC."""

    id: str
    campaign: str
    zone: str
    waiting: int = 0
    sent: int = 0
    bounced: int = 0
    complained: int = 0
    withdrew: int = 0
    returns: int = 0
    enough: int = 0
    empty: int = 0
    gone: int = 0
    failed: int = 0
    clicked: int = 0
    stopped: int = 0
    counted: int = 0
    first_sent_at: datetime | None = None
    version: int = 0

    @property
    def attempted(self) -> int:
        return sum(self.of(each) for each in ATTEMPTED)

    def of(self, progress: Progress) -> int:
        number: int = getattr(self, progress.value)
        return number

    def plus(self, changes: Counter[str], *, sent_at: datetime | None) -> Numbers:
        """With the differences by field."""
        numbers = {name: getattr(self, name) + number for name, number in changes.items()}
        return replace(self, first_sent_at=self.first_sent_at or sent_at, **numbers)


@dataclass(frozen=True, slots=True)
class ClickDay:
    """How many clicked first in each quarter of an hour of a day in UTC. All time zones differ from
    UTC by whole quarters, so the days of each can be made of them."""

    id: str
    campaign: str
    begins_at: datetime
    quarters: tuple[int, ...] = (0,) * QUARTERS
    version: int = 0


NUMBERS = DocumentType(
    "campaigns_numbers",
    Numbers,
    orders=(DocumentOrder("of_campaign", equals=("campaign",), by=("zone",)),),
)
CLICK_DAYS = DocumentType(
    "campaigns_click_days",
    ClickDay,
    orders=(DocumentOrder("of_campaign", equals=("campaign",), by=("begins_at",)),),
)


async def transact(store: Store, step: Callable[[Repositories], Awaitable[T]]) -> T:
    """As `store.transact`, and again when somebody else has counted the same meanwhile. The step
    reads what it saves."""
    while True:
        try:
            return await store.transact(step)
        except (Stale, Duplicate):
            continue


async def numbers_of(repositories: Repositories, campaign: str) -> tuple[Numbers, ...]:
    """By time zone. There are at most as many as zones."""
    return tuple([each async for each in repositories.documents(NUMBERS).each(campaign=campaign)])


async def add_rows(repositories: Repositories, rows: Sequence[Recipient]) -> None:
    for row in rows:
        await repositories.documents(RECIPIENTS).add(row)
    await _count(repositories, [(None, row) for row in rows])


async def save_row(repositories: Repositories, before: Recipient, after: Recipient) -> Recipient:
    """`before` is the stored row. Raises `Stale`."""
    saved = await repositories.documents(RECIPIENTS).save(after)
    await _count(repositories, [(before, after)])
    if after.clicked_at and not before.clicked_at:
        await _count_click(repositories, after.campaign, after.clicked_at)
    return saved


def counts_of(row: Recipient | None) -> Counter[str]:
    """What one row adds to the numbers."""
    if row is None:
        return Counter()
    counts = Counter({row.progress.value: 1})
    if row.progress in ATTEMPTED:
        counts["clicked"] = int(row.clicked_at is not None)
        counts["stopped"] = int(row.withdrew_at is not None)
        counts["counted"] = int(row.clicks)
    return counts


def quarter_of(moment: datetime) -> tuple[datetime, int]:
    """The beginning of its day in UTC, and the number of its quarter of an hour."""
    moment = moment.astimezone(UTC)
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return day, (moment - day) // QUARTER


async def _count(
    repositories: Repositories, changes: Iterable[tuple[Recipient | None, Recipient]]
) -> None:
    """One write for each time zone whose numbers change."""
    campaigns, found = dict[str, tuple[str, str]](), dict[str, Counter[str]]()
    sent = dict[str, datetime | None]()
    for before, after in changes:
        key = f"{after.campaign}.{after.zone}"
        campaigns[key] = (after.campaign, after.zone)
        counts = found.setdefault(key, Counter())
        counts.update(counts_of(after))
        counts.subtract(counts_of(before))
        sent[key] = sent.get(key) or after.sent_at
    numbers = repositories.documents(NUMBERS)
    for key, counts in found.items():
        if not any(counts.values()):
            continue
        stored = await numbers.find(key)
        changed = (stored or Numbers(key, *campaigns[key])).plus(counts, sent_at=sent[key])
        await (numbers.save(changed) if stored else numbers.add(changed))


async def _count_click(repositories: Repositories, campaign: str, at: datetime) -> None:
    days = repositories.documents(CLICK_DAYS)
    day, quarter = quarter_of(at)
    key = f"{campaign}.{day:%Y-%m-%d}"
    stored = await days.find(key)
    before = stored or ClickDay(key, campaign, day)
    quarters = [*before.quarters]
    quarters[quarter] += 1
    after = replace(before, quarters=tuple(quarters))
    await (days.save(after) if stored else days.add(after))


assert {each.value for each in Progress} <= {each.name for each in fields(Numbers)}
