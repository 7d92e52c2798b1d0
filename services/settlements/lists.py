"""The settlements of all providers, for administrators."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass

from core.reconciled_settlements import LINE_KINDS, SETTLEMENT_KINDS
from core.settlements import ProviderSettlement, SettledLine, SettlementId, Status
from ports.conditions import Condition, OneOf
from ports.findings import Finding
from ports.store import Store
from services.settlements.documents import SETTLED_LINES, SETTLEMENTS
from services.shared.money_lists import ALL, EXPORTED_TOGETHER, MoneyFilter
from services.shared.personal_data import every

Page = tuple[tuple[ProviderSettlement, ...], str | None]

KINDS = tuple(sorted(SETTLEMENT_KINDS | LINE_KINDS))
"""The findings whose subject is a settlement or a line of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementLists:
    """The caller has checked that an administrator asks. Time is when the settlement began, and the
    amount is what went to our bank; people have no part in a settlement."""

    store: Store

    async def page(
        self,
        *,
        status: Status | None = None,
        wanted: MoneyFilter = ALL,
        limit: int = 20,
        cursor: str | None = None,
    ) -> Page:
        """Latest first."""
        where: tuple[Condition, ...] = wanted.conditions(time="at", amount="amount.amount")
        if status is not None:
            where = (*where, OneOf(("status",), (status,)))
        return await self.store.repositories.documents(SETTLEMENTS).page(
            "newest", where=where, limit=limit, cursor=cursor
        )

    def all(
        self, *, status: Status | None = None, wanted: MoneyFilter = ALL
    ) -> AsyncIterator[ProviderSettlement]:
        """The whole list of `page`, one by one."""
        return every(
            lambda cursor: self.page(
                status=status, wanted=wanted, limit=EXPORTED_TOGETHER, cursor=cursor
            )
        )

    async def get(self, settlement_id: SettlementId) -> ProviderSettlement:
        """Raises `NotFound`."""
        return await self.store.repositories.documents(SETTLEMENTS).get(settlement_id)

    async def lines(
        self, settlement_id: SettlementId, *, limit: int = 20, cursor: str | None = None
    ) -> tuple[tuple[SettledLine, ...], str | None]:
        """By id, which begins with their kind."""
        return await self.store.repositories.documents(SETTLED_LINES).page(
            "of_settlement", equals={"settlement": settlement_id}, limit=limit, cursor=cursor
        )

    async def findings(self, subjects: Collection[str]) -> tuple[Finding, ...]:
        """Those about these settlements and lines, the oldest first: one read of a range of
        subjects, of which few are others."""
        if not subjects:
            return ()
        found = await self.store.repositories.findings.of_kinds(
            KINDS, after=min(subjects)[:-1], until=max(subjects)
        )
        mine = (each for each in found if each.subject in subjects)
        return tuple(sorted(mine, key=lambda each: (each.at, each.id)))
