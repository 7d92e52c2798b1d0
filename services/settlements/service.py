"""Settlements: the provider's lists are read and stored, each line once. Nothing is booked here;
the reconciliation compares what is stored with our payments."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from core.money import Money
from core.outbox import OutboxMessage, message
from core.policy import DAY
from core.settlements import (
    LineFact,
    ProviderSettlement,
    SettledLine,
    SettlementFact,
    SettlementReading,
    Status,
    settlement_id,
)
from core.settlements_messages import ReadSettlementLines, ReadSettlements, SettlementNews
from core.settlements_policy import SettlementPolicy
from ports.clock import Clock
from ports.payments import PaymentGateway
from ports.settlements import SettlementGateway
from ports.store import Repositories, Store
from services.settlements.documents import SETTLED_LINES, SETTLEMENT_READINGS, SETTLEMENTS
from services.shared.outbox import handles
from services.shared.periodic import periodic

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementService:
    """The daily reading is a chain of outbox messages, one per page, so a worker that stops loses
    at most the page that it was at. Reading again changes nothing."""

    store: Store
    gateways: Mapping[str, PaymentGateway]
    clock: Clock
    policy: SettlementPolicy

    @periodic("settlements.daily", every=DAY)
    async def start(self) -> None:
        """Begin to read the settlements of each provider that lists them."""
        now = self.clock.now()
        for provider, _ in self._listing():
            begun = await self.store.repositories.documents(SETTLEMENT_READINGS).find(provider)
            back = min(begun.until, now) if begun else now
            reading = ReadSettlements(provider, back - self.policy.settlements_read_back, now)
            await self.store.repositories.outbox.add(_page(reading, now))

    @handles(ReadSettlements)
    async def read(self, payload: ReadSettlements) -> None:
        """Store one page of settlements, and enqueue the next and the reading of their lines.
        Raises `GatewayUnavailable`."""
        gateway = self.gateways.get(payload.provider)
        if not isinstance(gateway, SettlementGateway):  # not configured any more
            return
        page = await gateway.list_settlements(
            since=payload.since, until=payload.until, cursor=payload.cursor
        )
        for fact in page.facts:
            keep = partial(self._keep, provider=payload.provider, fact=fact, run=payload.until)
            await self.store.transact(keep)
        if page.cursor:
            following = replace(payload, cursor=page.cursor, turn=payload.turn + 1)
            await self.store.repositories.outbox.add(_page(following, self.clock.now()))
            return
        await self.store.transact(partial(_have_read, payload=payload))

    @handles(SettlementNews)
    async def hear(self, payload: SettlementNews) -> None:
        """Ask about the settlement of a webhook. Raises `GatewayUnavailable`, and
        `SettlementUnknown` for one that the provider does not list yet; the relay tries again."""
        gateway = self.gateways.get(payload.provider)
        if not isinstance(gateway, SettlementGateway):
            return
        fact = await gateway.find_settlement(payload.reference)
        now = self.clock.now()
        await self.store.transact(
            partial(self._keep, provider=payload.provider, fact=fact, run=now)
        )

    @handles(ReadSettlementLines)
    async def read_lines(self, payload: ReadSettlementLines) -> None:
        """Store one page of the lines of a settlement, and enqueue the next. Raises
        `GatewayUnavailable`."""
        settlement = await self.store.repositories.documents(SETTLEMENTS).get(payload.settlement)
        gateway = self.gateways.get(settlement.provider)
        if not isinstance(gateway, SettlementGateway):
            return
        page = await gateway.settlement_lines(settlement.reference, cursor=payload.cursor)
        await self.store.transact(
            partial(self._keep_lines, payload=payload, facts=page.facts, cursor=page.cursor)
        )

    async def _keep(
        self, repositories: Repositories, *, provider: str, fact: SettlementFact, run: datetime
    ) -> None:
        """Store a settlement as it is now, and enqueue the reading of its lines."""
        documents = repositories.documents(SETTLEMENTS)
        stored = await documents.find(settlement_id(provider, fact.reference))
        if fact.status is Status.UNKNOWN:
            log.error("settlement %s of %s is %r", fact.reference, provider, fact.said)
        if stored is None:
            saved = await documents.add(ProviderSettlement.of(provider, fact))
        else:
            following = stored.follow(fact)
            saved = stored if following == stored else await documents.save(following)
        lines = ReadSettlementLines(saved.id, run)
        await repositories.outbox.add(_lines(lines, self.clock.now()))

    async def _keep_lines(
        self,
        repositories: Repositories,
        *,
        payload: ReadSettlementLines,
        facts: Sequence[LineFact],
        cursor: str,
    ) -> None:
        documents = repositories.documents(SETTLED_LINES)
        settlement = await repositories.documents(SETTLEMENTS).get(payload.settlement)
        reported = {line.id: line for line in (SettledLine.of(settlement, each) for each in facts)}
        known = await documents.many(list(reported))
        of_known = await repositories.documents(SETTLEMENTS).many(
            [each.settlement for each in known.values()]
        )
        for line_id, line in reported.items():
            first = known.get(line_id)
            if first is None:
                await documents.add(line)
            elif (following := first.follow(line, of_known[first.settlement], settlement)) != first:
                await documents.save(following)
        net = payload.net + sum(each.net.amount for each in facts)
        if cursor:
            following_page = replace(payload, cursor=cursor, turn=payload.turn + 1, net=net)
            await repositories.outbox.add(_lines(following_page, self.clock.now()))
            return
        whole = settlement.listing(Money(net, settlement.amount.currency))
        if whole != settlement:
            await repositories.documents(SETTLEMENTS).save(whole)

    def _listing(self) -> Iterator[tuple[str, SettlementGateway]]:
        for provider, gateway in self.gateways.items():
            if isinstance(gateway, SettlementGateway):
                yield provider, gateway


async def _have_read(repositories: Repositories, *, payload: ReadSettlements) -> None:
    """The settlements up to `until` are stored. A gap, after days without a reading, begins
    anew."""
    documents = repositories.documents(SETTLEMENT_READINGS)
    before = await documents.find(payload.provider)
    if before is None:
        first = SettlementReading(payload.provider, payload.since, payload.until)
        await documents.add(first)
    elif payload.until > before.until:
        since = before.since if payload.since <= before.until else payload.since
        await documents.save(replace(before, since=since, until=payload.until))


def _page(payload: ReadSettlements, now: datetime) -> OutboxMessage:
    name = f"{payload.provider}:{payload.until:%Y%m%d%H%M%S}:{payload.turn}"
    return message(payload, name, due_at=now)


def _lines(payload: ReadSettlementLines, now: datetime) -> OutboxMessage:
    name = f"{payload.settlement}:{payload.run:%Y%m%d%H%M%S}:{payload.turn}"
    return message(payload, name, due_at=now)
