"""Payments and the inbox in memory."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from adapters.memory.repositories.collection import Collection, Facts, newest_first, pause
from core.payments import OrderId, Payment
from ports.payments import Inbox, Payments, Received


class MemoryPayments(Collection[Payment], Payments):
    name = "payments"

    def claims(self, entity: Payment) -> Sequence[Hashable]:
        return (entity.order_id,)

    async def find_by_order(self, order_id: OrderId) -> Payment | None:
        await pause()
        return next((p for p in self.rows.all() if p.order_id == order_id), None)

    async def of_account(
        self, party_ids: tuple[str, ...], *, limit: int = 20, cursor: str | None = None
    ) -> tuple[tuple[Payment, ...], str | None]:
        await pause()
        keyed = (
            (f"{payment.created_at.isoformat(timespec='milliseconds')}|{payment.id}", payment)
            for payment in self.rows.all()
            if payment.client_id in party_ids or payment.developer_id in party_ids
        )
        return newest_first(keyed, limit=limit, cursor=cursor)


class MemoryInbox(Facts[Received], Inbox):
    name = "inbox"

    def place(self, item: Received) -> Hashable:
        return item.id
