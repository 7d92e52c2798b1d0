"""Mapping of Cashfree's settlements and their lines to the domain's facts. Unknown values are
`UNKNOWN`.

The fields of API 2025-01-01 stand in one object per subject; those of older versions all stand in
one. Both are read.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime

from adapters.cashfree.amounts import paise
from adapters.cashfree.facts import Entity, moment, text
from core.money import CURRENCY, Money
from core.settlements import LineFact, LineKind, SettlementFact, Status
from ports.payments import GatewayUnavailable

log = logging.getLogger(__name__)

SETTLEMENT_STATUS: Mapping[str, Status] = {
    "PENDING": Status.PENDING,
    "PENDING_WITH_CASHFREE": Status.PENDING,
    "PENDING_WITH_BANK": Status.PENDING,
    "INITIATED": Status.PENDING,
    "SUCCESS": Status.PAID,
    "PAID": Status.PAID,
    "FAILED": Status.FAILED,
    "REVERSED": Status.REVERSED,
}
LINE_KIND: Mapping[str, LineKind] = {
    "PAYMENT": LineKind.PAYMENT,
    "REFUND": LineKind.REFUND,
    "AUTO_REFUND": LineKind.REFUND,
    "REFUND_REVERSAL": LineKind.REFUND_REVERSAL,
    "DISPUTE": LineKind.CHARGEBACK,
    "CHARGEBACK": LineKind.CHARGEBACK,
    "DISPUTE_REVERSAL": LineKind.CHARGEBACK_REVERSAL,
    "CHARGEBACK_REVERSAL": LineKind.CHARGEBACK_REVERSAL,
    "OTHER_ADJUSTMENT": LineKind.ADJUSTMENT,
}
SIGNS: Mapping[str, int] = {"CREDIT": 1, "DEBIT": -1}
PARTS = (
    "event_details",
    "order_details",
    "payment_details",
    "refund_details",
    "dispute_details",
    "settlement_details",
)


def settlement(raw: Entity) -> SettlementFact:
    """Raises `GatewayUnavailable` without an id, a time or an amount: the caller asks again."""
    entity = _flat(raw)
    said = text(entity, "status")
    if said not in SETTLEMENT_STATUS:
        log.error("Cashfree sent the unknown settlement status %r", said[:60])
    currency = text(entity, "settlement_currency") or CURRENCY
    return SettlementFact(
        reference=_id(entity, "cf_settlement_id", "settlement_id"),
        status=SETTLEMENT_STATUS.get(said, Status.UNKNOWN),
        said=said,
        amount=Money(_paise(entity, "amount_settled"), currency),
        charge=Money(
            _optional(entity, "settlement_charge") + _optional(entity, "settlement_tax"), currency
        ),
        at=_time(entity, "settlement_initiated_on", "settlement_date"),
        bank_reference=text(entity, "settlement_utr"),
    )


def is_line(raw: Entity) -> bool:
    """The list of lines can have the settlement itself among them."""
    return text(_flat(raw), "event_type") != "SETTLEMENT"


def line(raw: Entity) -> LineFact:
    """Raises `GatewayUnavailable` without an id, a time, an amount or its direction."""
    entity = _flat(raw)
    said = text(entity, "event_type")
    if said not in LINE_KIND:
        log.error("Cashfree sent the unknown kind of settlement line %r", said[:60])
    kind = LINE_KIND.get(said, LineKind.UNKNOWN)
    sign = SIGNS.get(text(entity, "sale_type"))
    if sign is None:
        log.error("Cashfree sent a settlement line that is no credit and no debit")
        raise GatewayUnavailable
    # With a surcharge the customer paid more than the order, which is what we have booked.
    has_order = kind is LineKind.PAYMENT and entity.get("order_amount") is not None
    amount = abs(_paise(entity, "order_amount" if has_order else "event_amount"))
    net = sign * abs(_paise(entity, "event_settlement_amount"))
    currency = text(entity, "event_currency") or CURRENCY
    return LineFact(
        reference=_id(entity, "event_id", "cf_payment_id"),
        kind=kind,
        said=text(entity, "adjustment_remarks") or said,
        amount=Money(amount, currency),
        net=Money(net, currency),
        at=_time(entity, "event_time"),
        order_id=text(entity, "order_id"),
        attempt_id=text(entity, "cf_payment_id"),
        refund_id=text(entity, "refund_id"),
    )


def _flat(raw: Entity) -> Entity:
    """The fields of all parts."""
    found = dict(raw)
    for name in PARTS:
        part = raw.get(name)
        if isinstance(part, dict):
            found |= {key: value for key, value in part.items() if value is not None}
    return found


def _id(entity: Entity, *fields: str) -> str:
    found = next((value for field in fields if (value := text(entity, field))), "")
    if not found:
        raise _malformed(fields[0])
    return found


def _time(entity: Entity, *fields: str) -> datetime:
    found = next((at for field in fields if (at := moment(entity.get(field)))), None)
    if found is None:
        raise _malformed(fields[0])
    return found


def _paise(entity: Entity, field: str) -> int:
    try:
        return paise(entity.get(field))
    except ValueError as error:
        raise _malformed(field) from error


def _optional(entity: Entity, field: str) -> int:
    return 0 if entity.get(field) is None else _paise(entity, field)


def _malformed(field: str) -> GatewayUnavailable:
    log.error("Cashfree sent a settlement with a malformed %s", field)
    return GatewayUnavailable()
