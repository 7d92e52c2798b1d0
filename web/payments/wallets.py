"""What the wallet shows: a developer's money and its movements, in words; a client's payments."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from core.bookings import Booking, BookingId, Status
from core.developers import Developer
from core.earnings import Balance, Clearing
from core.jobs import FROZEN
from core.money import Money
from core.money_status import Automatic, MoneyStatus
from core.numbering import IssuedDocument
from core.payments import Payment
from core.payments import Status as Paying
from core.transactions import Kind, Transaction
from core.wallets import Movement, Week, first_of_weeks, movement_of, weeks_of
from services.payments import documents_of, numbers_of
from services.timeline import BookingDetails
from web.payments.wording import MONEY_BADGES
from web.shared.context import dependencies, formats, now, services
from web.shared.periods import Period
from web.shared.sides import Badge
from web.shared.templating import zone

WEEKS = 8
PER_PAGE = 20
PER_READ = 200
MOST_OPEN = 200
MOST_READS = 5
"""Reads of one page of movements: entries that move nothing of the developer are left out, so a
page may be short."""
BAR = 120
"""Pixels of the highest bar."""


@dataclass(frozen=True, slots=True)
class Held:
    """Money of a booking that is held, for the developer."""

    booking: Booking
    status: MoneyStatus | None
    """None while a case is open: its clocks are on the booking's page."""


@dataclass(frozen=True, slots=True)
class Line:
    """A movement in words. `into` says where the amount went if it is not ready."""

    movement: Movement
    heading: str
    detail: str
    into: str = ""
    number: str = ""
    """Of its document, once it is issued."""


@dataclass(frozen=True, slots=True)
class Bar:
    week: Week
    hours: int
    height: int


@dataclass(frozen=True, slots=True)
class Wallet:
    """All amounts are the developer's, after the fee. They equal the ledger's sums."""

    balance: Balance
    clearing: tuple[tuple[Clearing, Booking | None], ...]
    held: tuple[Held, ...]
    bars: tuple[Bar, ...]
    debts: tuple[Line, ...]
    """The newest movements that took money back, if something is owed."""

    @property
    def held_total(self) -> Money:
        return total_held(self.held)

    @property
    def total(self) -> Money:
        return self.held_total + self.balance.total

    @property
    def earned(self) -> Money:
        return sum((bar.week.total for bar in self.bars), Money(0))

    @property
    def hours(self) -> int:
        return sum(bar.hours for bar in self.bars)

    @property
    def empty(self) -> bool:
        return not self.held and not self.clearing and not self.balance.total and not self.earned


async def wallet_of(developer: Developer, lines: Sequence[Line]) -> Wallet:
    """Seven reads, and one more for each 200 ledger entries of the last eight weeks."""
    repositories = dependencies().store.repositories
    found, held = await services().earnings.wallet(developer.id), await held_of(developer)
    local = ZoneInfo(zone())
    firsts = first_of_weeks(now(), local, count=WEEKS)
    read = _entries(developer.id, Period(firsts[0]).since, None)
    recent = [entry async for entries in read for entry in entries]
    weeks = weeks_of(recent, developer.id, firsts, local)
    named = [*(each.id for each in found.upcoming), *(id for week in weeks for id in week.bookings)]
    bookings = await repositories.bookings.many(sorted(set(named)))
    return Wallet(
        balance=found.balance,
        clearing=tuple((each, bookings.get(BookingId(each.id))) for each in found.upcoming),
        held=tuple(held),
        bars=tuple(_bars(weeks, bookings)),
        debts=tuple(line for line in lines if line.movement.owed.amount < 0),
    )


def total_held(held: Sequence[Held]) -> Money:
    return sum((each.booking.earning for each in held), Money(0))


async def held_of(developer: Developer) -> list[Held]:
    """The money that is held for the developer, of at most 200 bookings: three reads."""
    open_bookings, _ = await services().bookings.of_account(
        by=developer.account_id, statuses=(Status.REQUESTED, Status.CONFIRMED), limit=MOST_OPEN
    )
    mine = [each for each in open_bookings if each.developer.id == developer.id]
    details = await services().timeline.overviews(mine)
    return [_held(each) for each in details if each.payment.status is Paying.PAID]


async def lines_of(
    developer: Developer, cursor: str | None, period: Period
) -> tuple[list[Line], str | None]:
    """A page of movements, newest first, and the sort key of the next one: three reads as a
    rule."""
    transactions = dependencies().store.repositories.transactions
    found, following = list[Movement](), cursor
    for _ in range(MOST_READS):
        entries, following = await transactions.of_account(
            (developer.id,),
            limit=PER_PAGE,
            cursor=following,
            since=period.since,
            before=period.before,
        )
        moved = (movement_of(entry, developer.id) for entry in entries)
        found.extend(each for each in moved if each)
        if following is None or len(found) >= PER_PAGE:
            break
    return await in_words(found), following


async def in_words(found: Sequence[Movement]) -> list[Line]:
    """The lines of the movements: one read for the bookings of all, and one for the numbers."""
    repositories = dependencies().store.repositories
    ids = {each.entry.booking_id for each in found if each.entry.booking_id}
    bookings = await repositories.bookings.many(sorted(ids))
    numbers = await numbers_of(repositories, [each.entry for each in found])
    return [
        _line(
            each,
            bookings.get(BookingId(each.entry.booking_id or "")),
            numbers.get(each.entry.id, ""),
        )
        for each in found
    ]


