"""Mapping of Cashfree's disputes to the domain's facts. An unknown status has the status None."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime

from adapters.cashfree.facts import Entity, amount, moment, text
from core.chargebacks import ChargebackFact, Status
from ports.payments import GatewayUnavailable

log = logging.getLogger(__name__)

KINDS = ("DISPUTE", "RETRIEVAL", "CHARGEBACK", "PRE_ARBITRATION", "ARBITRATION")
STATES: Mapping[str, Status] = {
    "CREATED": Status.OPEN,
    "INSUFFICIENT_EVIDENCE": Status.OPEN,
    "DOCS_RECEIVED": Status.REVIEW,
    "UNDER_REVIEW": Status.REVIEW,
    "MERCHANT_WON": Status.WON,
    "MERCHANT_LOST": Status.LOST,
    "MERCHANT_ACCEPTED": Status.LOST,
}
CHARGEBACK_STATUS: Mapping[str, Status] = {
    f"{kind}_{state}": status for kind in KINDS for state, status in STATES.items()
}
"""The 35 values of `dispute_status` in Cashfree's SDK 6.0.1."""


def chargeback(entity: Entity, *, now: datetime) -> ChargebackFact:
    """One dispute. Cashfree reports no fee with it. Raises `GatewayUnavailable` for an entity
    without an id or an amount: the caller asks again."""
    said = text(entity, "dispute_status")
    if said not in CHARGEBACK_STATUS:
        log.error("Cashfree sent the unknown dispute status %r", said[:60])
    reference = text(entity, "dispute_id")
    if not reference:
        log.error("Cashfree sent a dispute without an id")
        raise GatewayUnavailable
    opened = moment(entity.get("created_at")) or now
    times = (moment(entity.get(name)) for name in ("updated_at", "resolved_at"))
    return ChargebackFact(
        reference=reference,
        status=CHARGEBACK_STATUS.get(said),
        said=said,
        amount=amount(entity, "dispute_amount", "dispute_amount_currency"),
        opened_at=opened,
        changed_at=max((at for at in times if at), default=opened),
        reason=text(entity, "reason_description"),
        respond_by=moment(entity.get("respond_by")),
    )


def documents(entity: Entity) -> frozenset[str]:
    """The names of the documents that were sent for it."""
    found = entity.get("dispute_evidence")
    listed = found if isinstance(found, list) else []
    return frozenset(text(each, "document_name") for each in listed if isinstance(each, dict))
