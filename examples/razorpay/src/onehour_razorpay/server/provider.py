"""The state of the server: each method is one step in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from onehour_razorpay.server import links, payments
from onehour_razorpay.server.database import Database, Entity, Transaction
from onehour_razorpay.server.errors import ApiError, unknown_id
from onehour_razorpay.server.settings import ServerSettings

SENDING_S = 15.0
"""How long a webhook that is being sent belongs to the process that sends it."""
REPEATED_FOR_S = 24 * 60 * 60


class Provider:
    """What Razorpay does. Before each step everything happens that has become due."""

    def __init__(self, settings: ServerSettings) -> None:
        self.settings = settings
        self._database = Database(settings.database)

    @property
    def now(self) -> int:
        return int(self.settings.now().timestamp())

    def create_link(self, body: Entity) -> Entity:
        with self._step() as transaction:
            url = self.settings.public_url
            return links.create(transaction, body, now=self.now, public_url=url)

    def link(self, link_id: str) -> Entity:
        with self._step() as transaction:
            return links.get(transaction, link_id)

    def links(self, reference_id: str | None) -> list[Entity]:
        with self._step() as transaction:
            return transaction.all("payment_link", reference_id)

    def cancel_link(self, link_id: str) -> Entity:
        with self._step() as transaction:
            return links.cancel(transaction, link_id, now=self.now)

    def payments(self, order_id: str | None = None) -> list[Entity]:
        """Of an order, latest first, or all. Raises `ApiError`."""
        with self._step() as transaction:
            if order_id is not None and transaction.find("order", order_id) is None:
                raise unknown_id()
            return transaction.all("payment", order_id)[::-1]

    def payment(self, payment_id: str) -> Entity:
        with self._step() as transaction:
            return payments.get(transaction, payment_id)

    def refunds(self, payment_id: str | None = None) -> list[Entity]:
        """Of a payment, latest first, or all. Raises `ApiError`."""
        with self._step() as transaction:
            if payment_id is not None:
                payments.get(transaction, payment_id)
            return transaction.all("refund", payment_id)[::-1]

    def refund(self, payment_id: str, body: Entity, *, key: str) -> Entity:
        takes = self.settings.refund_takes.total_seconds()
        with self._step() as transaction:
            return payments.refund(
                transaction, payment_id, body, key=key, now=self.now, takes_s=takes
            )

    def pay(
        self,
        link_id: str,
        outcome: str = "success",
        *,
        method: str = "upi",
        on_page: bool = False,
        quiet: bool = False,
    ) -> Entity:
        """A customer pays: `success`, `failed`, `dropped`, `pending` or `late`. `on_page`: a link
        that does not wait for a payment is refused with `ApiError`; otherwise the attempt counts as
        begun beside another one. `quiet`: no webhook is sent."""
        with self._step() as transaction:
            transaction.quiet = quiet
            link = links.get(transaction, link_id)
            if on_page and link["status"] != "created":
                raise ApiError(f"Payment link is {link['status']}")
            payment = payments.begin(transaction, link, method, now=self.now)
            if outcome == "late":
                at = self.now + self.settings.late_by.total_seconds()
                payments.end_later(transaction, payment, at=at)
            elif outcome != "pending":
                payment = payments.end(transaction, payment["id"], outcome, now=self.now)
            return payment

    def end(self, payment_id: str, outcome: str) -> None:
        with self._step() as transaction:
            payments.end(transaction, payment_id, outcome, now=self.now)

    def return_uncaptured(self, payment_id: str) -> None:
        """The bank has agreed too late: the money goes back, and was never the seller's."""
        with self._step() as transaction:
            payments.return_uncaptured(transaction, payment_id, now=self.now)

    def webhooks_to_send(self) -> list[Entity]:
        """Those that are due. No other process sends them meanwhile."""
        with self._step() as transaction:
            found = transaction.due("event", self.now)
            for event in found:
                transaction.save(event, due=self.now + SENDING_S)
            return found

    def webhook_sent(self, event: Entity, *, accepted: bool) -> None:
        """One that was not accepted is sent again, at growing intervals, for a day."""
        event["attempts"] += 1
        again = self.now + 2.0 ** event["attempts"]
        over = accepted or again > event["body"]["created_at"] + REPEATED_FOR_S
        with self._step() as transaction:
            transaction.save(event, due=None if over else again)

    @contextmanager
    def _step(self) -> Iterator[Transaction]:
        with self._database.transaction() as transaction:
            links.expire_due(transaction, now=self.now)
            payments.end_due(transaction, now=self.now)
            payments.end_due_refunds(transaction, now=self.now)
            yield transaction


def listed(items: list[Entity]) -> dict[str, Any]:
    """A collection as Razorpay sends it."""
    return {"entity": "collection", "count": len(items), "items": items}
