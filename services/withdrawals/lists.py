"""The withdrawals of all developers, for administrators."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from core.withdrawals import Status, Withdrawal
from ports.conditions import Between, Condition, OneOf
from ports.store import Store
from services.shared.money_lists import ALL, EXPORTED_TOGETHER, MoneyFilter
from services.shared.personal_data import every
from services.withdrawals.documents import withdrawals

Page = tuple[tuple[Withdrawal, ...], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalLists:
    """The caller has checked that an administrator asks. Time is that of the request."""

    store: Store

    async def page(
        self,
        *,
        status: Status | None = None,
        wanted: MoneyFilter = ALL,
        limit: int = 20,
        cursor: str | None = None,
    ) -> Page:
        """Those with a status earliest first; others, and those of one person, latest first."""
        repositories = self.store.repositories
        documents = withdrawals(repositories)
        where = wanted.conditions(time="requested_at", amount="amount.amount")
        of_status = _one_of("status", status)
        if wanted.accounts is not None and len(wanted.accounts) < 2:
            developer = None
            for account in wanted.accounts:
                developer = await repositories.developers.find_by_account(account)
            if developer is None:
                return (), None
            equals: dict[str, object] = {"developer_id": developer.id}
            return await documents.page(
                "of_developer", equals=equals, where=(*of_status, *where), limit=limit,
                cursor=cursor,
            )  # fmt: skip
        if wanted.accounts is not None:
            where = (*where, OneOf(("account_id",), wanted.accounts))
        if status is None:
            return await documents.page("newest", where=where, limit=limit, cursor=cursor)
        return await documents.page(
            "of_status", equals={"status": status}, where=where, limit=limit, cursor=cursor
        )

    async def since(
        self, developer_id: str, moment: datetime, *, limit: int
    ) -> tuple[Withdrawal, ...]:
        """The latest withdrawals of a developer that were requested from then on."""
        found, _ = await withdrawals(self.store.repositories).page(
            "of_developer",
            equals={"developer_id": developer_id},
            where=(Between("requested_at", moment),),
            limit=limit,
        )
        return found

    def all(
        self, *, status: Status | None = None, wanted: MoneyFilter = ALL
    ) -> AsyncIterator[Withdrawal]:
        """The whole list of `page`, one by one."""
        return every(
            lambda cursor: self.page(
                status=status, wanted=wanted, limit=EXPORTED_TOGETHER, cursor=cursor
            )
        )

    async def count(self, status: Status, *, at_most: int) -> int:
        return await withdrawals(self.store.repositories).count(limit=at_most, status=status)


def _one_of(path: str, status: Status | None) -> tuple[Condition, ...]:
    return () if status is None else (OneOf((path,), (status,)),)
