"""The statement of a developer's wallet for a period, in words for a PDF file."""

from __future__ import annotations

from collections.abc import Sequence

from core.accounts import Account
from core.developers import Developer
from core.errors import Invalid
from core.money import CURRENCY
from core.wallets import Movement, Summary, summary_of
from ports.printing import Block, Fact, Row, Sheet, Sum
from services.payments import balance_of
from web.payments.tax_words import NAME, issuer
from web.payments.wallets import Line, in_words, movements
from web.shared.context import dependencies, formats, me, now
from web.shared.periods import Period
from web.shared.templating import zone

MOST_ROWS = 2_000
COLUMNS = ("What happened", "Yours in all", "Ready")


async def statement_of(developer: Developer, period: Period) -> Sheet:
    """Every movement of the period, the earliest first, and what was there before and after it.

    Reads the movements since its beginning. Raises `Invalid` for more than 2,000 of them.
    """
    summary, found = await _consistent(developer, period)
    if len(found) > MOST_ROWS:
        problem = f"These are more than {MOST_ROWS:,} movements. Choose fewer days, or the CSV."
        raise Invalid(**{"from": problem})
    lines = await in_words(found)
    return _sheet(me(), period, summary, lines)


async def _consistent(developer: Developer, period: Period) -> tuple[Summary, list[Movement]]:
    """The movements, and a balance that has exactly them: read again if one was added between."""
    repositories = dependencies().store.repositories
    while True:
        balance = await balance_of(repositories, developer.id, CURRENCY)
        since = Period(period.first)
        every = [moved async for moved, _ in movements(developer, since)]
        if await balance_of(repositories, developer.id, CURRENCY) == balance:
            break
    before = period.before or now()
    summary = summary_of(balance.total, balance.ready, every, before=before)
    inside = [each for each in every if period.before is None or each.entry.at < period.before]
    return summary, inside[::-1]


def _sheet(account: Account, period: Period, summary: Summary, lines: Sequence[Line]) -> Sheet:
    money, made = formats().money, now()
    sums = [Sum("Yours before", money(summary.before)), Sum("Released", money(summary.released))]
    if summary.taken_back:
        sums.append(Sum("Taken back", money(summary.taken_back)))
    sums += [
        Sum("Paid out", money(summary.paid_out)),
        Sum("Yours after", money(summary.after), total=True),
        Sum("Ready of it", money(summary.ready)),
    ]
    return Sheet(
        title="Statement of the wallet",
        under=period.words,
        number="-".join(("statement", *period.query.values())),
        badge="",
        issuer=NAME,
        issued_at=made,
        facts=(Fact("Made on", formats().at(made, zone()), made), Fact("Times in", zone())),
        blocks=(Block("For", account.name, ("Developer",)), *issuer()),
        columns=COLUMNS,
        rows=tuple(map(_row, lines)),
        details=(Fact("Movements", str(len(lines))),),
        sums=tuple(sums),
        hint="Amounts are after our fee. Money is yours from the release on; it is ready when its "
        "clearing time is over, and leaves the wallet when a withdrawal has been paid out.",
    )


def _row(line: Line) -> Row:
    moved, money = line.movement, formats().money
    what = f"{line.heading}, {line.number}" if line.number else line.heading
    small = f"{formats().at(moved.entry.at, zone())}. {line.detail}".strip()
    return Row(what, (money(moved.earned), money(moved.ready)), small, moved.entry.at)
