"""Chargebacks of the payment gateway in memory, which tests begin and decide as the bank does."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from core.chargebacks import ChargebackFact
from core.chargebacks import Status as ChargebackStatus
from core.money import Money
from core.payments_facts import OrderId
from ports.chargebacks import ChargebackGateway, Evidence
from ports.clock import Clock
from ports.payments import GatewayRefused


@dataclass(slots=True)
class _StoredChargeback:
    order_id: str
    fact: ChargebackFact
    evidence: dict[str, Evidence] = field(default_factory=dict)


class MemoryChargebacks(ChargebackGateway):
    """`question` and `decide` are the bank."""

    _clock: Clock

    def __init__(self) -> None:
        self._chargebacks: dict[str, _StoredChargeback] = {}

    def _begin_call(self) -> None:
        raise NotImplementedError

    def _end_call(self) -> None:
        raise NotImplementedError

    def _credit_of(self, order_id: str) -> Money:
        """The amount of an order. Raises `OrderUnknown`."""
        raise NotImplementedError

    def _id(self, prefix: str) -> str:
        raise NotImplementedError

    async def fetch_chargebacks(self, order_id: OrderId) -> tuple[ChargebackFact, ...]:
        self._begin_call()
        self._credit_of(order_id)
        facts = self.chargebacks_of(order_id)
        self._end_call()
        return facts

    async def accept_chargeback(self, reference: str) -> ChargebackFact:
        self._begin_call()
        stored = self._chargebacks.get(reference)
        if stored is None or stored.fact.status is ChargebackStatus.WON:
            raise GatewayRefused
        if stored.fact.status is not ChargebackStatus.LOST:
            self.decide(reference, ChargebackStatus.LOST)
        self._end_call()
        return stored.fact

    async def send_evidence(self, reference: str, evidence: Evidence) -> ChargebackFact:
        self._begin_call()
        stored = self._chargebacks.get(reference)
        if stored is None:
            raise GatewayRefused
        if evidence.name not in stored.evidence:
            if stored.fact.status is not ChargebackStatus.OPEN:
                raise GatewayRefused
            stored.evidence[evidence.name] = evidence
            self.decide(reference, ChargebackStatus.REVIEW)
        self._end_call()
        return stored.fact

    def question(
        self,
        order_id: str,
        amount: Money | None = None,
        *,
        respond_by: datetime | None = None,
        fee: Money | None = None,
    ) -> str:
        """The bank of the customer questions a paid order; returns the reference of the chargeback.
        By default of the whole amount."""
        whole, now, reference = self._credit_of(order_id), self._clock.now(), self._id("cb")
        asked = amount or whole
        fact = ChargebackFact(
            reference, ChargebackStatus.OPEN, "open", asked, now, now,
            "Services not received", respond_by, fee,
        )  # fmt: skip
        self._chargebacks[reference] = _StoredChargeback(order_id, fact)
        return reference

    def decide(
        self,
        reference: str,
        status: ChargebackStatus | None,
        *,
        said: str = "",
        amount: Money | None = None,
        fee: Money | None = None,
    ) -> None:
        """The bank's news; None is a status that we do not know."""
        stored = self._chargebacks[reference]
        stored.fact = replace(
            stored.fact,
            status=status,
            said=said or str(status),
            amount=amount or stored.fact.amount,
            fee=fee or stored.fact.fee,
            changed_at=self._clock.now(),
        )

    def chargebacks_of(self, order_id: str) -> tuple[ChargebackFact, ...]:
        """Without the failures that tests have set, the oldest first."""
        found = (each.fact for each in self._chargebacks.values() if each.order_id == order_id)
        return tuple(sorted(found, key=lambda fact: (fact.opened_at, fact.reference)))

    def order_questioned(self, reference: str) -> str:
        """The order that the chargeback is about."""
        return self._chargebacks[reference].order_id

    def evidence_of(self, reference: str) -> tuple[Evidence, ...]:
        return tuple(self._chargebacks[reference].evidence.values())

    @property
    def _taken(self) -> int:
        """What lost chargebacks and the costs of all have taken, in minor units."""
        facts = [each.fact for each in self._chargebacks.values()]
        lost = sum(each.amount.amount for each in facts if each.status is ChargebackStatus.LOST)
        return lost + sum(each.fee.amount for each in facts if each.fee)
