"""Ledger entries and accounts in words, for administrators."""

from __future__ import annotations

from collections.abc import Mapping

from core.transactions import (
    CHARGEBACK_COSTS,
    CHARGEBACK_LOSSES,
    FEES,
    PAID_OTHERWISE,
    TRANSFER_COSTS,
    Kind,
)
from services.payments import provider_name

TRANSACTIONS: Mapping[Kind, str] = {
    Kind.PAY: "Payment received",
    Kind.EXTRA: "Second payment received",
    Kind.SUSPENSE: "Payment of another amount received",
    Kind.RELEASE: "Payment released",
    Kind.REFUND: "Refund confirmed",
    Kind.REFUND_OTHERWISE: "Refund paid outside of the provider",
    Kind.CLEAR: "Ready to withdraw",
    Kind.TAKE_BACK: "Taken back after the release",
    Kind.GIVE_BACK: "Given back to the developer",
    Kind.CHARGEBACK: "Set aside for a chargeback",
    Kind.CHARGEBACK_WON: "Chargeback won",
    Kind.CHARGEBACK_LOST: "Chargeback lost",
    Kind.CHARGEBACK_FEE: "Cost of a chargeback",
    Kind.WITHDRAW: "Withdrawal reserved",
    Kind.PAYOUT: "Paid out",
    Kind.PAYOUT_REVERSAL: "Given back by the withdrawal",
    Kind.PAYOUT_FEE: "Cost of a transfer",
}
OURS: Mapping[str, str] = {
    FEES: "Our fees",
    PAID_OTHERWISE: "Paid to clients outside of the provider",
    TRANSFER_COSTS: "Costs of transfers",
    CHARGEBACK_COSTS: "Costs of chargebacks",
    CHARGEBACK_LOSSES: "Losses by chargebacks",
}


def transaction_name(kind: Kind) -> str:
    """A kind of ledger entry in words."""
    return TRANSACTIONS.get(kind, kind.value.replace("_", " ").capitalize())


def account_name(name: str, developer: str = "") -> str:
    """A ledger account in words. `developer` is the name of the developer whose money it is."""
    kind, _, of = name.partition(":")
    who = developer or "Developer"
    match kind:
        case "gateway":
            return f"{provider_name(of)}, payment provider"
        case "paid_out":
            return f"{provider_name(of)}, paid out"
        case "escrow":
            return "Held for the booking"
        case "clearing":
            return f"{who}, clearing"
        case "developer":
            return f"{who}, ready"
        case "withdrawing":
            return f"{who}, being withdrawn"
        case "owed":
            return f"{who}, owed to us"
        case "unapplied":
            return "Paid twice, to be returned"
        case "chargeback":
            return "Set aside until the bank decides"
        case "suspense":
            return "Wrong amount, to be decided"
    return OURS.get(name, name)
