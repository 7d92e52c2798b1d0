"""The settlements of Cashfree Payments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from adapters.cashfree import settlement_facts
from adapters.cashfree.facts import Entity, text
from adapters.cashfree.wire import Answer, Wire
from core.settlements import SettlementFact
from ports.settlements import LinePage, SettlementGateway, SettlementPage, SettlementUnknown

PAGE = 100
"""Entities of one answer: docs/adapters.md says what Cashfree allows."""


class CashfreeSettlements(SettlementGateway):
    """POST /settlements and POST /settlement/recon, which only read."""

    _wire: Wire

    async def list_settlements(
        self, *, since: datetime, until: datetime, cursor: str = ""
    ) -> SettlementPage:
        filters = {"start_date": _utc(since), "end_date": _utc(until)}
        found, following = await self._page("/settlements", filters, cursor)
        facts = [settlement_facts.settlement(each) for each in found]
        return SettlementPage([each for each in facts if since <= each.at < until], following)

    async def find_settlement(self, reference: str) -> SettlementFact:
        found, _ = await self._page("/settlements", {"cf_settlement_ids": [reference]}, "")
        facts = (settlement_facts.settlement(each) for each in found)
        fact = next((each for each in facts if each.reference == reference), None)
        if fact is None:
            raise SettlementUnknown
        return fact

    async def settlement_lines(self, reference: str, *, cursor: str = "") -> LinePage:
        filters = {"cf_settlement_ids": [reference]}
        found, following = await self._page("/settlement/recon", filters, cursor)
        if not found and not cursor:
            await self.find_settlement(reference)
        lines = [settlement_facts.line(each) for each in found if settlement_facts.is_line(each)]
        return LinePage(lines, following)

    async def _page(
        self, path: str, filters: Mapping[str, object], cursor: str
    ) -> tuple[list[Entity], str]:
        """The entities and the next cursor, empty after the last page."""
        body = {"pagination": {"limit": PAGE, "cursor": cursor or None}, "filters": filters}
        answer = await self._wire.call("POST", path, body)
        if answer.unknown:
            raise SettlementUnknown
        if not answer.ok:
            raise answer.refusal()
        entity = answer.entity()
        found = Answer(answer.status, entity.get("data") or []).entities()
        following = text(entity, "cursor")
        return found, following if found and following != cursor else ""


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
