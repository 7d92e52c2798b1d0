"""Payments and the inbox in memory."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from adapters.memory.repositories.repository import (
    AppendOnlyRepository,
    VersionedRepository,
    all_hold,
    newest_first,
    yield_control,
)
from core.payments import Payment
from core.payments_facts import OrderId
from ports.conditions import Condition
from ports.payments import Inbox, Payments, StoredWebhook


class MemoryPayments(VersionedRepository[Payment], Payments):
    name = "payments"

    def unique_keys(self, entity: Payment) -> Sequence[Hashable]:
        return (entity.order_id,)

    async def unsettled_ids(self, *, after: str = "", limit: int) -> tuple[str, ...]:
        await yield_control()
        found = (each.id for each in self.table.all() if each.unsettled and each.id > after)
        return tuple(sorted(found)[:limit])

    async def find_by_order(self, order_id: OrderId) -> Payment | None:
        await yield_control()
        return next((p for p in self.table.all() if p.order_id == order_id), None)

    async def of_orders(self, order_ids: Sequence[str]) -> dict[str, Payment]:
        await yield_control()
        return {each.order_id: each for each in self.table.all() if each.order_id in order_ids}

    async def find_by_provider_id(self, text: str) -> tuple[Payment, ...]:
        await yield_control()
        return tuple(payment for payment in self.table.all() if text in _provider_ids(payment))

    async def latest(
        self,
        *,
        limit: int = 20,
        cursor: str | None = None,
        where: Sequence[Condition] = (),
    ) -> tuple[tuple[Payment, ...], str | None]:
        await yield_control()
        keyed = ((_key(payment), payment) for payment in all_hold(self.table.all(), where))
        return newest_first(keyed, limit=limit, cursor=cursor)

    async def of_account(
        self,
        party_ids: tuple[str, ...],
        *,
        limit: int = 20,
        cursor: str | None = None,
        where: Sequence[Condition] = (),
    ) -> tuple[tuple[Payment, ...], str | None]:
        await yield_control()
        keyed = (
            (_key(payment), payment)
            for payment in all_hold(self.table.all(), where)
            if payment.client_id in party_ids or payment.developer_id in party_ids
        )
        return newest_first(keyed, limit=limit, cursor=cursor)


class MemoryInbox(AppendOnlyRepository[StoredWebhook], Inbox):
    name = "inbox"

    def key_of(self, item: StoredWebhook) -> Hashable:
        return item.id

    async def of_order(self, order_id: str, *, limit: int) -> tuple[StoredWebhook, ...]:
        await yield_control()
        found = (each for each in self.table.all() if each.order_id == order_id)
        return tuple(sorted(found, key=lambda each: (each.at, each.id))[:limit])


def _key(payment: Payment) -> str:
    return f"{payment.created_at.isoformat(timespec='milliseconds')}|{payment.id}"


def _provider_ids(payment: Payment) -> set[str]:
    attempts = {attempt.id for attempt in payment.attempts}
    return {payment.order_id, *attempts, *(refund.id for refund in payment.refunds)}
