"""API schemas of settlements and their lines."""

from __future__ import annotations

from typing_extensions import TypedDict

from core.payments import Payment
from core.settlements import LineKind, ProviderSettlement, SettledLine, Status
from ports.findings import Finding
from web.shared.schemas import Moment, MoneySchema, moment, money


class ProviderSettlementSchema(TypedDict):
    """`said` is the provider's word for the status, `charge` what it took for the settlement
    itself. `listed` is what the lines sum to, null until they have been read (`read`); it should be
    `amount` and `charge` together. `bank_reference` is null until the bank has it. `findings` are
    the ids of the open ones about the settlement itself."""

    id: str
    provider: str
    reference: str
    status: Status
    said: str
    amount: MoneySchema
    charge: MoneySchema
    listed: MoneySchema | None
    read: bool
    began_at: Moment
    bank_reference: str | None
    findings: list[str]


class SettlementLineSchema(TypedDict):
    """`net` is what the line adds to the settlement, below zero for what it takes; `fee` is the
    provider's. `payment_id` is null for a line of no payment that we know. `contradiction` says how
    a later report differs. `findings` are the ids of the open ones about the line."""

    id: str
    kind: LineKind
    reference: str
    said: str
    amount: MoneySchema
    net: MoneySchema
    fee: MoneySchema
    at: Moment
    order_id: str | None
    attempt_id: str | None
    refund_id: str | None
    payment_id: str | None
    contradiction: str | None
    findings: list[str]


Findings = dict[str, list[str]]
"""The ids of the open findings by their subject."""


def findings_by_subject(found: tuple[Finding, ...]) -> Findings:
    by_subject: Findings = {}
    for each in found:
        if each.is_open:
            by_subject.setdefault(each.subject, []).append(each.id)
    return by_subject


def settlement(value: ProviderSettlement, findings: Findings) -> ProviderSettlementSchema:
    return {
        "id": value.id,
        "provider": value.provider,
        "reference": value.reference,
        "status": value.status,
        "said": value.said,
        "amount": money(value.amount),
        "charge": money(value.charge),
        "listed": money(value.listed) if value.listed is not None else None,
        "read": value.read,
        "began_at": moment(value.at),
        "bank_reference": value.bank_reference or None,
        "findings": findings.get(value.id, []),
    }


def line(value: SettledLine, payment: Payment | None, findings: Findings) -> SettlementLineSchema:
    return {
        "id": value.id,
        "kind": value.kind,
        "reference": value.reference,
        "said": value.said,
        "amount": money(value.amount),
        "net": money(value.net),
        "fee": money(value.fee),
        "at": moment(value.at),
        "order_id": value.order_id or None,
        "attempt_id": value.attempt_id or None,
        "refund_id": value.refund_id or None,
        "payment_id": payment.id if payment else None,
        "contradiction": value.contradiction or None,
        "findings": findings.get(value.id, []),
    }
