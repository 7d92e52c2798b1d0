"""Payment gateways that each break one promise about orders, attempts, closing and answers."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path

from adapters.memory.payments import KEY, MemoryGateway
from core.money import Money
from core.payments_facts import AttemptStatus, OrderFacts, OrderId, OrderStatus
from ports.clock import Clock
from ports.payments import Checkout, GatewayRefused, GatewayUnavailable, Order, OrderUnknown
from tests.contracts.broken.suite import breaks


@breaks("an_order_id_stands_for_one_amount")
class AnyAmountForAnId(MemoryGateway):
    async def open(self, order: Order) -> str:
        if order.id in self._orders:
            return f"memory://checkout/{order.id}"
        return await super().open(order)


@breaks("an_order_nobody_opened_is_unknown")
class UnknownOrderIsOpen(MemoryGateway):
    async def fetch_order(self, order_id: OrderId, *, refunds: bool = False) -> OrderFacts:
        if order_id not in self._orders:
            return OrderFacts(order_id, OrderStatus.OPEN, Money(0))
        return await super().fetch_order(order_id, refunds=refunds)


@breaks("opening_again_with_a_later_end_finds_the_same_order")
class PageForEachEnd(MemoryGateway):
    async def open(self, order: Order) -> str:
        return f"{await super().open(order)}/{order.expires_at.timestamp()}"


@breaks("opening_again_finds_the_same_order", "opening_at_the_same_time_gives_one_page",
        "opening_again_with_a_later_end_finds_the_same_order")  # fmt: skip
class PageForEachCall(MemoryGateway):
    calls = 0

    async def open(self, order: Order) -> str:
        self.calls += 1
        return f"{await super().open(order)}/{self.calls}"


@breaks("opening_at_the_same_time_gives_one_page")
class TwoPagesAtTheSameTime(MemoryGateway):
    """Looks whether there is a page, and makes one a moment later."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.pages: dict[str, str] = {}
        self.numbers = count()

    async def open(self, order: Order) -> str:
        url = await super().open(order)
        if order.id not in self.pages:
            number = next(self.numbers)
            await asyncio.sleep(0)
            self.pages[order.id] = f"{url}/{number}"
            return f"{url}/{number}"
        return self.pages[order.id]


@breaks("opening_a_paid_order_collects_nothing_again")
class PaidOrderStartsAgain(MemoryGateway):
    async def open(self, order: Order) -> str:
        if (found := self._orders.get(order.id)) and found.paid_by:
            del self._orders[order.id]
        return await super().open(order)


@breaks("an_opened_order_is_open_and_nothing_is_paid")
class PathInsteadOfAnAddress(MemoryGateway):
    async def open(self, order: Order) -> str:
        return (await super().open(order)).replace("memory://", "/")


@breaks("an_amount_comes_back_to_the_minor_unit")
class AmountsAsBinaryFractions(MemoryGateway):
    async def fetch_order(self, order_id: OrderId, *, refunds: bool = False) -> OrderFacts:
        facts = await super().fetch_order(order_id, refunds=refunds)
        return replace(facts, amount=Money(int(facts.amount.amount / 100 * 100)))


@breaks("a_name_of_any_script_can_pay")
class AsciiOnly(MemoryGateway):
    async def open(self, order: Order) -> str:
        if not order.customer.name.isascii():
            raise GatewayRefused
        return await super().open(order)


@breaks("its_name_is_part_of_an_address")
class NameWithSpaces(MemoryGateway):
    @property
    def name(self) -> str:
        return "My Bank"


@breaks("a_checkout_page_of_ours_has_its_module")
class CheckoutWithoutItsPage(MemoryGateway):
    @property
    def checkout(self) -> Checkout:
        return Checkout(module=Path(__file__))


@breaks("a_later_failure_does_not_undo_a_success")
class LastAttemptDecides(MemoryGateway):
    async def fetch_order(self, order_id: OrderId, *, refunds: bool = False) -> OrderFacts:
        facts = await super().fetch_order(order_id, refunds=refunds)
        statuses = [attempt.status for attempt in facts.attempts]
        is_undone = statuses == [AttemptStatus.SUCCESS, AttemptStatus.FAILED]
        return replace(facts, status=OrderStatus.OPEN) if is_undone else facts


@breaks("a_success_pays_the_order")
class LocalTimeAsUtc(MemoryGateway):
    async def fetch_order(self, order_id: OrderId, *, refunds: bool = False) -> OrderFacts:
        facts = await super().fetch_order(order_id, refunds=refunds)
        ahead = timedelta(hours=5, minutes=30)
        later = (replace(attempt, at=attempt.at + ahead) for attempt in facts.attempts)
        return replace(facts, attempts=tuple(later))


