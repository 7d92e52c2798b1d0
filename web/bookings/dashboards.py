"""The data of the dashboards of clients and developers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from core.accounts import Account, AccountId
from core.availability import Availability, start_of_day, week_from_today
from core.bookings import Booking, Status
from core.developers import Developer
from core.earnings import earned
from core.jobs import FROZEN, Job
from core.jobs import Status as Working
from core.money import Money
from core.policy import DAY
from core.proposals import Proposal
from core.transactions import Kind
from web.bookings.wording import badge
from web.shared.context import dependencies, now, services
from web.shared.sides import Badge, Side
from web.shared.templating import zone

OPEN = (Status.HELD, Status.REQUESTED, Status.CONFIRMED)
PAST = (Status.COMPLETED, Status.DECLINED, Status.CANCELLED, Status.EXPIRED)
MOST_OPEN = 200
PER_PAGE = 20
MONTHS = 6


@dataclass(frozen=True, slots=True)
class Row:
    """One booking of a list, for its viewer."""

    booking: Booking
    job: Job | None
    side: Side
    badge: Badge
    picture: str | None
    """The profile picture of the other party, as a URL path."""

    @property
    def waits_for_client(self) -> bool:
        return self.delivered or bool(self.asked) or self.booking.status is Status.HELD

    @property
    def delivered(self) -> bool:
        """A delivery waits for the client."""
        return self.job is not None and self.job.status is Working.DELIVERED

    @property
    def asked(self) -> Proposal | None:
        """The new time that the other side has proposed, if it can be answered."""
        proposal = self.booking.open_proposal(now())
        frozen = self.job is not None and self.job.status in FROZEN
        own = proposal is not None and proposal.by is self.side.actor
        return None if own or frozen else proposal

    @property
    def is_ahead(self) -> bool:
        """The booked time is agreed and has not ended, also if the work is approved already."""
        return self.booking.is_ahead(now())

    @property
    def at_work(self) -> bool:
        """Confirmed, and the booked time has ended or work was delivered."""
        confirmed = self.booking.status is Status.CONFIRMED and self.job is not None
        return confirmed and (self.booking.end <= now() or self.job.deliveries > 0)  # type: ignore[union-attr]

    @property
    def due(self) -> datetime:
        """The time of the next step in UTC, for sorting."""
        if self.booking.status is Status.HELD:
            return self.booking.shown_until
        if self.job and self.job.status is Working.DELIVERED and self.job.approve_by:
            return self.job.approve_by
        if self.asked:
            return self.asked.answer_by
        return self.booking.accept_by or self.booking.start


@dataclass(frozen=True, slots=True)
class Cell:
    """One hour of one day. `event` starts in it, `quarter` quarter hours after the full hour.
    `unavailable`: the developer does not offer it."""

    event: Row | None = None
    quarter: int = 0
    unavailable: bool = False


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days of the developer's calendar, in the viewer's zone. `cells` is by hour and day
    number."""

    days: tuple[date, ...]
    hours: tuple[int, ...]
    cells: Mapping[tuple[int, int], tuple[Cell, ...]]
    by_day: tuple[tuple[date, tuple[Row, ...]], ...]
    today: date
    earlier: date | None
    later: date


@dataclass(frozen=True, slots=True)
class Month:
    """The amount released in one month. `height` is that of its bar, in pixels; `running`: the
    month has not ended."""

    first: date
    total: Money
    height: int
    running: bool


async def booking_rows(
    account: Account, *, as_client: bool, cursor: str | None
) -> tuple[list[Row], list[Row], str | None]:
    """The account's open bookings as client or developer, a page of the past ones, and the sort key
    of the next page. A booking that was approved early is open until the end of its booked time."""
    bookings, jobs = services().bookings, services().jobs
    open_bookings, _ = await bookings.of_account(by=account.id, statuses=OPEN, limit=MOST_OPEN)
    approved = await bookings.approved_early(by=account.id, limit=MOST_OPEN)
    past, following = await bookings.of_account(
        by=account.id, statuses=PAST, limit=PER_PAGE, cursor=cursor
    )
    found, _ = await jobs.of_account(by=account.id, limit=MOST_OPEN)
    by_booking = {job.booking_id: job for job in found}
    pictures = await pictures_of(
        [Side(each, account) for each in (*open_bookings, *approved, *past)]
    )

    def rows(bookings: Sequence[Booking]) -> list[Row]:
        sides = ((b, Side(b, account)) for b in bookings)
        return [
            Row(
                b,
                by_booking.get(b.id),
                side,
                badge(side, by_booking.get(b.id)),
                pictures.get(side.other.account_id),
            )
            for b, side in sides
            if side.is_client is as_client
        ]

    over = [booking for booking in past if not booking.is_ahead(now())]
    return rows([*open_bookings, *approved]), rows(over), following


