"""The comparisons with payment and payout providers, which are asked one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from core import reconciled_providers
from core.findings import FindingKind
from core.payments import Payment
from core.payments_facts import OrderFacts
from core.reconciliation import Difference
from core.reconciliation_policy import ReconciliationPolicy
from core.withdrawals import BEFORE_SENDING, Status, Withdrawal
from core.withdrawals_facts import TransferFact
from ports.clock import Clock
from ports.payments import OrderUnknown, PaymentGateway
from ports.payouts import PayoutProvider, TransferUnknown
from ports.store import Repositories
from services.reconciliation.checks import Check
from services.withdrawals import WITHDRAWALS

AT_ONCE = 10
"""Entities of one page: each takes up to three calls, and a page has seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderPaymentCheck(Check):
    """Payments, with the order, attempts and refunds at the provider. Those of a provider that is
    not configured any more are left out."""

    gateways: Mapping[str, PaymentGateway]
    clock: Clock
    policy: ReconciliationPolicy
    facts: Mapping[str, OrderFacts | None] = field(default_factory=dict)
    name: str = "provider_payments"
    page_size: int = AT_ONCE
    kinds: frozenset[FindingKind] = frozenset(
        {
            FindingKind.PROVIDER_PAID,
            FindingKind.PROVIDER_AMOUNT_DIFFERS,
            FindingKind.PROVIDER_LACKS_PAYMENT,
            FindingKind.PROVIDER_REFUND,
            FindingKind.PROVIDER_REFUND_UNKNOWN,
            FindingKind.PROVIDER_LACKS_REFUND,
            FindingKind.REFUND_PAID_TWICE,
        }
    )

    async def ids(self, repositories: Repositories, *, after: str, limit: int) -> Sequence[str]:
        return await repositories.payments.ids(after=after, limit=limit)

    async def prepared(self, repositories: Repositories, ids: Sequence[str]) -> Self:
        payments = (await repositories.payments.many(ids)).values()
        asked: dict[str, OrderFacts | None] = {
            each.id: await self._ask(each) for each in payments if self._wanted(each)
        }
        return replace(self, facts=asked)

    async def compare(
        self, repositories: Repositories, ids: Sequence[str], *, after: str
    ) -> list[Difference]:
        payments = await repositories.payments.many(list(self.facts))
        return [
            difference
            for payment_id, payment in payments.items()
            for difference in reconciled_providers.of_order(payment, self.facts[payment_id])
        ]

    def _wanted(self, payment: Payment) -> bool:
        recent = self.clock.now() - payment.created_at <= self.policy.compared_with_provider
        return payment.provider in self.gateways and (recent or payment.unsettled)

    async def _ask(self, payment: Payment) -> OrderFacts | None:
        try:
            return await self.gateways[payment.provider].fetch_order(
                payment.order_id, refunds=bool(payment.captured)
            )
        except OrderUnknown:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderTransferCheck(Check):
    """Withdrawals that were sent, with the transfer at the provider."""

    providers: Mapping[str, PayoutProvider]
    clock: Clock
    policy: ReconciliationPolicy
    facts: Mapping[str, TransferFact | None] = field(default_factory=dict)
    name: str = "provider_transfers"
    page_size: int = AT_ONCE
    kinds: frozenset[FindingKind] = frozenset(
        {
            FindingKind.PROVIDER_TRANSFER,
            FindingKind.PROVIDER_LACKS_TRANSFER,
            FindingKind.PROVIDER_PAID_RETURNED,
        }
    )

    async def ids(self, repositories: Repositories, *, after: str, limit: int) -> Sequence[str]:
        return await repositories.documents(WITHDRAWALS).ids(after=after, limit=limit)

    async def prepared(self, repositories: Repositories, ids: Sequence[str]) -> Self:
        found = (await repositories.documents(WITHDRAWALS).many(ids)).values()
        asked: dict[str, TransferFact | None] = {
            each.id: await self._ask(each) for each in found if self._wanted(each)
        }
        return replace(self, facts=asked)

    async def compare(
        self, repositories: Repositories, ids: Sequence[str], *, after: str
    ) -> list[Difference]:
        found = await repositories.documents(WITHDRAWALS).many(list(self.facts))
        return [
            difference
            for key, withdrawal in found.items()
            for difference in reconciled_providers.of_transfer(withdrawal, self.facts[key])
        ]

    def _wanted(self, withdrawal: Withdrawal) -> bool:
        since = withdrawal.changed_at or withdrawal.requested_at
        recent = self.clock.now() - since <= self.policy.compared_with_provider
        sent = withdrawal.sent_at is not None and withdrawal.status not in BEFORE_SENDING
        known = withdrawal.provider in self.providers
        return known and sent and (recent or withdrawal.status is Status.SENT)

    async def _ask(self, withdrawal: Withdrawal) -> TransferFact | None:
        provider = self.providers[withdrawal.provider]
        try:
            return await provider.find_transfer(withdrawal.transfer_id)
        except TransferUnknown:
            return None
