"""The money of the overview of administrators: one small chart a sum, and the exact numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.money import Money
from core.money_days import MoneyDay
from services.payments import MoneyDays
from web.shared.context import services

SPANS = {1: "Today", 7: "7 days", 30: "30 days", 90: "90 days"}
USUAL = 7
HEIGHT = 30
"""The height of a chart; its bars are ten wide."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A day of a chart: where its bar begins from the left and from the top, and its height."""

    x: int
    y: int
    height: int


@dataclass(frozen=True, slots=True)
class Tile:
    """One sum. `amount` is that of all days, or the balance now."""

    title: str
    amount: Money
    about: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class MoneyOverview:
    """`span` is the number of days."""

    span: int
    found: MoneyDays
    tiles: tuple[Tile, ...]

    @property
    def days(self) -> tuple[MoneyDay, ...]:
        """The latest first."""
        return tuple(reversed(self.found.days))


async def money_overview(span: int) -> MoneyOverview:
    """The last days; `USUAL` of them for another number than those of `SPANS`."""
    span = span if span in SPANS else USUAL
    found = await services().money_days.overview(span)
    return MoneyOverview(span, found, tuple(_tiles(found.days, span)))


def _tiles(days: Sequence[MoneyDay], span: int) -> list[Tile]:
    today, within = days[-1], "today" if span == 1 else f"in {span} days"
    paid = sum(day.payments for day in days)
    return [
        _flow("Paid by clients", days, lambda day: day.gross, f"Gross {within}, {paid} payments"),
        _flow("Our fees", days, lambda day: day.fees, f"Earned {within}, less what was given back"),
        _flow("Refunded", days, lambda day: day.refunds, f"Back with clients {within}"),
        _flow("Paid out", days, lambda day: day.paid_out, f"To developers {within}, less returns"),
        Tile("Held", today.held, "Now, for bookings", _bars(days, lambda day: day.held)),
        Tile(
            "Due out",
            today.due_out,
            "Now: clearing, ready and being withdrawn, less what is owed",
            _bars(days, lambda day: day.due_out),
        ),
    ]


def _flow(
    title: str, days: Sequence[MoneyDay], of: Callable[[MoneyDay], Money], about: str
) -> Tile:
    return Tile(title, sum((of(day) for day in days), Money(0)), about, _bars(days, of))


def _bars(days: Sequence[MoneyDay], of: Callable[[MoneyDay], Money]) -> tuple[Bar, ...]:
    """Heights from zero; an amount below zero has no bar."""
    amounts = [max(of(day).amount, 0) for day in days]
    highest = max(*amounts, 1) if len(amounts) > 1 else max(amounts[0], 1)
    heights = [round((HEIGHT - 2) * amount / highest) for amount in amounts]
    return tuple(Bar(10 * n + 1, HEIGHT - height, height) for n, height in enumerate(heights))