@breaks("no_success_leaves_the_order_open")
class DroppedIsForgotten(MemoryGateway):
    async def fetch_order(self, order_id: OrderId, *, refunds: bool = False) -> OrderFacts:
        facts = await super().fetch_order(order_id, refunds=refunds)
        kept = (each for each in facts.attempts if each.status is not AttemptStatus.DROPPED)
        return replace(facts, attempts=tuple(kept))


@breaks("after_a_failure_the_customer_may_try_again")
class FirstAttemptOnly(MemoryGateway):
    """Lists the first of two, if it failed."""

    async def fetch_order(self, order_id: OrderId, *, refunds: bool = False) -> OrderFacts:
        facts = await super().fetch_order(order_id, refunds=refunds)
        if facts.attempts and facts.attempts[0].status is AttemptStatus.FAILED:
            return replace(facts, attempts=facts.attempts[:1])
        return facts


@breaks("an_expired_order_can_still_be_paid_by_an_attempt_started_in_time")
class ExpiredForEver(MemoryGateway):
    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.late: set[str] = set()

    def settle(self, attempt_id: str, outcome: str = "success") -> None:
        super().settle(attempt_id, outcome)
        for order_id, stored in self._orders.items():
            if attempt_id in stored.attempts and self._clock.now() >= stored.order.expires_at:
                self.late.add(order_id)

    async def fetch_order(self, order_id: OrderId, *, refunds: bool = False) -> OrderFacts:
        facts = await super().fetch_order(order_id, refunds=refunds)
        return replace(facts, status=OrderStatus.EXPIRED) if order_id in self.late else facts


@breaks("closing_a_paid_or_expired_order_changes_nothing")
class ClosesPaidOrders(MemoryGateway):
    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.closed: set[str] = set()

    async def close(self, order_id: OrderId) -> None:
        await super().close(order_id)
        if self._orders[order_id].paid_by:
            self.closed.add(order_id)

    async def fetch_order(self, order_id: OrderId, *, refunds: bool = False) -> OrderFacts:
        facts = await super().fetch_order(order_id, refunds=refunds)
        return replace(facts, status=OrderStatus.CLOSED) if order_id in self.closed else facts


@breaks("closing_ends_an_order_and_may_be_repeated", "closing_is_done_though_its_answer_was_lost")
class ClosesOnce(MemoryGateway):
    async def close(self, order_id: OrderId) -> None:
        if (found := self._orders.get(order_id)) and found.closing:
            raise GatewayRefused
        await super().close(order_id)


@breaks("an_attempt_under_way_may_succeed_after_the_closing")
class ClosedAtOnce(MemoryGateway):
    async def fetch_order(self, order_id: OrderId, *, refunds: bool = False) -> OrderFacts:
        facts = await super().fetch_order(order_id, refunds=refunds)
        is_closing = facts.status is OrderStatus.CLOSING
        return replace(facts, status=OrderStatus.CLOSED) if is_closing else facts


@breaks("the_failure_of_the_last_attempt_completes_the_closing")
class ClosingForEver(MemoryGateway):
    async def fetch_order(self, order_id: OrderId, *, refunds: bool = False) -> OrderFacts:
        facts = await super().fetch_order(order_id, refunds=refunds)
        is_closed = facts.status is OrderStatus.CLOSED and facts.attempts
        return replace(facts, status=OrderStatus.CLOSING) if is_closed else facts


@breaks("closing_is_done_though_its_answer_was_lost")
class LostClosingIsUnknown(MemoryGateway):
    async def close(self, order_id: OrderId) -> None:
        try:
            await super().close(order_id)
        except GatewayUnavailable:
            raise OrderUnknown from None


@breaks("asking_changes_nothing")
class CountsQuestions(MemoryGateway):
    async def fetch_order(self, order_id: OrderId, *, refunds: bool = False) -> OrderFacts:
        facts = await super().fetch_order(order_id, refunds=refunds)
        asked = f"asked {len(self.asked_at)} times"
        counted = (
            replace(each, method=asked) if each.status is AttemptStatus.PENDING else each
            for each in facts.attempts
        )
        return replace(facts, attempts=tuple(counted))


@breaks("the_facts_are_those_of_now")
class RemembersPaidOrders(MemoryGateway):
    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.known: dict[str, OrderFacts] = {}

    async def fetch_order(self, order_id: OrderId, *, refunds: bool = False) -> OrderFacts:
        facts = await super().fetch_order(order_id, refunds=refunds)
        if facts.status is OrderStatus.PAID and refunds:
            return self.known.setdefault(order_id, facts)
        return facts


@breaks("a_lost_answer_is_never_taken_for_another")
class LostIsUnknown(MemoryGateway):
    async def fetch_order(self, order_id: OrderId, *, refunds: bool = False) -> OrderFacts:
        try:
            return await super().fetch_order(order_id, refunds=refunds)
        except GatewayUnavailable:
            raise OrderUnknown from None


@breaks("no_secret_is_shown_in_logs")
class ShowsItsKey(MemoryGateway):
    def __repr__(self) -> str:
        return f"ShowsItsKey({KEY!r})"
