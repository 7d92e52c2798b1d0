"""What the ledger says about the money of one developer: each movement, and earnings by week."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from core.money import CURRENCY, Money, zero
from core.transactions import Kind, Transaction, clearing, earnings, owed, withdrawing

WEEK = timedelta(days=7)
EARNING = frozenset({Kind.RELEASE, Kind.TAKE_BACK, Kind.GIVE_BACK})
"""The kinds that change what a developer has earned; the others only move it."""


@dataclass(frozen=True, slots=True)
class Movement:
    """What one ledger entry changes for a developer, by account. `owed` is below zero for a debt
    that grows, and above it for one that is filled."""

    entry: Transaction
    clearing: Money
    available: Money
    withdrawing: Money
    owed: Money

    @property
    def earned(self) -> Money:
        """The change of all that belongs to the developer."""
        return self.clearing + self.available + self.withdrawing + self.owed

    @property
    def ready(self) -> Money:
        """The change of what a person reads as ready."""
        return self.available + self.owed

    @property
    def amount(self) -> Money:
        """The one amount that a list shows: what was earned or lost, otherwise what became ready
        or left."""
        return self.earned or self.ready


@dataclass(frozen=True, slots=True)
class Summary:
    """What belongs to a developer at the beginning and at the end of a period, by the same clock,
    and what changed it: `before + released + taken_back + paid_out = after`.

    `paid_out` is below zero; what came back from a bank is added to it. `ready` is the part of
    `after` that a person reads as ready.
    """

    before: Money
    released: Money
    taken_back: Money
    paid_out: Money
    after: Money
    ready: Money


def summary_of(
    total: Money, ready: Money, movements: Iterable[Movement], *, before: datetime
) -> Summary:
    """The summary of a period that ends at `before`. `total` and `ready` are the balance now;
    `movements` are all since the beginning of the period until now."""
    inside, later = list[Movement](), list[Movement]()
    for each in movements:
        (inside if each.entry.at < before else later).append(each)
    none = zero(total.currency)
    after = total - sum((each.earned for each in later), none)
    parts = {
        kind: sum((each.earned for each in inside if each.entry.kind is kind), none)
        for kind in EARNING
    }
    changed = sum((each.earned for each in inside), none)
    released, taken_back = parts[Kind.RELEASE], parts[Kind.TAKE_BACK]
    return Summary(
        before=after - changed,
        released=released,
        taken_back=taken_back,
        paid_out=changed - released - taken_back,
        after=after,
        ready=ready - sum((each.ready for each in later), none),
    )


@dataclass(frozen=True, slots=True)
class Week:
    """What was earned in the week from `first`, a Monday; `running`: it has not ended. `bookings`
    are the ids of those whose money was released."""

    first: date
    total: Money
    running: bool
    bookings: tuple[str, ...] = ()


def movement_of(entry: Transaction, developer_id: str) -> Movement | None:
    """None for an entry that moves nothing of this developer, such as a payment. The loss of money
    that was set aside moves nothing either, and is one because it has a document for them."""
    accounts = (clearing, earnings, withdrawing, owed)
    currency = entry.lines[0].amount.currency
    changes = [
        sum((x.amount for x in entry.lines if x.account == of(developer_id)), zero(currency))
        for of in accounts
    ]
    documented = entry.kind is Kind.CHARGEBACK_LOST and bool(entry.series)
    return Movement(entry, *changes) if any(changes) or documented else None


def first_of_weeks(now: datetime, zone: ZoneInfo, *, count: int) -> list[date]:
    """The Mondays of the last `count` weeks in the zone, the earliest first; the last has begun."""
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    return [monday - n * WEEK for n in reversed(range(count))]


def weeks_of(
    entries: Iterable[Transaction], developer_id: str, firsts: Sequence[date], zone: ZoneInfo
) -> list[Week]:
    """The earnings of these weeks: what was released or given back, less what was taken back."""
    found: Mapping[date, list[Movement]] = {first: [] for first in firsts}
    for entry in entries:
        day = entry.at.astimezone(zone).date()
        monday = day - timedelta(days=day.weekday())
        moved = movement_of(entry, developer_id) if entry.kind in EARNING else None
        if moved and monday in found:
            found[monday].append(moved)
    return [
        Week(
            first,
            sum((each.earned for each in moved), zero(CURRENCY)),
            first == firsts[-1],
            tuple(
                each.entry.booking_id
                for each in moved
                if each.entry.kind is Kind.RELEASE and each.entry.booking_id
            ),
        )
        for first, moved in found.items()
    ]
