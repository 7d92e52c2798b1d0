"""Settlements of the payment gateway in memory: it pays everything to our bank when it is asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from core.money import Money
from core.payments_facts import AttemptStatus, OrderFacts, RefundStatus
from core.policy import SECOND
from core.settlements import LineFact, LineKind, SettlementFact, Status
from ports.settlements import LinePage, SettlementGateway, SettlementPage, SettlementUnknown

HUNDREDTHS = 10_000
PAGE = 2
"""So that tests of few payments read several pages."""


@dataclass(slots=True)
class _Settlement:
    fact: SettlementFact
    lines: list[LineFact] = field(default_factory=list)


class MemorySettlements(SettlementGateway):
    """`settles`: whatever is owed is settled as soon as somebody asks for settlements. Tests change
    what is reported with `falsify`. `fee_hundredths` is kept of each payment, in hundredths of a
    percent."""

    def __init__(self) -> None:
        self.settles = True
        self.fee_hundredths = 200
        self._settlements: dict[str, _Settlement] = {}

    def _begin_call(self) -> None:
        raise NotImplementedError

    def _end_call(self) -> None:
        raise NotImplementedError

    def _all_orders(self) -> Iterable[tuple[OrderFacts, datetime]]:
        """Every order, and the time from which its refunds count."""
        raise NotImplementedError

    async def list_settlements(
        self, *, since: datetime, until: datetime, cursor: str = ""
    ) -> SettlementPage:
        self._begin_call()
        if self.settles:
            self.settle_all()
        facts = [each.fact for each in self._settlements.values() if since <= each.fact.at < until]
        first = int(cursor or 0)
        more = str(first + PAGE) if first + PAGE < len(facts) else ""
        self._end_call()
        return SettlementPage(facts[first : first + PAGE], more)

    async def find_settlement(self, reference: str) -> SettlementFact:
        self._begin_call()
        fact = self._stored(reference).fact
        self._end_call()
        return fact

    async def settlement_lines(self, reference: str, *, cursor: str = "") -> LinePage:
        self._begin_call()
        lines, first = self._stored(reference).lines, int(cursor or 0)
        more = str(first + PAGE) if first + PAGE < len(lines) else ""
        self._end_call()
        return LinePage(lines[first : first + PAGE], more)

    def settle_all(self, status: Status = Status.PAID) -> str:
        """Settle what is owed; returns the reference, empty if nothing is."""
        done = {
            (line.kind, line.reference)
            for each in self._settlements.values()
            if each.fact.status not in (Status.FAILED, Status.REVERSED)
            for line in each.lines
        }
        lines = [
            line
            for facts, at in self._all_orders()
            for line in self._lines(facts, at)
            if (line.kind, line.reference) not in done
        ]
        if not lines:
            return ""
        reference = f"set{len(self._settlements) + 1}"
        net = sum((line.net for line in lines), Money(0))
        at = max(line.at for line in lines) - SECOND  # so that a reading of this moment has it
        fact = SettlementFact(
            reference, status, status, net - Money(354), Money(354), at, f"UTR{reference}"
        )
        self._settlements[reference] = _Settlement(fact, lines)
        return reference

    def falsify(
        self, reference: str, *lines: LineFact, fact: SettlementFact | None = None
    ) -> SettlementFact:
        """Replace what is reported of a settlement: the lines, if any are given, and the fact."""
        stored = self._stored(reference)
        stored.lines = list(lines) or stored.lines
        stored.fact = fact or stored.fact
        return stored.fact

    @property
    def settlements_made(self) -> list[str]:
        """Their references, in order."""
        return list(self._settlements)

    def lines_of(self, reference: str) -> tuple[LineFact, ...]:
        return tuple(self._stored(reference).lines)

    def change_settlement(self, reference: str, status: Status) -> None:
        stored = self._stored(reference)
        stored.fact = replace(stored.fact, status=status, said=status)

    def _lines(self, facts: OrderFacts, at: datetime) -> Iterable[LineFact]:
        for attempt in facts.attempts:
            if attempt.status is AttemptStatus.SUCCESS:
                amount = min(attempt.amount, facts.amount)  # a surcharge is the provider's
                kept = amount.amount * self.fee_hundredths // HUNDREDTHS
                yield LineFact(
                    attempt.id, LineKind.PAYMENT, "payment", amount, amount - Money(kept),
                    attempt.at, facts.order_id, attempt.id,
                )  # fmt: skip
        for refund in facts.refunds:
            if refund.status is RefundStatus.SUCCEEDED:
                amount = min(refund.amount, facts.amount)
                yield LineFact(
                    refund.id, LineKind.REFUND, "refund", amount, -amount, at, facts.order_id,
                    refund.attempt_id, refund.ours,
                )  # fmt: skip

    def _stored(self, reference: str) -> _Settlement:
        if reference not in self._settlements:
            raise SettlementUnknown
        return self._settlements[reference]