async def movements(
    developer: Developer, period: Period
) -> AsyncIterator[tuple[Movement, IssuedDocument | None]]:
    """Every movement of the period with its document, newest first: two reads for each 200."""
    async for entries in _entries(developer.id, period.since, period.before):
        documents = await documents_of(dependencies().store.repositories, entries)
        for entry in entries:
            if moved := movement_of(entry, developer.id):
                yield moved, documents.get(entry.id)


async def _entries(
    developer_id: str, since: datetime | None, before: datetime | None
) -> AsyncIterator[tuple[Transaction, ...]]:
    """The entries of this time, newest first, at most 200 at once."""
    transactions, cursor = dependencies().store.repositories.transactions, None
    while True:
        entries, cursor = await transactions.of_account(
            (developer_id,), limit=PER_READ, cursor=cursor, since=since, before=before
        )
        yield entries
        if cursor is None:
            return


def _held(details: BookingDetails) -> Held:
    frozen = details.job is not None and details.job.status in FROZEN
    status = services().money_statuses.of(details.booking, details.payment, details.job, None)
    return Held(details.booking, None if frozen else status)


def _bars(weeks: Sequence[Week], bookings: Mapping[str, Booking]) -> list[Bar]:
    most = max((week.total.amount for week in weeks), default=0) or 1
    return [
        Bar(
            week,
            sum(bookings[each].hours for each in week.bookings if each in bookings),
            max(round(week.total.amount / most * BAR), 2),
        )
        for week in weeks
    ]


def _line(moved: Movement, booking: Booking | None, number: str) -> Line:
    who = booking.client.name if booking else ""
    heading, detail, into = _words(moved, booking)
    return Line(moved, f"{heading}, {who}" if who else heading, detail, into, number)


def _words(moved: Movement, booking: Booking | None) -> tuple[str, str, str]:
    money, entry = formats().money, moved.entry
    match entry.kind:
        case Kind.RELEASE:
            whole = -entry.lines[0].amount  # the first line is the source
            fee = money(whole - moved.earned)
            hours = formats().hours(booking.hours) if booking else ""
            part = f"{money(whole)} of {hours}" if hours else money(whole)
            return "Released", f"{part}, less the fee of {fee}.", "into clearing"
        case Kind.CLEAR:
            netted = f" {money(moved.owed)} of it filled what was owed." if moved.owed else ""
            return "Ready to withdraw", f"The clearing time after the release is over.{netted}", ""
        case Kind.TAKE_BACK:
            owed = f" {money(-moved.owed)} of it is owed." if moved.owed else ""
            bank = ":chargeback:" in entry.id
            why = "The client's bank questions the payment" if bank else "Refunded to the client"
            return "Set aside" if bank else "Taken back", f"{why} after the release.{owed}", ""
        case Kind.CHARGEBACK_LOST:
            return (
                "Lost",
                "The bank has decided for the client. What was set aside is lost.",
                "",
            )
        case Kind.GIVE_BACK:
            netted = f" {money(moved.owed)} of it filled what was owed." if moved.owed else ""
            return "Given back", f"The client's bank has decided for you.{netted}", ""
        case Kind.WITHDRAW:
            return "Withdrawal", "Taken out of the wallet when you asked.", ""
        case Kind.PAYOUT:
            return "Sent to you", "The payout provider has transferred the withdrawal.", ""
        case Kind.PAYOUT_REVERSAL:
            return "Withdrawal returned", "The transfer did not arrive, and the money is back.", ""
        case _:
            return entry.description or "Moved", "", ""


def next_steps(wallet: Wallet) -> list[tuple[datetime, Money, str, Booking | None]]:
    """What moves next, the earliest first: when at the latest, how much, and why."""
    found: list[tuple[datetime, Money, str, Booking | None]] = [
        (each.clears_at, each.amount, "becomes ready", booking)
        for each, booking in wallet.clearing
        if each.amount
    ]
    for held in wallet.held:
        step = held.status.next if held.status else None
        if step and step.at:
            released = step.automatic is Automatic.RELEASE
            what = "starts to clear" if released else "is refunded unless you act"
            found.append((step.at, held.booking.earning, what, held.booking))
    return sorted(found, key=lambda each: each[0])


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment of a client. `receipt`: there is one."""

    payment: Payment
    booking: Booking
    badge: Badge

    @property
    def receipt(self) -> bool:
        return bool(self.payment.captured)


async def payments_of(client_id: str, cursor: str | None) -> tuple[list[Paid], str | None]:
    """A page of the client's payments, newest first, and the next sort key: two reads."""
    repositories = dependencies().store.repositories
    found, following = await repositories.payments.of_account(
        (client_id,), limit=PER_PAGE, cursor=cursor
    )
    bookings = await repositories.bookings.many([each.booking_id for each in found])
    return [
        Paid(each, bookings[BookingId(each.booking_id)], MONEY_BADGES[each.status])
        for each in found
    ], following
