"""The comparisons with the settlements of the providers, as they were read and stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from core import reconciled_settlements
from core.findings import FindingKind
from core.payments import Payment
from core.reconciliation import Difference
from core.settlements import LineKind, SettledLine, SettlementReading, refund_line
from core.settlements_policy import SettlementPolicy
from ports.clock import Clock
from ports.store import Repositories
from services.chargebacks import CHARGEBACKS
from services.reconciliation.checks import Check
from services.settlements import SETTLED_LINES, SETTLEMENT_READINGS, SETTLEMENTS


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementCheck(Check):
    """Settlements, each in itself."""

    clock: Clock
    policy: SettlementPolicy
    name: str = "settlements"
    kinds: frozenset[FindingKind] = reconciled_settlements.SETTLEMENT_KINDS

    async def ids(self, repositories: Repositories, *, after: str, limit: int) -> Sequence[str]:
        return await repositories.documents(SETTLEMENTS).ids(after=after, limit=limit)

    async def compare(
        self, repositories: Repositories, ids: Sequence[str], *, after: str
    ) -> list[Difference]:
        found = (await repositories.documents(SETTLEMENTS).many(ids)).values()
        now, policy = self.clock.now(), self.policy
        return [
            difference
            for each in found
            for difference in reconciled_settlements.of_settlement(each, now=now, policy=policy)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledLineCheck(Check):
    """What providers have settled, with our payments and refunds."""

    policy: SettlementPolicy
    name: str = "settled_lines"
    kinds: frozenset[FindingKind] = reconciled_settlements.LINE_KINDS

    async def ids(self, repositories: Repositories, *, after: str, limit: int) -> Sequence[str]:
        return await repositories.documents(SETTLED_LINES).ids(after=after, limit=limit)

    async def compare(
        self, repositories: Repositories, ids: Sequence[str], *, after: str
    ) -> list[Difference]:
        documents = repositories.documents(SETTLED_LINES)
        lines = (await documents.many(ids)).values()
        payments = await repositories.payments.of_orders([each.order_id for each in lines])
        given_back = await documents.many(
            [
                refund_line(each.provider, each.refund_id, LineKind.REFUND_REVERSAL)
                for each in lines
                if each.kind is LineKind.REFUND and each.refund_id
            ]
        )
        questioned = await _questioned(repositories, lines, payments)
        return [
            difference
            for each in lines
            for difference in reconciled_settlements.of_line(
                each,
                payments.get(each.order_id),
                reversed_refunds=given_back,
                questioned=each.order_id in questioned,
                policy=self.policy,
            )
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsettledCheck(Check):
    """What is booked, with what providers have settled."""

    policy: SettlementPolicy
    name: str = "unsettled"
    kinds: frozenset[FindingKind] = frozenset(
        {FindingKind.NOT_SETTLED, FindingKind.REFUND_NOT_SETTLED}
    )

    async def ids(self, repositories: Repositories, *, after: str, limit: int) -> Sequence[str]:
        return await repositories.payments.ids(after=after, limit=limit)

    async def compare(
        self, repositories: Repositories, ids: Sequence[str], *, after: str
    ) -> list[Difference]:
        found = (await repositories.payments.many(ids)).values()
        readings = await _readings(repositories, found)
        payments = [each for each in found if each.provider in readings]
        wanted = [line for each in payments for line in reconciled_settlements.lines_of(each)]
        lines = await repositories.documents(SETTLED_LINES).many(wanted)
        settlements = await repositories.documents(SETTLEMENTS).many(
            sorted({line.settlement for line in lines.values()})
        )
        return [
            difference
            for each in payments
            for difference in reconciled_settlements.of_unsettled(
                each, lines, settlements, readings[each.provider], policy=self.policy
            )
        ]


async def _questioned(
    repositories: Repositories, lines: Iterable[SettledLine], payments: Mapping[str, Payment]
) -> set[str]:
    """The orders of these lines with a chargeback that is known: one query for each line about a
    chargeback, which are few."""
    documents = repositories.documents(CHARGEBACKS)
    about = {line.order_id for line in lines if line.kind is LineKind.CHARGEBACK} & {*payments}
    return {order for order in about if await documents.find_one(payment_id=payments[order].id)}


async def _readings(
    repositories: Repositories, payments: Iterable[Payment]
) -> dict[str, SettlementReading]:
    """What was read of each provider, up to the first settlement whose lines are not."""
    names = sorted({each.provider for each in payments})
    readings = await repositories.documents(SETTLEMENT_READINGS).many(names)
    for name, reading in readings.items():
        unread, _ = await repositories.documents(SETTLEMENTS).page(
            "unread", equals={"provider": name, "read": False}, limit=1
        )
        if unread and unread[0].at < reading.until:
            readings[name] = replace(reading, until=unread[0].at)
    return readings
