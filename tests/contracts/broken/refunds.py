"""Payment gateways that each break one promise about refunds and messages."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from uuid import uuid4

from adapters.memory.payments import SIGNATURE, MemoryGateway, signed
from core.money import Money
from core.payments_facts import OrderFacts, OrderId, OrderStatus, RefundFact, RefundStatus
from ports.clock import Clock
from ports.payments import GatewayRefused, RefundOrder, WebhookEvent
from tests.contracts.broken.suite import breaks


@breaks("a_refund_id_stands_for_one_amount")
class AnotherAmountIsRefused(MemoryGateway):
    """The caller would request it again under another id, and the client would be paid twice."""

    async def refund(self, refund: RefundOrder) -> RefundFact:
        fact = await super().refund(refund)
        if fact.amount != refund.amount:
            raise GatewayRefused
        return fact


@breaks("the_reason_of_a_refused_refund_is_one_line")
class ReasonAsItCame(MemoryGateway):
    async def refund(self, refund: RefundOrder) -> RefundFact:
        try:
            return await super().refund(refund)
        except GatewayRefused as error:
            raise GatewayRefused("too much\n  at ledger.py, line 7") from error


@breaks("a_repeated_refund_is_given_once")
class ThirdRefundIsAnother(MemoryGateway):
    """Remembers a key for two calls only."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.calls: list[str] = []

    async def refund(self, refund: RefundOrder) -> RefundFact:
        self.calls.append(refund.id)
        fact = await super().refund(refund)
        is_third = self.calls.count(refund.id) == 3 and refund.amount == Money(480_000)
        return replace(fact, id=f"{fact.id}-3") if is_third else fact


