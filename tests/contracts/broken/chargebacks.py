"""Payment gateways that each break one promise about chargebacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from adapters.memory.payments import MemoryGateway
from core.chargebacks import ChargebackFact, Status
from core.payments_facts import OrderId
from ports.chargebacks import Evidence
from ports.clock import Clock
from ports.payments import GatewayRefused, GatewayUnavailable, OrderUnknown, WebhookEvent
from tests.contracts.broken.suite import breaks


class OtherChargebacks(MemoryGateway):
    """Reports each chargeback in another way."""

    def chargeback(self, fact: ChargebackFact) -> ChargebackFact:
        raise NotImplementedError

    async def fetch_chargebacks(self, order_id: OrderId) -> tuple[ChargebackFact, ...]:
        facts = await super().fetch_chargebacks(order_id)
        return tuple(self.chargeback(each) for each in facts)


@breaks("a_chargeback_is_listed_with_its_order_alone")
class ChargebacksOfAllOrders(MemoryGateway):
    async def fetch_chargebacks(self, order_id: OrderId) -> tuple[ChargebackFact, ...]:
        await super().fetch_chargebacks(order_id)
        return tuple(each.fact for each in self._chargebacks.values())


@breaks("a_chargeback_is_listed_with_its_order_alone")
class ChargebacksInLocalTime(OtherChargebacks):
    def chargeback(self, fact: ChargebackFact) -> ChargebackFact:
        later = timedelta(hours=5, minutes=30)
        return replace(fact, opened_at=fact.opened_at + later, changed_at=fact.changed_at + later)


@breaks("a_chargeback_is_listed_with_its_order_alone")
class ChargebacksInWholeRupees(OtherChargebacks):
    def chargeback(self, fact: ChargebackFact) -> ChargebackFact:
        return replace(fact, amount=replace(fact.amount, amount=fact.amount.amount // 100 * 100))


@breaks("chargebacks_of_an_order_nobody_opened_are_unknown")
class NoChargebacksOfTheUnknown(MemoryGateway):
    async def fetch_chargebacks(self, order_id: OrderId) -> tuple[ChargebackFact, ...]:
        try:
            return await super().fetch_chargebacks(order_id)
        except OrderUnknown:
            return ()


@breaks("the_state_of_a_chargeback_is_that_of_now",
        "a_chargeback_that_was_won_or_does_not_exist_is_not_accepted")  # fmt: skip
class WonIsLost(OtherChargebacks):
    def chargeback(self, fact: ChargebackFact) -> ChargebackFact:
        return replace(fact, status=Status.LOST) if fact.status is Status.WON else fact


@breaks("the_state_of_a_chargeback_is_that_of_now")
class ChangedBeforeItWas(OtherChargebacks):
    """The time of a change is that of the beginning, a day earlier."""

    def chargeback(self, fact: ChargebackFact) -> ChargebackFact:
        if fact.status is Status.OPEN:
            return fact
        return replace(fact, changed_at=fact.opened_at - timedelta(days=1))


@breaks("a_state_of_a_chargeback_that_nobody_knows_is_not_guessed")
class TakesTheUnknownForOpen(OtherChargebacks):
    def chargeback(self, fact: ChargebackFact) -> ChargebackFact:
        return fact if fact.status else replace(fact, status=Status.OPEN)


@breaks("a_lost_answer_about_chargebacks_is_never_taken_for_another")
class LostIsNoChargeback(MemoryGateway):
    async def fetch_chargebacks(self, order_id: OrderId) -> tuple[ChargebackFact, ...]:
        try:
            return await super().fetch_chargebacks(order_id)
        except GatewayUnavailable:
            return ()


class Repeated(MemoryGateway):
    """Knows the calls that it has answered, or that it should have."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.answered = set[str]()


@breaks("evidence_may_be_sent_again_after_a_lost_answer")
class EvidenceOnce(Repeated):
    async def send_evidence(self, reference: str, evidence: Evidence) -> ChargebackFact:
        if reference in self.answered:
            raise GatewayRefused("evidence was sent already")
        self.answered.add(reference)
        return await super().send_evidence(reference, evidence)


@breaks("an_accepted_chargeback_is_lost_however_often_it_is_accepted")
class AcceptsOnce(Repeated):
    async def accept_chargeback(self, reference: str) -> ChargebackFact:
        if reference in self.answered:
            raise GatewayRefused("accepted already")
        self.answered.add(reference)
        return await super().accept_chargeback(reference)


@breaks("a_chargeback_that_was_won_or_does_not_exist_is_not_accepted")
class AcceptsWhatWasWon(MemoryGateway):
    async def accept_chargeback(self, reference: str) -> ChargebackFact:
        stored = self._chargebacks.get(reference)
        if stored and stored.fact.status is Status.WON:
            self.decide(reference, Status.LOST)
        return await super().accept_chargeback(reference)


@breaks("evidence_for_a_decided_chargeback_or_none_is_refused")
class EvidenceTooLate(MemoryGateway):
    async def send_evidence(self, reference: str, evidence: Evidence) -> ChargebackFact:
        stored = self._chargebacks.get(reference)
        if stored and stored.fact.status is Status.LOST:
            self.decide(reference, Status.OPEN)
        return await super().send_evidence(reference, evidence)


@breaks("evidence_for_a_decided_chargeback_or_none_is_refused")
class EvidenceForNothing(MemoryGateway):
    async def send_evidence(self, reference: str, evidence: Evidence) -> ChargebackFact:
        if reference not in self._chargebacks:
            raise OrderUnknown
        return await super().send_evidence(reference, evidence)


@breaks("a_message_about_a_chargeback_names_its_order")
class ChargebackTakenForAPayment(MemoryGateway):
    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> WebhookEvent:
        return replace(super().parse_webhook(headers, body), chargeback=False)
