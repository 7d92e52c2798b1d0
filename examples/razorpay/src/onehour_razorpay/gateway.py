"""The payment gateway for Razorpay."""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Mapping
from urllib.parse import quote

import httpx

from onehour.api import (
    Attempt,
    AttemptStatus,
    Customer,
    GatewayRefused,
    GatewayUnavailable,
    Order,
    OrderFacts,
    OrderId,
    OrderStatus,
    OrderUnknown,
    PaymentGateway,
    RefundFact,
    RefundOrder,
    WebhookEvent,
)
from onehour_razorpay import facts
from onehour_razorpay.webhooks import NOTE, parse_webhook
from onehour_razorpay.wire import Account, Entity, Wire

log = logging.getLogger(__name__)

OURS = uuid.uuid5(uuid.NAMESPACE_URL, "onehour:razorpay")
TEN_DIGITS = re.compile(r"[0-9]{10}", re.ASCII)


class RazorpayGateway(PaymentGateway):
    """One Payment Link per order. Its `reference_id`, which Razorpay accepts once, is our order id;
    the `receipt` of a refund is our refund id.

    A call that creates is repeated safely because of the first, and because of the idempotency key
    of refunds: whoever gets no answer calls again, and what was made is found.
    """

    def __init__(self, client: httpx.AsyncClient, account: Account) -> None:
        self._account = account
        self._wire = Wire(client, account)

    @property
    def name(self) -> str:
        return "razorpay"

    async def open(self, order: Order) -> str:
        """Create the link, or find it. Returns the address of Razorpay's payment page."""
        answer = await self._wire.post("/payment_links", _new_link(order))
        link = answer.entity
        if link is None and (link := await self._find_link(order.id)) is None:
            raise answer.refusal()
        if facts.money(link) != order.amount:
            raise answer.refusal()
        address = facts.text(link, "short_url")
        if "://" not in address:
            log.error("Razorpay sent the link %s without an address", link.get("id"))
            raise GatewayUnavailable
        return address

    async def fetch_order(self, order_id: OrderId, *, refunds: bool = False) -> OrderFacts:
        link = await self._link(order_id)
        payments = await self._payments(link)
        attempts = facts.attempts(payments)
        wanted = refunds or _paid_twice(attempts)
        return OrderFacts(
            order_id=order_id,
            status=facts.order_status(link, attempts),
            amount=facts.money(link),
            attempts=attempts,
            refunds=await self._refunds(payments) if wanted else (),
        )

    async def close(self, order_id: OrderId) -> None:
        """Cancel the link. One that has ended already is no error."""
        link = await self._link(order_id)
        path = f"/payment_links/{_part(link)}/cancel"
        answer = await self._wire.post(path, {})
        if answer.entity is None:
            status = facts.order_status(await self._link(order_id), ())
            if status is OrderStatus.OPEN:
                raise answer.refusal()

    async def refund(self, refund: RefundOrder) -> RefundFact:
        """Request the refund, or find it."""
        payments = await self._payments(await self._link(refund.order_id))
        paid_by = next((each for each in payments if facts.captured(each)), None)
        if paid_by is None:
            log.warning("refund %s: order %s is not paid", refund.id, refund.order_id)
            raise GatewayRefused("The payment link is not paid.")
        path = f"/payments/{_part(paid_by)}/refund"
        key = str(uuid.uuid5(OURS, f"refund:{refund.id}"))
        answer = await self._wire.post(path, _new_refund(refund), refund_key=key)
        found = answer.entity or await self._find_refund(paid_by, refund)
        if found is None:
            raise answer.refusal()
        return facts.refund(found, paid_by)

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> WebhookEvent:
        return parse_webhook(headers, body, self._account.webhook_secrets)

    async def _link(self, order_id: OrderId) -> Entity:
        """Raises `OrderUnknown`."""
        link = await self._find_link(order_id)
        if link is None:
            raise OrderUnknown
        return link

    async def _find_link(self, order_id: OrderId) -> Entity | None:
        found = await self._wire.listed("/payment_links", "payment_links", reference_id=order_id)
        links = [each for each in found if each.get("reference_id") == order_id]
        if len(links) > 1:
            log.error("Razorpay has %d links with the reference %s", len(links), order_id)
            raise GatewayUnavailable
        return links[0] if links else None

    async def _payments(self, link: Entity) -> list[Entity]:
        """All attempts. A link gets an order when somebody opens it for the first time."""
        order_id = facts.text(link, "order_id")
        if not order_id:
            return []
        return await self._wire.listed(f"/orders/{quote(order_id, safe='')}/payments")

    async def _refunds(self, payments: list[Entity]) -> tuple[RefundFact, ...]:
        return tuple(
            [
                facts.refund(entity, payment)
                for payment in payments
                if payment.get("status") in ("captured", "refunded")
                for entity in await self._wire.listed(f"/payments/{_part(payment)}/refunds")
            ]
        )

    async def _find_refund(self, payment: Entity, refund: RefundOrder) -> Entity | None:
        found = await self._wire.listed(f"/payments/{_part(payment)}/refunds")
        return next((each for each in found if each.get("receipt") == refund.id), None)


def _new_link(order: Order) -> Entity:
    """The body of POST /payment_links. OneHour sends its own notices, so Razorpay sends none."""
    return {
        "amount": order.amount.amount,
        "currency": order.amount.currency,
        "accept_partial": False,
        "expire_by": int(order.expires_at.timestamp()),
        "reference_id": order.id,
        "description": order.note[:2048],
        "customer": _customer(order.customer),
        "notify": {"sms": False, "email": False},
        "reminder_enable": False,
        "notes": {NOTE: order.id},
        "callback_url": order.return_url,
        "callback_method": "get",
    }


def _customer(customer: Customer) -> dict[str, str]:
    details = {"name": customer.name[:50], "email": customer.email}
    phone = customer.phone or ""
    return details | ({"contact": f"+91{phone}"} if TEN_DIGITS.fullmatch(phone) else {})


def _new_refund(refund: RefundOrder) -> Entity:
    """The body of POST /payments/…/refund: the same for every repeat, or the key is refused."""
    return {
        "amount": refund.amount.amount,
        "speed": "normal",
        "receipt": refund.id,
        "notes": {NOTE: refund.order_id, "reason": refund.note[:256]},
    }


def _part(entity: Entity) -> str:
    """The id of an entity, for a path."""
    return quote(facts.identifier(entity), safe="")


def _paid_twice(attempts: tuple[Attempt, ...]) -> bool:
    """Whether Razorpay refunds an attempt by itself; only the list of refunds shows it."""
    return sum(attempt.status is AttemptStatus.SUCCESS for attempt in attempts) > 1
