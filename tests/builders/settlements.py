"""Settlements as they are stored."""

from __future__ import annotations

from typing import Any

from core.findings import FindingKind
from core.money import Money
from core.policy import DAY
from core.settlements import (
    LineFact,
    LineKind,
    ProviderSettlement,
    SettledLine,
    SettlementFact,
    Status,
)
from ports.findings import Finding
from services.settlements import SETTLED_LINES, SETTLEMENTS
from tests.app import MemoryApp


async def stored_settlement(
    app: MemoryApp, reference: str = "stl_1", **changes: Any
) -> ProviderSettlement:
    """One that was paid two days ago, with its lines unread."""
    values: dict[str, Any] = {
        "reference": reference,
        "status": Status.PAID,
        "said": "SUCCESS",
        "amount": Money(470_000),
        "charge": Money(1_000),
        "at": app.clock.now() - 2 * DAY,
        "bank_reference": f"UTR{reference}",
    }
    fact = SettlementFact(**{**values, **changes})
    made = ProviderSettlement.of(app.gateway.name, fact)
    return await app.store.repositories.documents(SETTLEMENTS).add(made)


async def stored_line(
    app: MemoryApp, settlement: ProviderSettlement, order_id: str, **changes: Any
) -> SettledLine:
    """The payment of this order, less a fee of 2 %."""
    values: dict[str, Any] = {
        "reference": f"evt_{order_id}",
        "kind": LineKind.PAYMENT,
        "said": "PAYMENT",
        "amount": Money(480_000),
        "net": Money(471_000),
        "at": settlement.at,
        "order_id": order_id,
        "attempt_id": f"at_{order_id}",
    }
    made = SettledLine.of(settlement, LineFact(**{**values, **changes}))
    return await app.store.repositories.documents(SETTLED_LINES).add(made)


async def found_about(app: MemoryApp, subject: str, kind: FindingKind, detail: str) -> None:
    finding = Finding(f"{kind}:{subject}", kind, subject, detail, app.clock.now())
    await app.store.repositories.findings.report(finding)
