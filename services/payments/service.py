"""Payments: checkout, webhooks, polling and refunds."""

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
from core.chargebacks_messages import ChargebackNews
from core.clients import Client
from core.errors import NotFound
from core.findings import FindingKind
from core.outbox import Payload, message
from core.payments import Payment, PaymentId, Status
from core.payments_facts import OrderFacts, OrderId, RefundFact, RefundStatus
from core.payments_messages import (
    CloseOrder,
    ExpectReturn,
    OpenCheckout,
    PollGateway,
    SendRefunds,
    WebhookReceived,
)
from core.payments_policy import PaymentPolicy
from core.policy import MINUTE
from core.settlements_messages import SettlementNews
from ports.clock import Clock
from ports.extensions import Vetoed, WrongFields
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
from ports.telemetry import NO_TELEMETRY, Kind, Telemetry
from services.payments.polling import late_poll, next_poll, poll_message, polls_of
from services.payments.settlement import Settlement
from services.shared.outbox import handles
from services.shared.transactions import transact_with_plugins

log = logging.getLogger(__name__)

OPEN_CHECKOUT_AFTER = timedelta(seconds=15)
"""The request opens the checkout itself, within this time unless it was interrupted."""
RESTART_ORDER_AFTER = timedelta(seconds=30)
QUESTIONS_PER_MINUTE = 30
"""How often people can make us ask the provider about one payment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentService:
    """Collects and refunds money. Webhook, redirect and poll all end in `settle`, which asks the
    gateway for the state of the order."""

    store: Store
    gateways: Mapping[str, PaymentGateway]
    settlement: Settlement
    clock: Clock
    policy: BookingPolicy
    payment_policy: PaymentPolicy
    site: str
    """Base URL of the site, for the return from the checkout."""
    telemetry: Telemetry = NO_TELEMETRY

    async def open_checkout(self, payment_id: PaymentId) -> Payment:
        """Open the checkout of a payment, unless it is open; idempotent.

        Raises `GatewayUnavailable` or `GatewayRefused`, and `HourTaken` when the time to pay is
        over. The hold is not changed by a failure.
        """
        repositories = self.store.repositories
        payment = await repositories.payments.get(payment_id)
        if payment.checkout_url or not payment.open:
            return payment
        late = self.clock.now() >= payment.created_at + RESTART_ORDER_AFTER
        if late:
            payment = await self.store.transact(
                lambda repositories: self._restart_order(repositories, payment_id)
            )
        booking = await repositories.bookings.get(BookingId(payment.booking_id))
        account = await repositories.accounts.get(AccountId(booking.client.account_id))
        client = await repositories.clients.find_by_account(account.id)
        opened = await self.open_new_checkout(payment, booking, account, client)
        if late:
            await self.store.transact(partial(self._poll_from_now, opened))
        return opened

    async def open_new_checkout(
        self, payment: Payment, booking: Booking, account: Account, client: Client | None
    ) -> Payment:
        """As `open_checkout`, for a new payment whose records are already loaded."""
        order = self._order(payment, booking, account, client)
        opened = payment.with_checkout_url(await self._gateway(payment).open(order))
        try:
            return await self.store.repositories.payments.save(opened)
        except Stale:  # opened or settled concurrently
            return await self.store.transact(partial(self._save_checkout_url, opened))

    @handles(OpenCheckout)
    async def open_missing_checkout(self, payload: OpenCheckout) -> None:
        """Open the checkout if the request of the booking was interrupted."""
        with contextlib.suppress(HourTaken):
            await self.open_checkout(payload.payment)

    async def settle(self, payment_id: PaymentId) -> Payment:
        """Fetch the order from the gateway and apply its state in one transaction.

        Money is recorded by this method only. Idempotent. Raises `GatewayUnavailable`.
        """
        payment = await self.store.repositories.payments.get(payment_id)
        with self.telemetry.operation(Kind.SETTLEMENT, payment.provider) as operation:
            settled = await self._settle(payment)
            operation.outcome = settled.status.value
            return settled

    async def _settle(self, payment: Payment) -> Payment:
        payment_id = payment.id
        try:
            facts = await self._fetch_order(payment)
        except OrderUnknown:
            return payment
        revive = partial(self.settlement.revive, payment_id=payment_id, facts=facts)
        try:
            return await transact_with_plugins(self.store, self.settlement.extensions, revive)
        except (HourTaken, TooLateToAnswer, Vetoed, WrongFields):
            return await self.store.transact(
                lambda repositories: self.settlement.apply(repositories, payment_id, facts)
            )

    async def refresh(self, payment_id: PaymentId) -> Payment:
        """As `settle`, for a client or developer who asks: at most `QUESTIONS_PER_MINUTE` times for
        one payment; beyond that the stored payment. Raises `GatewayUnavailable`."""
        key, now = f"payment:{payment_id}:asked", self.clock.now()
        throttles = self.store.repositories.throttles
        if await throttles.increment(key, window=MINUTE, now=now) > QUESTIONS_PER_MINUTE:
            return await self.get(payment_id)
        return await self.settle(payment_id)

    async def get(self, payment_id: PaymentId) -> Payment:
        """The payment as it is stored. Raises `NotFound`."""
        return await self.store.repositories.payments.get(payment_id)

    async def receive_webhook(self, provider: str, headers: Mapping[str, str], body: bytes) -> None:
        """Verify a webhook, store it once, and enqueue the settlement of its order.

        Raises `ForgedWebhook`, and `NotFound` for an unknown provider. A webhook for an unknown
        order is stored, because it may arrive before the order is saved.
        """
        gateway = self.gateways.get(provider)
        if gateway is None:
            raise NotFound
        notice = gateway.parse_webhook(headers, body)
        await self._store_webhook(provider, notice, body)

    async def _store_webhook(self, provider: str, notice: WebhookEvent, body: bytes) -> None:
        now = self.clock.now()
        received = StoredWebhook(notice.id, provider, notice.order_id, notice.kind, body, now)
        news = _news(provider, notice)

        async def step(repositories: Repositories) -> None:
            await repositories.inbox.add(received)
            if news:
                follows = message(news, f"{provider}:{notice.id}", due_at=now)
                await repositories.outbox.add(follows)

        try:
            await self.store.transact(step)
        except Duplicate:
            log.info("webhook %s of %s was received before", notice.id, provider)

    @handles(WebhookReceived)
    async def settle_order(self, payload: WebhookReceived) -> None:
        """Settle the payment of a webhook. Raises `OrderUnknown` for an order that is not stored
        yet; the relay tries again."""
        payment = await self.store.repositories.payments.find_by_order(payload.order)
        if payment is None:
            raise OrderUnknown(f"Webhook for an unknown order: {payload.order}.")
        await self.settle(payment.id)

    @handles(PollGateway)
    async def poll(self, payload: PollGateway) -> None:
        """Settle, and enqueue the next poll while something is open (docs/rules.md, polling).

        Of a payment that is no longer open, the polls before the first minute ask nothing, unless
        relays were stopped for so long that no other poll follows. After the last poll of the
        policy, only refunds in progress are polled, once per day.

        The first one also enqueues the opening of a checkout that the request did not open, so that
        not every booking stores a message for what hardly ever happens.
        """
        policy, polls = self.payment_policy, len(self.payment_policy.poll_after)
        payment = await self.store.repositories.payments.get(payload.payment)
        if payload.turn == 0 and payment.open and payment.checkout_url is None:
            due = payload.since + OPEN_CHECKOUT_AFTER
            missing = message(OpenCheckout(payment.id), payment.id, due_at=due)
            await self.store.repositories.outbox.add(missing)
        following = next_poll(payload, payment, now=self.clock.now(), policy=policy)
        if payment.open or not policy.is_early(payload.turn) or following.turn >= polls:
            try:
                payment = await self.settle(payload.payment)
            except Exception:
                # Besides the retries of this one, so that the time the page names stays true.
                await self.store.repositories.outbox.add(poll_message(following, policy))
                raise
            following = next_poll(payload, payment, now=self.clock.now(), policy=policy)
        listed = following.turn < polls
        if payment.refunding or (listed and self._unsettled(payment, since=payload.since)):
            await self.store.repositories.outbox.add(poll_message(following, policy))

    @handles(ExpectReturn)
    async def expect_return(self, payload: ExpectReturn) -> None:
        """Report a second payment that the provider has not returned in time."""
        payment, attempt = await self.settle(payload.payment), payload.attempt
        facts = await self._fetch_order(payment)
        if any(fact.attempt_id == attempt and not fact.ours for fact in facts.refunds):
            return
        log.error("payment %s: attempt %s was not returned by the provider", payment.id, attempt)
        await self.store.repositories.findings.report(
            Finding(
                f"not_returned:{attempt}",
                FindingKind.SECOND_PAYMENT_NOT_RETURNED,
                payment.id,
                f"Attempt {attempt} succeeded beside another and was not returned within a day.",
                self.clock.now(),
            )
        )

    @handles(SendRefunds)
    async def refund(self, payload: SendRefunds) -> None:
        """Request every due refund from the gateway; idempotent by the refund's id."""
        payment = await self.store.repositories.payments.get(payload.payment)
        for refund in payment.refunds_due:
            order = RefundOrder(refund.id, payment.order_id, refund.amount, refund.reason[:100])
            try:
                fact = await self._gateway(payment).refund(order)
            except GatewayRefused as error:
                log.error("refund %s of %s refused: %s", refund.id, payment.id, error.reason)
                failed = RefundStatus.FAILED
                fact = RefundFact("", refund.id, "", refund.amount, failed, error.reason)
            await self.store.transact(partial(self._merge_refund, payment.id, fact))

    async def _merge_refund(
        self, payment_id: PaymentId, fact: RefundFact, repositories: Repositories
    ) -> Payment:
        return await self.settlement.apply_refund_fact(repositories, payment_id, fact)

    @handles(CloseOrder)
    async def close(self, payload: CloseOrder) -> None:
        """Close the order for new attempts to pay; an attempt in progress may still succeed."""
        payment = await self.store.repositories.payments.get(payload.payment)
        try:
            await self._gateway(payment).close(payment.order_id)
        except OrderUnknown:
            return

    async def _fetch_order(self, payment: Payment) -> OrderFacts:
        gateway = self._gateway(payment)
        return await gateway.fetch_order(payment.order_id, refunds=bool(payment.refunds))

    def _gateway(self, payment: Payment) -> PaymentGateway:
        gateway = self.gateways.get(payment.provider)
        if gateway is None:
            log.error("payment %s needs the gateway %s", payment.id, payment.provider)
            raise GatewayUnavailable
        return gateway

    async def _save_checkout_url(self, opened: Payment, repositories: Repositories) -> Payment:
        payment = await repositories.payments.get(opened.id)
        if payment.checkout_url or opened.checkout_url is None:
            return payment
        return await repositories.payments.save(payment.with_checkout_url(opened.checkout_url))

    async def _restart_order(self, repositories: Repositories, payment_id: PaymentId) -> Payment:
        """Restart the expiry of the order and of the hold, for a checkout that is opened late.
        Raises `HourTaken`."""
        payment = await repositories.payments.get(payment_id)
        now = self.clock.now()
        booking = await repositories.bookings.get(BookingId(payment.booking_id))
        # Counted from the creation, so that a hold cannot be extended again and again.
        over = now >= payment.created_at + self.policy.hold
        if booking.status is not BookingStatus.HELD or over:
            raise HourTaken("The time to pay has ended. Select the time again.")
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

    async def _poll_from_now(self, payment: Payment, repositories: Repositories) -> None:
        """Count the polls from now, because the checkout was opened late."""
        policy, now = self.payment_policy, self.clock.now()
        await repositories.outbox.cancel(*polls_of(payment, policy=policy), now=now)
        await repositories.outbox.add(late_poll(payment, since=now, policy=policy))

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
            note=f"{booking.number}: {booking.hours} h with {booking.developer.name}"[:200],
        )

    def _unsettled(self, payment: Payment, *, since: datetime) -> bool:
        """Whether the state may still change: a second success can follow a first one."""
        recent = self.clock.now() < since + timedelta(hours=1)
        waiting = payment.status in (Status.PENDING, Status.EXPIRED, Status.REFUNDING)
        return recent or waiting or bool(payment.extra_payments)


def _news(provider: str, notice: WebhookEvent) -> Payload | None:
    """What a webhook makes us ask the provider about."""
    if notice.settlement:
        return SettlementNews(provider, notice.settlement)
    order = OrderId(notice.order_id)
    if not order:
        return None
    return ChargebackNews(order) if notice.chargeback else WebhookReceived(order)
