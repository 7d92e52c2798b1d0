"""Collecting and returning money: intents first, then the gateway, then what it really says."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from core.accounts import Account, AccountId
from core.bookings import Booking, BookingId, HourTaken, TooLateToAnswer
from core.bookings import Status as BookingStatus
from core.bookings_policy import BookingPolicy
from core.clients import Client
from core.errors import NotFound
from core.outbox import message
from core.payments import (
    CloseOrder,
    ExpectReturn,
    OpenCheckout,
    OrderFacts,
    OrderId,
    Payment,
    PaymentId,
    PollGateway,
    RefundFact,
    RefundStatus,
    SendRefunds,
    Status,
    WebhookReceived,
)
from core.payments_policy import PaymentPolicy
from ports.clock import Clock
from ports.findings import Finding
from ports.payments import (
    Customer,
    GatewayRefused,
    GatewayUnavailable,
    Order,
    OrderUnknown,
    PaymentGateway,
    RefundOrder,
    StoredWebhook,
    WebhookEvent,
)
from ports.store import Duplicate, Repositories, Stale, Store
from services.payments.polling import next_poll
from services.payments.settlement import Settlement
from services.shared.outbox import handles

log = logging.getLogger(__name__)

RESTART_ORDER_AFTER = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentService:
    """Every way to news of a payment - webhook, redirect, poll - ends in the one `settle`."""

    store: Store
    gateways: Mapping[str, PaymentGateway]
    settlement: Settlement
    clock: Clock
    policy: BookingPolicy
    payment_policy: PaymentPolicy
    site: str
    """The site's own address, where the client's browser comes back to."""

    async def open_checkout(self, payment_id: PaymentId) -> Payment:
        """The checkout of a payment, made if need be; safe to repeat after a lost answer.

        Raises `GatewayUnavailable` or `GatewayRefused`; the hold stays meanwhile.
        """
        repositories = self.store.repositories
        payment = await repositories.payments.get(payment_id)
        if payment.checkout_url or not payment.open:
            return payment
        if self.clock.now() >= payment.created_at + RESTART_ORDER_AFTER:
            payment = await self.store.transact(
                lambda repositories: self._begin_anew(repositories, payment_id)
            )
        booking = await repositories.bookings.get(BookingId(payment.booking_id))
        account = await repositories.accounts.get(AccountId(booking.client.account_id))
        client = await repositories.clients.find_by_account(account.id)
        return await self.open_new_checkout(payment, booking, account, client)

    async def open_new_checkout(
        self, payment: Payment, booking: Booking, account: Account, client: Client | None
    ) -> Payment:
        """As `open`, for a payment just made, with everything about it at hand."""
        order = self._order(payment, booking, account, client)
        opened = payment.with_checkout_url(await self._gateway(payment).open(order))
        try:
            return await self.store.repositories.payments.save(opened)
        except Stale:  # somebody else opened or settled it meanwhile: theirs is as good
            return await self.store.transact(partial(self._opened, opened))

    @handles(OpenCheckout)
    async def open_missing_checkout(self, payload: OpenCheckout) -> None:
        """Open the checkout if the request that wanted it was interrupted."""
        with contextlib.suppress(HourTaken):
            await self.open_checkout(payload.payment)

    async def settle(self, payment_id: PaymentId) -> Payment:
        """Ask the provider and apply its answer, in one transaction.

        The only way money is ever taken to have moved. Safe at any time, any number of times.
        """
        payment = await self.store.repositories.payments.get(payment_id)
        try:
            facts = await self._look(payment)
        except OrderUnknown:
            return payment
        try:
            return await self.store.transact(
                lambda repositories: self.settlement.apply(
                    repositories, payment_id, facts, revive=True
                )
            )
        except (HourTaken, TooLateToAnswer):
            return await self.store.transact(
                lambda repositories: self.settlement.apply(
                    repositories, payment_id, facts, revive=False
                )
            )

    async def receive_webhook(self, provider: str, headers: Mapping[str, str], body: bytes) -> None:
        """A provider's message: verify it, keep it once, settle what it speaks of.

        Raises `ForgedWebhook`, and `NotFound` for a provider that is not ours. An order
        unknown to us is kept and answered politely: the message may be early.
        """
        gateway = self.gateways.get(provider)
        if gateway is None:
            raise NotFound
        notice = gateway.parse_webhook(headers, body)
        await self._keep(provider, notice, body)

    async def _keep(self, provider: str, notice: WebhookEvent, body: bytes) -> None:
        now = self.clock.now()
        received = StoredWebhook(notice.id, provider, notice.order_id, notice.kind, body, now)
        settle = message(
            WebhookReceived(OrderId(notice.order_id)), f"{provider}:{notice.id}", due_at=now
        )

        async def keep(repositories: Repositories) -> None:
            await repositories.inbox.add(received)
            if notice.order_id:
                await repositories.outbox.add(settle)

        try:
            await self.store.transact(keep)
        except Duplicate:
            log.info("notice %s of %s again", notice.id, provider)

    @handles(WebhookReceived)
    async def settle_order(self, payload: WebhookReceived) -> None:
        """Settle the payment a webhook concerns. An order that is not known yet is tried again."""
        payment = await self.store.repositories.payments.find_by_order(payload.order)
        if payment is None:
            raise OrderUnknown(f"Webhook for an unknown order: {payload.order}.")
        await self.settle(payment.id)

    @handles(PollGateway)
    async def poll(self, payload: PollGateway) -> None:
        """Ask a silent gateway; as long as something is open, ask again later (rules: polling).

        After the last question of the policy only a refund is still asked about, every day:
        money that is owed back is never forgotten.
        """
        payment = await self.settle(payload.payment)
        listed = payload.turn + 1 < len(self.payment_policy.poll_after)
        refunding = payment.status is Status.REFUNDING
        if refunding or (listed and self._unsettled(payment, since=payload.since)):
            following = next_poll(payload, policy=self.payment_policy)
            await self.store.repositories.outbox.add(following)

    @handles(ExpectReturn)
    async def expect_return(self, payload: ExpectReturn) -> None:
        """Report a second payment that the provider has not returned by now."""
        payment, attempt = await self.settle(payload.payment), payload.attempt
        facts = await self._look(payment)
        if any(fact.attempt_id == attempt and not fact.ours for fact in facts.refunds):
            return
        log.error("payment %s: attempt %s was not returned by the provider", payment.id, attempt)
        await self.store.repositories.findings.report(
            Finding(
                f"not_returned:{attempt}",
                "second_payment_not_returned",
                payment.id,
                f"Attempt {attempt} succeeded beside another and was not returned within a day.",
                self.clock.now(),
            )
        )

    @handles(SendRefunds)
    async def refund(self, payload: SendRefunds) -> None:
        """Ask the gateway for every refund that is due; repeats name the same refund."""
        payment = await self.store.repositories.payments.get(payload.payment)
        for refund in payment.refunds_due:
            order = RefundOrder(refund.id, payment.order_id, refund.amount, refund.reason[:100])
            try:
                fact = await self._gateway(payment).refund(order)
            except GatewayRefused as no:
                log.error("refund %s of %s refused: %s", refund.id, payment.id, no)
                fact = RefundFact("", refund.id, "", refund.amount, RefundStatus.FAILED)
            await self.store.transact(partial(self._merge_refund, payment.id, fact))

    async def _merge_refund(
        self, payment_id: PaymentId, fact: RefundFact, repositories: Repositories
    ) -> Payment:
        return await self.settlement.apply_refund_fact(repositories, payment_id, fact)

    @handles(CloseOrder)
    async def close(self, payload: CloseOrder) -> None:
        """Ask that no new attempt to pay begins; one under way may still succeed."""
        payment = await self.store.repositories.payments.get(payload.payment)
        try:
            await self._gateway(payment).close(payment.order_id)
        except OrderUnknown:
            return

    async def _look(self, payment: Payment) -> OrderFacts:
        gateway = self._gateway(payment)
        return await gateway.fetch_order(payment.order_id, refunds=bool(payment.refunds))

    def _gateway(self, payment: Payment) -> PaymentGateway:
        gateway = self.gateways.get(payment.provider)
        if gateway is None:
            log.error("payment %s needs the gateway %s", payment.id, payment.provider)
            raise GatewayUnavailable
        return gateway

    async def _opened(self, opened: Payment, repositories: Repositories) -> Payment:
        payment = await repositories.payments.get(opened.id)
        if payment.checkout_url or opened.checkout_url is None:
            return payment
        return await repositories.payments.save(payment.with_checkout_url(opened.checkout_url))

    async def _begin_anew(self, repositories: Repositories, payment_id: PaymentId) -> Payment:
        """Opened late, the order gets a whole new life, and the hold with it."""
        payment = await repositories.payments.get(payment_id)
        now = self.clock.now()
        booking = await repositories.bookings.get(BookingId(payment.booking_id))
        # From the beginning, not from the last extension: nobody keeps an hour for nothing.
        over = now >= payment.created_at + self.policy.hold
        if booking.status is not BookingStatus.HELD or over:
            raise HourTaken("The time to pay is over. Pick the time again.")
        await repositories.bookings.save(
            replace(
                booking,
                shown_until=now + self.policy.hold,
                hold_ends=self.policy.hold_ends(held_at=now),
            )
        )
        return await repositories.payments.save(
            replace(payment, order_expires_at=now + self.policy.order_life)
        )

    def _order(
        self, payment: Payment, booking: Booking, account: Account, client: Client | None
    ) -> Order:
        return Order(
            id=payment.order_id,
            amount=payment.amount,
            customer=Customer(
                booking.client.id, account.name, account.email, client.phone if client else None
            ),
            expires_at=payment.order_expires_at,
            return_url=f"{self.site}/bookings/{booking.id}/return",
            note=f"{booking.hours} h with {booking.developer.name}"[:200],
        )

    def _unsettled(self, payment: Payment, *, since: datetime) -> bool:
        """Whether the gateway may still have news: a second success can follow a first."""
        young = self.clock.now() < since + timedelta(hours=1)
        waiting = payment.status in (Status.PENDING, Status.EXPIRED, Status.REFUNDING)
        return young or waiting or bool(payment.extra_payments)
