"""Movements and weeks of a developer's money are what the ledger says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from core.earnings import Balance
from core.money import Money, zero
from core.transactions import FEES, Kind, Line, Transaction, TransactionId, escrow
from core.transactions import clearing as clearing_account
from core.wallets import Summary, first_of_weeks, movement_of, summary_of, weeks_of

DEV, OTHER = "dev_1", "dev_2"
NOW = datetime(2026, 11, 27, 15, 10, tzinfo=UTC)
INDIA = ZoneInfo("Asia/Kolkata")


def a_release(number: int, amount: int, at: datetime, developer: str = DEV) -> Transaction:
    fee = amount // 10
    return Transaction(
        TransactionId(f"release:{number}"), Kind.RELEASE, at,
        (
            Line(escrow(f"b{number}"), Money(-amount)),
            Line(clearing_account(developer), Money(amount - fee)),
            Line(FEES, Money(fee)),
        ),
        "", booking_id=f"b{number}", developer_id=developer,
    )  # fmt: skip


@st.composite
def stories(draw: st.DrawFn) -> list[Transaction]:
    """Releases, clearing and money taken back, as a balance makes the lines."""
    balance, found = Balance.empty(DEV, "INR"), list[Transaction]()
    for number in range(draw(st.integers(0, 12))):
        at = NOW - timedelta(hours=draw(st.integers(0, 24 * 70)))
        what = draw(st.sampled_from(["release", "clear", "take back"]))
        amount = Money(draw(st.integers(1, 500_000)))
        part = Money(min(amount.amount, balance.clearing.amount))
        if what == "release":
            entry = a_release(number, amount.amount + 10, at)
        elif what == "clear" and part:
            lines = (Line(clearing_account(DEV), -part), *balance.credit(part))
            entry = Transaction(TransactionId(f"c{number}"), Kind.CLEAR, at, lines, "")
        else:
            took = (*balance.take(amount, from_clearing=part), Line("escrow:b", amount))
            entry = Transaction(TransactionId(f"t{number}"), Kind.TAKE_BACK, at, took, "")
        balance = balance.apply(entry.lines)
        found.append(entry)
    return found


@given(stories())
def test_movements_add_up_to_the_balance(entries: list[Transaction]) -> None:
    balance = Balance.empty(DEV, "INR").apply(line for e in entries for line in e.lines)
    moved = [each for entry in entries if (each := movement_of(entry, DEV))]

    nothing = zero()
    assert sum((each.clearing for each in moved), nothing) == balance.clearing
    assert sum((each.ready for each in moved), nothing) == balance.ready
    assert sum((each.earned for each in moved), nothing) == balance.total
    assert all(movement_of(entry, OTHER) is None for entry in entries)


@given(stories())
def test_weeks_add_up_to_what_was_earned_in_them(entries: list[Transaction]) -> None:
    firsts = first_of_weeks(NOW, INDIA, count=8)
    weeks = weeks_of(entries, DEV, firsts, INDIA)

    since = datetime.combine(firsts[0], datetime.min.time(), tzinfo=INDIA)
    recent = [e for e in entries if e.at >= since and e.kind is not Kind.CLEAR]
    moved = [each for entry in recent if (each := movement_of(entry, DEV))]
    assert sum((w.total for w in weeks), zero()) == sum((m.earned for m in moved), zero())
    assert [w.first for w in weeks] == firsts
    assert [w.running for w in weeks] == [False] * 7 + [True]


def test_a_week_begins_on_monday_in_the_zone_of_the_viewer() -> None:
    late = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)  # Monday 00:00 in India
    firsts = first_of_weeks(NOW, INDIA, count=2)

    weeks = weeks_of(
        [a_release(1, 1000, late), a_release(2, 500, late - timedelta(seconds=1))],
        DEV, firsts, INDIA,
    )  # fmt: skip

    assert [(week.total, week.bookings) for week in weeks] == [
        (Money(450), ("b2",)),
        (Money(900), ("b1",)),
    ]


@given(stories(), st.integers(0, 24 * 70), st.integers(0, 24 * 70))
def test_a_statement_begins_where_the_one_before_ended_and_adds_up(
    entries: list[Transaction], one: int, other: int
) -> None:
    """The periods until `start`, from there to `end`, and until now, by the movements since their
    beginning and the balance of now."""
    start, end = sorted(NOW - timedelta(hours=hours) for hours in (one, other))
    now = NOW + timedelta(seconds=1)
    balance = Balance.empty(DEV, "INR").apply(line for e in entries for line in e.lines)
    moved = [each for entry in entries if (each := movement_of(entry, DEV))]

    def period(since: datetime, before: datetime) -> Summary:
        recent = [each for each in moved if each.entry.at >= since]
        return summary_of(balance.total, balance.ready, recent, before=before)

    first = period(NOW - timedelta(days=100), start)
    middle, last = period(start, end), period(end, now)

    assert first.before == zero("INR")
    assert (first.after, middle.after, last.after) == (middle.before, last.before, balance.total)
    assert last.ready == balance.ready
    for summary in (first, middle, last):
        changes = summary.released + summary.taken_back + summary.paid_out
        assert summary.before + changes == summary.after
    inside = [each for each in moved if start <= each.entry.at < end]
    assert middle.after - middle.before == sum((each.earned for each in inside), zero("INR"))