async def pictures_of(sides: Sequence[Side]) -> dict[str, str | None]:
    """The profile pictures of the other parties, by account: one read for all."""
    others = {AccountId(side.other.account_id) for side in sides}
    found = await dependencies().store.repositories.accounts.many(sorted(others))
    return {account.id: account.avatar for account in found.values()}


def held_earnings(rows: Sequence[Row]) -> Money:
    """The developer's earnings from payments that are not yet released."""
    held = (Status.REQUESTED, Status.CONFIRMED)
    paid = (r.booking.earning for r in rows if r.booking.status in held)
    return sum(paid, Money(0))


async def monthly_earnings(developer: Developer) -> list[Month]:
    """The amounts released to the developer in each of the last `MONTHS` months, after the fee."""
    firsts = _months()
    totals = dict.fromkeys(firsts, Money(0))
    cursor, since = None, firsts[0]
    while True:
        entries, cursor = await dependencies().store.repositories.transactions.of_account(
            (developer.id,), limit=200, cursor=cursor
        )
        for entry in entries:
            month = entry.at.astimezone(ZoneInfo(zone())).date().replace(day=1)
            if month in totals and entry.kind is Kind.RELEASE:
                totals[month] += earned(entry, developer.id)
        if cursor is None or (entries and entries[-1].at.date() < since):
            break
    most = max((total.amount for total in totals.values()), default=0) or 1
    return [
        Month(first, total, max(round(total.amount / most * 120), 2), first == firsts[-1])
        for first, total in totals.items()
    ]


def _months() -> list[date]:
    first = now().astimezone(ZoneInfo(zone())).date().replace(day=1)
    found = [first]
    while len(found) < MONTHS:
        first = (first - DAY).replace(day=1)
        found.insert(0, first)
    return found


def week_of(developer: Developer, rows: Sequence[Row], asked: date | None) -> Week:
    """The seven days with `asked` in the viewer's zone, by default those that begin today."""
    local = ZoneInfo(zone())
    today = now().astimezone(local).date()
    first = week_from_today(asked or today, today=today)
    days = tuple(first + n * DAY for n in range(7))
    shown = [r for r in rows if r.booking.start.astimezone(local).date() in days]
    offered = _offered(developer.availability, days[0], local)
    used = {hour for _, hour in offered}
    for row in shown:
        starts = row.booking.start.astimezone(local).hour
        used.update(range(starts, min(starts + row.booking.hours + 1, 24)))
    hours = tuple(range(min(used), max(used) + 1)) if used else tuple(range(9, 18))
    return Week(
        days=days,
        hours=hours,
        cells=_cells(days, hours, shown, offered, local),
        by_day=_by_day(days, shown, local),
        today=today,
        earlier=first - 7 * DAY if first > today else None,
        later=first + 7 * DAY,
    )


def _offered(offer: Availability, first: date, local: ZoneInfo) -> set[tuple[date, int]]:
    """(day, hour) pairs that are offered at least in part, of seven days."""
    since, until = start_of_day(first, local.key), start_of_day(first + 7 * DAY, local.key)
    whole = replace(offer, minimum_notice=timedelta(0), horizon=9 * DAY)
    slots = whole.slots(since=since, until=until, hours=1, busy=(), now=since)
    found = set()
    for slot in slots:
        for moment in (slot.start, slot.end - timedelta(minutes=1)):
            at = moment.astimezone(local)
            found.add((at.date(), at.hour))
    return found


def _cells(
    days: Sequence[date],
    hours: Sequence[int],
    shown: Sequence[Row],
    offered: set[tuple[date, int]],
    local: ZoneInfo,
) -> dict[tuple[int, int], tuple[Cell, ...]]:
    """The cells of each (hour, day number): its bookings, or one empty cell."""
    found: dict[tuple[int, int], tuple[Cell, ...]] = {}
    for hour in hours:
        for number, day in enumerate(days):
            begins = [
                Cell(row, at.minute // 15)
                for row in shown
                for at in [row.booking.start.astimezone(local)]
                if at.date() == day and at.hour == hour
            ]
            empty = Cell(unavailable=(day, hour) not in offered)
            found[hour, number] = tuple(begins) or (empty,)
    return found


def _by_day(
    days: Sequence[date], shown: Sequence[Row], local: ZoneInfo
) -> tuple[tuple[date, tuple[Row, ...]], ...]:
    ordered = sorted(shown, key=lambda row: row.booking.start)
    pairs = (
        (day, tuple(r for r in ordered if r.booking.start.astimezone(local).date() == day))
        for day in days
    )
    return tuple((day, rows) for day, rows in pairs if rows)
