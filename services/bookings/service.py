"""Booking an hour: keep it, pay it, give it back - and what happens when nobody pays."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.accounts import Account, AccountId
from core.bookings import (
    Booking,
    BookingId,
    ExpireHold,
    HourTaken,
    IllegalTransition,
    NotOffered,
    OwnHour,
    Party,
    PriceChanged,
    Status,
    checked_request,
)
from core.bookings_policy import BookingPolicy
from core.clients import Client
from core.developers import Developer, DeveloperId
from core.errors import Forbidden, NotFound, Unavailable
from core.money import Money
from core.outbox import NotDueYet, OutboxMessage, message
from core.payments import CloseOrder, OpenCheckout, OrderId, Payment, PaymentId
from core.payments_policy import PaymentPolicy
from core.timeline import Actor, MoneyPosition, MoneyState
from ports.clock import Clock, Ids
from ports.extensions import Extensions
from ports.payments import GatewayRefused, GatewayUnavailable
from ports.store import Duplicate, Repositories, Store
from services.payments import PaymentService, first_poll
from services.shared.outbox import handles
from services.shared.ownership import booking_of_client, booking_of_party
from services.timeline import TimelineStep, record

log = logging.getLogger(__name__)

OPEN_CHECKOUT_AFTER = timedelta(seconds=15)
"""The request opens the checkout itself; the effect does it if the request did not live to."""
CHECK_AGAIN_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingService:
    """The use cases of a booking. `by` is the account that asks; a stranger finds nothing."""

    store: Store
    payments: PaymentService
    extensions: Extensions
    clock: Clock
    ids: Ids
    policy: BookingPolicy
    payment_policy: PaymentPolicy
    provider: str
    """The gateway new payments are made with."""

    async def hold(
        self,
        *,
        by: str,
        developer_id: DeveloperId,
        start: datetime,
        hours: int,
        brief: str,
        expecting: Money | None = None,
        request_id: str | None = None,
    ) -> Booking:
        """Keep the time for the client and prepare the payment.

        `expecting` is the price the client was shown; `PriceChanged` when it is another now.
        `name` makes a repeated request find the booking of the first (same name, same id).
        Raises `HourTaken`, `NotOffered`, `Invalid`, `Vetoed`, `NotFound` (no such developer).
        When the provider does not answer the hold stands; open the checkout again later.
        """
        brief = checked_request(start=start, hours=hours, brief=brief, policy=self.policy)
        booking_id = BookingId(request_id or self.ids.new("bkg"))
        if request_id and await self.store.repositories.bookings.find(booking_id):
            return await self._earlier(booking_id, by)
        client, account = await self._client(by)
        developer = await self.store.repositories.developers.get(developer_id)
        draft = self._draft(
            booking_id,
            Party(client.id, client.account_id, client.name, account.timezone),
            developer,
            start=start,
            hours=hours,
            brief=brief,
        )
        if expecting is not None and expecting != draft.price:
            raise PriceChanged
        await self.extensions.may_book(draft)
        try:
            booking, payment = await self.store.transact(
                lambda repositories: self._hold(repositories, draft)
            )
        except Duplicate:  # the same request, a moment earlier
            return await self._earlier(booking_id, by)
        await self._if_possible(self.payments.open_new_checkout(payment, booking, account, client))
        return booking

    async def _earlier(self, booking_id: BookingId, by: str) -> Booking:
        """What a request of the same name made, with its checkout, if that was not lived to."""
        booking = await booking_of_client(self.store.repositories, booking_id, by)
        await self._if_possible(self.payments.open_checkout(PaymentId(booking.payment_id)))
        return booking

    async def checkout(self, booking_id: BookingId, *, by: str) -> tuple[Booking, Payment]:
        """Open or reopen the payment page. Raises `HourTaken` when the time to pay is over."""
        booking = await booking_of_client(self.store.repositories, booking_id, by)
        payment = await self.payments.settle(PaymentId(booking.payment_id))
        booking = await self.store.repositories.bookings.get(booking_id)
        if booking.status is not Status.HELD:
            raise IllegalTransition
        if self.clock.now() >= booking.shown_until:
            raise HourTaken("The time to pay is over. Nothing was charged. Pick the time again.")
        payment = await self.payments.open_checkout(payment.id)
        return await self.store.repositories.bookings.get(booking_id), payment

    async def release(self, booking_id: BookingId, *, by: str) -> Booking:
        """The client gives an unpaid hold back; money that still arrives is returned."""

        async def step(repositories: Repositories) -> Booking:
            booking = await booking_of_client(repositories, booking_id, by)
            payment = await repositories.payments.get(PaymentId(booking.payment_id))
            released = await repositories.bookings.save(booking.release())
            await repositories.payments.save(payment.expire())
            step = TimelineStep(
                key=f"{released.id}:{released.version}",
                what="given_back",
                actor=Actor.CLIENT,
                at=self.clock.now(),
                money=MoneyPosition(MoneyState.NOT_PAID, released.price),
            )
            await record(
                repositories, released, step, messages=[self._close(payment)], events=self._events
            )
            return released

        return await self.store.transact(step)

    @handles(ExpireHold)
    async def expire(self, payload: ExpireHold) -> None:
        """Deadline: an unpaid hold ends, once the provider has been asked a last time."""
        booking_id = payload.booking
        booking = await self.store.repositories.bookings.get(booking_id)
        if booking.status is not Status.HELD:
            return
        now = self.clock.now()
        if now < booking.hold_ends:
            raise NotDueYet(booking.hold_ends)
        patience_ends = booking.hold_ends + self.policy.attempt_patience
        try:
            payment = await self.payments.settle(PaymentId(booking.payment_id))
        except Unavailable:
            if now < patience_ends:
                raise
            payment = await self.store.repositories.payments.get(PaymentId(booking.payment_id))
        if payment.open and payment.has_open_attempt and now < patience_ends:
            raise NotDueYet(now + CHECK_AGAIN_AFTER)
        await self.store.transact(lambda repositories: self._expire(repositories, booking_id))

    async def get(self, booking_id: BookingId, *, by: str) -> Booking:
        return await booking_of_party(self.store.repositories, booking_id, by)

    async def of_account(
        self,
        *,
        by: str,
        statuses: Sequence[Status] = (),
        limit: int = 20,
        cursor: str | None = None,
    ) -> tuple[tuple[Booking, ...], str | None]:
        """Both sides' bookings of an account, the latest made first."""
        return await self.store.repositories.bookings.of_account(
            by, statuses=statuses, limit=limit, cursor=cursor
        )

    async def _client(self, account_id: str) -> tuple[Client, Account]:
        client = await self.store.repositories.clients.find_by_account(account_id)
        if client is None:
            raise Forbidden("Book with a client account.")
        return client, await self.store.repositories.accounts.get(AccountId(account_id))

    def _draft(
        self,
        booking_id: BookingId,
        client: Party,
        developer: Developer,
        *,
        start: datetime,
        hours: int,
        brief: str,
    ) -> Booking:
        if not developer.published:
            raise NotFound
        if developer.account_id == client.account_id:
            raise OwnHour
        now = self.clock.now()
        return Booking(
            id=booking_id,
            client=client,
            developer=Party(developer.id, developer.account_id, developer.name, developer.timezone),
            start=start,
            hours=hours,
            brief=brief,
            rate=developer.rate,
            terms=self.policy.terms,
            created_at=now,
            shown_until=now + self.policy.hold,
            hold_ends=self.policy.hold_ends(held_at=now),
            payment_id=f"pay_{booking_id.partition('_')[2]}",
            revisions=developer.revisions,
        )

    async def _hold(self, repositories: Repositories, draft: Booking) -> tuple[Booking, Payment]:
        """The claim itself: the offer is read in the same transaction that takes the cells."""
        developer = await repositories.developers.get(DeveloperId(draft.developer.id))
        now = self.clock.now()
        offered = developer.availability.offers(draft.start, draft.end, now=now)
        if not offered or not developer.published:
            raise NotOffered
        if developer.rate != draft.rate:
            raise PriceChanged
        booking = await repositories.bookings.add(draft)
        payment = await repositories.payments.add(self._payment(booking))
        expire = message(ExpireHold(booking.id), booking.id, due_at=booking.hold_ends)
        opening = message(OpenCheckout(payment.id), payment.id, due_at=now + OPEN_CHECKOUT_AFTER)
        asking = first_poll(payment, since=now, policy=self.payment_policy, name=payment.id)
        step = TimelineStep(
            key=f"{booking.id}:{booking.version}",
            what="held",
            actor=Actor.CLIENT,
            at=now,
            money=MoneyPosition(MoneyState.NOT_PAID, booking.price),
        )
        await record(
            repositories, booking, step, messages=[expire, opening, asking], events=self._events
        )
        return booking, payment

    def _payment(self, booking: Booking) -> Payment:
        return Payment(
            id=PaymentId(booking.payment_id),
            booking_id=booking.id,
            client_id=booking.client.id,
            developer_id=booking.developer.id,
            amount=booking.price,
            provider=self.provider,
            order_id=OrderId(f"ord_{booking.id.partition('_')[2]}"),
            order_expires_at=booking.created_at + self.policy.order_life,
            created_at=booking.created_at,
        )

    @staticmethod
    async def _if_possible(opening: Awaitable[Payment]) -> None:
        """A provider that does not answer costs the client nothing: the hold stands."""
        try:
            await opening
        except (GatewayUnavailable, GatewayRefused) as error:
            log.warning("checkout not opened: %s", error)

    async def _expire(self, repositories: Repositories, booking_id: BookingId) -> None:
        booking = await repositories.bookings.get(booking_id)
        if booking.status is not Status.HELD:
            return
        payment = await repositories.payments.get(PaymentId(booking.payment_id))
        expired = await repositories.bookings.save(booking.expire())
        if payment.open:
            await repositories.payments.save(payment.expire())
        step = TimelineStep(
            key=f"{expired.id}:{expired.version}",
            what="expired",
            actor=Actor.DEADLINE,
            at=self.clock.now(),
            money=MoneyPosition(MoneyState.NOT_PAID, expired.price),
        )
        await record(
            repositories, expired, step, messages=[self._close(payment)], events=self._events
        )

    def _close(self, payment: Payment) -> OutboxMessage:
        return message(CloseOrder(payment.id), payment.id, due_at=self.clock.now())

    @property
    def _events(self) -> bool:
        return bool(self.extensions.listeners)
