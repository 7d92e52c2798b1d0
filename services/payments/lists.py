"""The payments of everybody, for administrators."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from core.payments import Payment, Status
from ports.conditions import Condition, OneOf
from ports.store import Store
from services.shared.money_lists import ALL, EXPORTED_TOGETHER, MoneyFilter
from services.shared.personal_data import every

Page = tuple[tuple[Payment, ...], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentLists:
    """The caller has checked that an administrator asks. Time is that of the booking."""

    store: Store

    async def page(
        self,
        *,
        status: Status | None = None,
        wanted: MoneyFilter = ALL,
        limit: int = 20,
        cursor: str | None = None,
    ) -> Page:
        """Latest created first. A person is client or developer of their payments."""
        payments, where = self.store.repositories.payments, conditions(status, wanted)
        if wanted.accounts is None:
            return await payments.latest(limit=limit, cursor=cursor, where=where)
        parties = await self.parties(wanted.accounts)
        if not parties:
            return (), None
        return await payments.of_account(parties, limit=limit, cursor=cursor, where=where)

    def all(
        self, *, status: Status | None = None, wanted: MoneyFilter = ALL
    ) -> AsyncIterator[Payment]:
        """The whole list of `page`, one by one."""
        return every(
            lambda cursor: self.page(
                status=status, wanted=wanted, limit=EXPORTED_TOGETHER, cursor=cursor
            )
        )

    async def those_that_fit(
        self, payments: tuple[Payment, ...], *, status: Status | None, wanted: MoneyFilter
    ) -> tuple[Payment, ...]:
        """Those of which the same filters hold, for payments that were found by an id."""
        where = conditions(status, wanted)
        if wanted.accounts is not None:
            parties = await self.parties(wanted.accounts)
            where = (*where, OneOf(("client_id", "developer_id"), parties))
        return tuple(each for each in payments if all(one.holds(each) for one in where))

    async def parties(self, accounts: tuple[str, ...]) -> tuple[str, ...]:
        """The client and developer ids of these accounts, as payments have them."""
        clients, developers = self.store.repositories.clients, self.store.repositories.developers
        found = await asyncio.gather(
            *(clients.find_by_account(each) for each in accounts),
            *(developers.find_by_account(each) for each in accounts),
        )
        return tuple(profile.id for profile in found if profile)


def conditions(status: Status | None, wanted: MoneyFilter) -> tuple[Condition, ...]:
    where = wanted.conditions(time="created_at", amount="amount.amount")
    return where if status is None else (*where, OneOf(("status",), (status,)))