@breaks("after_a_lost_answer_the_same_call_finds_what_was_done")
class LostRefundIsRefused(MemoryGateway):
    """Keeps the keys of answers it has sent, and of no others."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.lost: set[str] = set()

    async def refund(self, refund: RefundOrder) -> RefundFact:
        if refund.id in self.lost:
            raise GatewayRefused
        if self.fail_after_commit:
            self.lost.add(refund.id)
        return await super().refund(refund)


@breaks("a_refund_is_given_once_also_at_the_same_time")
class RefundsRace(MemoryGateway):
    """Looks for a refund, and makes one a moment later."""

    async def refund(self, refund: RefundOrder) -> RefundFact:
        stored = self._orders.get(refund.order_id)
        is_new = stored is not None and refund.id not in stored.refunds
        await asyncio.sleep(0)
        if is_new and stored and refund.id in stored.refunds:
            stored.refunds[uuid4().hex] = replace(stored.refunds[refund.id], id=uuid4().hex)
        return await super().refund(refund)


@breaks("two_refunds_at_the_same_time_do_not_exceed_what_was_paid")
class RefundsTooMuchAtOnce(MemoryGateway):
    """Looks how much is left, and takes it a moment later."""

    async def refund(self, refund: RefundOrder) -> RefundFact:
        stored = self._orders.get(refund.order_id)
        fits = stored is not None and Money(0) < refund.amount <= stored.refundable
        await asyncio.sleep(0)
        if fits and stored and refund.id not in stored.refunds:
            fact = RefundFact(uuid4().hex, refund.id, "", refund.amount, RefundStatus.SUCCEEDED)
            stored.refunds[refund.id] = fact
        return await super().refund(refund)


@breaks("no_more_is_refunded_than_was_paid")
class ComparesWholeRupees(MemoryGateway):
    async def refund(self, refund: RefundOrder) -> RefundFact:
        stored = self._orders.get(refund.order_id)
        if stored and 0 < refund.amount.amount // 100 == stored.refundable.amount // 100:
            refund = replace(refund, amount=min(refund.amount, stored.refundable))
        return await super().refund(refund)


@breaks("nothing_is_refunded_of_an_unpaid_order")
class RefundsWhatNobodyPaid(MemoryGateway):
    async def refund(self, refund: RefundOrder) -> RefundFact:
        stored = self._orders.get(refund.order_id)
        if stored and not stored.attempts:
            return RefundFact("r", refund.id, "", refund.amount, RefundStatus.SENT)
        return await super().refund(refund)


@breaks("a_refund_of_nothing_is_refused")
class RefundsNothing(MemoryGateway):
    async def refund(self, refund: RefundOrder) -> RefundFact:
        if not refund.amount:
            return RefundFact("r", refund.id, "", refund.amount, RefundStatus.SUCCEEDED)
        return await super().refund(refund)


@breaks("a_refund_that_has_ended_can_be_asked_for_again")
class EndedRefundIsAnother(MemoryGateway):
    ended = False

    def finish_refunds(self, status: RefundStatus = RefundStatus.SUCCEEDED) -> None:
        super().finish_refunds(status)
        self.ended = True

    async def refund(self, refund: RefundOrder) -> RefundFact:
        again = replace(refund, id=type(refund.id)(f"{refund.id}2")) if self.ended else refund
        return await super().refund(again)


@breaks("a_refund_arrives_and_is_found_under_our_id")
class RefundsNeverArrive(MemoryGateway):
    """Those of one amount."""

    async def fetch_order(self, order_id: OrderId, *, refunds: bool = False) -> OrderFacts:
        facts = await super().fetch_order(order_id, refunds=refunds)
        return replace(facts, refunds=tuple(map(_never, facts.refunds)))


def _never(refund: RefundFact) -> RefundFact:
    is_one = refund.amount == Money(120_050)
    return replace(refund, status=RefundStatus.SENT) if is_one else refund


@breaks("refunds_in_parts_are_listed_each_under_its_own_id")
class ListsTwoRefunds(MemoryGateway):
    """The first page of them."""

    async def fetch_order(self, order_id: OrderId, *, refunds: bool = False) -> OrderFacts:
        facts = await super().fetch_order(order_id, refunds=refunds)
        return replace(facts, refunds=facts.refunds[:2])


@breaks("a_refunded_order_stays_paid")
class RefundUndoesThePayment(MemoryGateway):
    async def fetch_order(self, order_id: OrderId, *, refunds: bool = False) -> OrderFacts:
        facts = await super().fetch_order(order_id, refunds=refunds)
        is_refunded = any(refund.ours for refund in facts.refunds)
        return replace(facts, status=OrderStatus.CLOSED) if is_refunded else facts


@breaks("orders_do_not_mix")
class RefundsOfAllOrders(MemoryGateway):
    async def fetch_order(self, order_id: OrderId, *, refunds: bool = False) -> OrderFacts:
        facts = await super().fetch_order(order_id, refunds=refunds)
        everything = [r for order in self._orders.values() for r in order.refunds.values()]
        return replace(facts, refunds=tuple(everything))


@breaks("the_refund_of_a_second_success_is_listed_without_being_asked_for")
class RefundsOnlyIfAsked(MemoryGateway):
    async def fetch_order(self, order_id: OrderId, *, refunds: bool = False) -> OrderFacts:
        facts = await super().fetch_order(order_id, refunds=refunds)
        return facts if refunds else replace(facts, refunds=())


@breaks("a_second_success_is_refunded_by_the_provider")
class SecondSuccessIsRefundedLater(MemoryGateway):
    """The refund of the second success is reported as one that has not ended."""

    async def fetch_order(self, order_id: OrderId, *, refunds: bool = False) -> OrderFacts:
        facts = await super().fetch_order(order_id, refunds=refunds)
        sent = (r if r.ours else replace(r, status=RefundStatus.SENT) for r in facts.refunds)
        return replace(facts, refunds=tuple(sent))


@breaks("a_refund_by_the_provider_does_not_reduce_ours")
class ProvidersRefundReducesOurs(MemoryGateway):
    async def refund(self, refund: RefundOrder) -> RefundFact:
        stored = self._orders.get(refund.order_id)
        if stored and any(not each.ours for each in stored.refunds.values()):
            raise GatewayRefused
        return await super().refund(refund)


@breaks("a_message_without_the_right_signature_is_forged")
class NoSignatureIsNeeded(MemoryGateway):
    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> WebhookEvent:
        return super().parse_webhook(headers if SIGNATURE in headers else signed(body), body)


@breaks("a_message_that_was_changed_is_forged")
class SignatureWithoutWhiteSpace(MemoryGateway):
    """The bytes around the message are not signed."""

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> WebhookEvent:
        is_genuine = headers.get(SIGNATURE) == signed(body.strip())[SIGNATURE]
        return super().parse_webhook(signed(body) if is_genuine else headers, body)


@breaks("a_genuine_message_names_its_order_and_one_fact")
class NewFactEachTime(MemoryGateway):
    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> WebhookEvent:
        event = super().parse_webhook(headers, body)
        return replace(event, id=uuid4().hex) if event.order_id else event


@breaks("facts_about_two_orders_are_two")
class OneFactForAll(MemoryGateway):
    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> WebhookEvent:
        event = super().parse_webhook(headers, body)
        return replace(event, id=event.kind) if event.order_id else event


@breaks("two_unreadable_messages_are_two_facts")
class UnreadableIsOneFact(MemoryGateway):
    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> WebhookEvent:
        event = super().parse_webhook(headers, body)
        return replace(event, id="unreadable") if event.kind == "unreadable" else event


@breaks("a_message_about_no_order_is_kept_without_one")
class ObjectsOnly(MemoryGateway):
    """Fails at JSON that is no object with the usual fields."""

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> WebhookEvent:
        event = super().parse_webhook(headers, body)
        if body == b"[]":
            json.loads(body)["id"]
        return event


@breaks("an_unreadable_message_with_a_good_signature_is_kept")
class ReadsDeeply(MemoryGateway):
    """Fails at text that cannot be stored."""

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> WebhookEvent:
        event = super().parse_webhook(headers, body)
        if b"ud800" in body:
            return WebhookEvent(hashlib.sha256(body).hexdigest(), "\ud800", "payment")
        return event
