"""What pages and API read of settlements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.payments import Payment
from core.payments_facts import OrderId
from core.settlements import SettledLine
from web.shared.context import dependencies


async def payments_of(lines: Sequence[SettledLine]) -> Mapping[str, Payment]:
    """By order: those that exist, in one read."""
    orders = sorted({OrderId(each.order_id) for each in lines if each.order_id})
    return await dependencies().store.repositories.payments.of_orders(orders) if orders else {}
