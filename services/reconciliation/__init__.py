"""Reconciliation: compares the records with each other and with what the providers have."""

from collections.abc import Iterable, Iterator, Mapping

from core.bookings_messages import AutoCancel, ExpireHold
from core.chargebacks_messages import ChargebackNews
from core.earnings import ClearEarnings
from core.finding_resolutions import FindingActivity
from core.jobs import AutoApprove, GiveUp
from core.payments_messages import IssueDocument, SendRefunds, WebhookReceived
from core.reconciliation_messages import FreeCells, ReconcilePage
from core.reconciliation_policy import ReconciliationPolicy
from core.settlements_policy import SettlementPolicy
from core.withdrawals_messages import RegisterPayoutAccount, SendWithdrawal, TransferNews
from services.reconciliation.ahead import IdsAhead
from services.reconciliation.balances import BalanceCheck
from services.reconciliation.bookings import BookingCheck, PaymentCheck, PaymentIntentCheck
from services.reconciliation.cells import CellService
from services.reconciliation.checks import Check
from services.reconciliation.findings import FindingFilter, FindingService, digest_of
from services.reconciliation.ledger import (
    ClearingCheck,
    EntryCheck,
    NumberCheck,
)
from services.reconciliation.providers import ProviderPaymentCheck, ProviderTransferCheck
from services.reconciliation.service import PageResult, ReconciliationService
from services.reconciliation.settlements import (
    SettledLineCheck,
    SettlementCheck,
    UnsettledCheck,
)
from services.reconciliation.withdrawals import (
    PayoutAccountCheck,
    WithdrawalCheck,
    WithdrawalIntentCheck,
)
from services.shared.capabilities import Built, Capability
from services.shared.dependencies import Dependencies
from services.shared.outbox import Handler, handlers_of

__all__ = [
    "CAPABILITY",
    "Check",
    "FindingFilter",
    "FindingService",
    "PageResult",
    "ReconciliationService",
    "digest_of",
]

STEPS = (
    AutoApprove,
    AutoCancel,
    ChargebackNews,
    ClearEarnings,
    ExpireHold,
    FreeCells,
    GiveUp,
    IssueDocument,
    RegisterPayoutAccount,
    SendRefunds,
    SendWithdrawal,
    TransferNews,
    WebhookReceived,
)
"""The ordinary steps that repair."""


def build(dependencies: Dependencies, built: Built) -> dict[str, object]:
    d = dependencies
    cells = CellService(store=d.store)
    return {
        "booked_cells": cells,
        "findings": FindingService(store=d.store, clock=d.clock),
        "reconciliation": ReconciliationService(
            store=d.store,
            clock=d.clock,
            checks={check.name: check for check in _checks(d)},
            intents={
                check.name: check
                for check in (PaymentIntentCheck(d.clock), WithdrawalIntentCheck(d.clock))
            },
            steps=_steps([*built, cells]),
            ahead=IdsAhead(d.clock),
        ),
    }


def _checks(d: Dependencies) -> Iterator[Check]:
    clock, policy = d.clock, d.policies[ReconciliationPolicy]
    yield PaymentCheck(clock)
    yield BookingCheck(clock)
    yield EntryCheck(clock)
    yield ClearingCheck(clock)
    yield BalanceCheck(clock)
    yield NumberCheck()
    yield WithdrawalCheck(clock)
    yield PayoutAccountCheck(clock)
    yield ProviderPaymentCheck(gateways=d.gateways, clock=clock, policy=policy)
    yield ProviderTransferCheck(providers=d.payouts, clock=clock, policy=policy)
    settling = d.policies[SettlementPolicy]
    yield SettlementCheck(clock=clock, policy=settling)
    yield SettledLineCheck(policy=settling)
    yield UnsettledCheck(policy=settling)


def _steps(services: Iterable[object]) -> Mapping[str, Handler]:
    """The handlers of `STEPS`; their capabilities come earlier in the list."""
    handlers = (handler for service in services for handler in handlers_of(service))
    return {each.payload.kind: each for each in handlers if each.payload in STEPS}


CAPABILITY = Capability(
    name="reconciliation",
    build=build,
    messages=(ReconcilePage, FreeCells),
    activity=FindingActivity,
    policy=ReconciliationPolicy,
    personal_data=None,
)
