"""The disputes of everybody, for administrators."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from core.disputes import Dispute, Status
from ports.conditions import Condition, OneOf
from ports.store import Store
from services.disputes.storage import disputes
from services.shared.money_lists import ALL, EXPORTED_TOGETHER, MoneyFilter
from services.shared.personal_data import every

Page = tuple[tuple[Dispute, ...], str | None]
SIDES = ("client.account_id", "developer.account_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeLists:
    """The caller has checked that an administrator asks. Time is that of the opening, and the
    amount is what was held."""

    store: Store

    async def page(
        self,
        *,
        status: Status | None = None,
        closed: bool = False,
        wanted: MoneyFilter = ALL,
        limit: int = 20,
        cursor: str | None = None,
    ) -> Page:
        """The open disputes, or those with a status, earliest first; with `closed` also those that
        have ended, latest first. People are either side of theirs."""
        documents = disputes(self.store.repositories)
        where = _conditions(wanted)
        order, equals = "newest", dict[str, object]()
        if status is not None:
            order, equals = "waiting", {"status": status}
        elif not closed:
            order, equals = "open", {"closed_at": None}
        return await documents.page(order, equals=equals, where=where, limit=limit, cursor=cursor)

    def all(
        self, *, status: Status | None, closed: bool, wanted: MoneyFilter
    ) -> AsyncIterator[Dispute]:
        """The whole list of `page`, one by one."""
        return every(
            lambda cursor: self.page(
                status=status, closed=closed, wanted=wanted, limit=EXPORTED_TOGETHER, cursor=cursor
            )
        )


def _conditions(wanted: MoneyFilter) -> tuple[Condition, ...]:
    where = wanted.conditions(time="opened_at", amount="held.amount")
    return where if wanted.accounts is None else (*where, OneOf(SIDES, wanted.accounts))
