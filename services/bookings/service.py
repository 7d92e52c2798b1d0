"""Bookings: hold, checkout, release, and expiry of unpaid holds."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType

from core.accounts import Account, AccountId
from core.booking_numbers import BookingNumber, number_of
from core.bookings import (
    Booking,
    BookingId,
    BookingStep,
    HourTaken,
    IllegalTransition,
    NotOffered,
    NumberTaken,
    OwnHour,
    Party,
    PriceChanged,
    Status,
    checked_request,
)
from core.bookings_messages import ExpireHold
from core.bookings_policy import BookingPolicy
from core.calls_policy import CallPolicy
from core.clients import Client
from core.developers import Developer, DeveloperId
from core.errors import Errors, Forbidden, NotFound, OneHourError, Unavailable
from core.money import Money
from core.outbox import NotDueYet, OutboxMessage, message
from core.payments import Payment, PaymentId
from core.payments_facts import OrderId
from core.payments_messages import CloseOrder
from core.payments_policy import PaymentPolicy
from core.policy import DAY
from core.timeline import Actor, MoneyPosition, MoneyState
from ports.clock import Clock, Ids
from ports.extensions import Extensions, Parts, WrongFields
from ports.payments import GatewayRefused, GatewayUnavailable
from ports.store import Repositories, Store
from services.bookings.briefs import BriefFiles
from services.bookings.drafts import Held, NewBooking, Quote
from services.payments import PaymentService, first_poll
from services.shared.outbox import handles
from services.shared.ownership import booking_of_client, booking_of_party
from services.shared.transactions import transact_with_plugins
from services.timeline import TimelineStep, record

log = logging.getLogger(__name__)

NUMBERS_TO_TRY = 20
"""With a hundred million bookings, one new number in 34 is taken, and 19 in a row never are."""
CHECK_AGAIN_AFTER = timedelta(minutes=1)
"""How often an overdue hold with an attempt to pay in progress is checked."""
NO_FIELDS: Mapping[str, str] = MappingProxyType({})
LONGEST = DAY
"""No booking is longer, whatever the policy was when it was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingService:
    """The use cases of a booking. `by` is the acting account; raises `NotFound` for accounts
    without access."""

    store: Store
    briefs: BriefFiles
    payments: PaymentService
    extensions: Extensions
    clock: Clock
    ids: Ids
    policy: BookingPolicy
    call_policy: CallPolicy
    payment_policy: PaymentPolicy
    provider: str
    """The name of the gateway for new payments."""

    async def hold(
        self,
        *,
        by: str,
        developer_id: DeveloperId,
        start: datetime,
        hours: int,
        brief: str,
        files: Sequence[str] = (),
        expecting: Money | None = None,
        request_id: str | None = None,
        fields: Mapping[str, str] = NO_FIELDS,
        account: Account | None = None,
    ) -> Held:
        """Hold the time for the client and open the checkout.

        `start` is in UTC. `files` are ids of own uploaded files for the brief. `expecting` is the
        price that was shown; raises `PriceChanged` when it has changed. `fields` are those that
        plugins have added to the form. `request_id` is the id of
        the new booking, so that a repeated request returns the booking of the first one. `account`
        is the acting account, from a caller that has read it. Raises
        `HourTaken`, `NotOffered`, `OwnHour`, `Invalid`, `FilesNotReady`, `Vetoed` and `WrongFields`
        (by a plugin), `Forbidden` (no client account) and `NotFound` (no such developer). When the
        gateway is unavailable, the hold remains, and `checkout` can be called later.
        """
        errors = Errors()
        with errors:
            brief = checked_request(start=start, hours=hours, brief=brief, policy=self.policy)
        with errors:
            self.briefs.check_count(files)
        errors.check()
        booking_id = BookingId(request_id or self.ids.new("bkg"))
        account = account or await self.store.repositories.accounts.get(AccountId(by))
        client = await self._client(by)
        try:
            draft = self._draft(
                booking_id,
                Party(client.id, client.account_id, client.name, account.timezone),
                await self.store.repositories.developers.get(developer_id),
                start=start,
                hours=hours,
                brief=brief,
            )
            draft = replace(draft, files=tuple(files))
            draft = draft.with_price(await self.extensions.price_lines(draft, fields))
            new = NewBooking(draft, expecting, fields)
            new.without(frozenset())
            await self.extensions.may_book(draft)
            booking, payment = await self._add(new)
        except OneHourError:
            if request_id and await self.store.repositories.bookings.find(booking_id):
                return await self.repeat(booking_id, by=by)
            raise
        opening = self.payments.open_new_checkout(payment, booking, account, client)
        return Held(booking, await self._opened(opening) or payment)

    async def quote(
        self,
        *,
        by: str,
        developer_id: DeveloperId,
        start: datetime,
        hours: int,
        fields: Mapping[str, str] = NO_FIELDS,
    ) -> Quote:
        """Raises `OwnHour`, `Forbidden` and `NotFound` as `hold`."""
        client = await self._client(by)
        account = await self.store.repositories.accounts.get(AccountId(by))
        developer = await self.store.repositories.developers.get(developer_id)
        party = Party(client.id, client.account_id, client.name, account.timezone)
        draft = self._draft(
            BookingId("bkg_quote"), party, developer, start=start, hours=hours, brief=""
        )
        errors = dict[str, str]()
        try:
            lines = await self.extensions.price_lines(draft, fields)
        except WrongFields as error:
            lines, errors = error.lines, dict(error.fields)
        return Quote(draft.with_price(lines), lines, errors)

    async def _add(self, new: NewBooking) -> tuple[Booking, Payment]:
        """Store the draft, with its next number if another booking has the first one."""
        for attempt in range(1, NUMBERS_TO_TRY):
            with suppress(NumberTaken):
                step = partial(self._hold, new=new)
                return await transact_with_plugins(self.store, self.extensions, step)
            draft = replace(new.draft, number=number_of(new.draft.id, attempt=attempt))
            new = replace(new, draft=draft)
        raise NumberTaken

    async def repeat(self, booking_id: BookingId, *, by: str) -> Held:
        """The booking of an earlier request with the same id; opens its checkout if needed."""
        booking = await booking_of_client(self.store.repositories, booking_id, by)
        payment_id = PaymentId(booking.payment_id)
        opened = await self._opened(self.payments.open_checkout(payment_id))
        return Held(booking, opened or await self.payments.get(payment_id))

    async def checkout(self, booking_id: BookingId, *, by: str) -> tuple[Booking, Payment]:
        """Open the checkout of a held booking, after asking the gateway for its state. Raises
        `IllegalTransition`, and `HourTaken` when the time to pay is over."""
        booking = await booking_of_client(self.store.repositories, booking_id, by)
        payment = await self.payments.refresh(PaymentId(booking.payment_id))
        booking = await self.store.repositories.bookings.get(booking_id)
        if booking.status is not Status.HELD:
            raise IllegalTransition
        if self.clock.now() >= booking.shown_until:
            raise HourTaken(
                "The time to pay has ended. Nothing was charged. Select the time again."
            )
        payment = await self.payments.open_checkout(payment.id)
        return await self.store.repositories.bookings.get(booking_id), payment

    async def release(self, booking_id: BookingId, *, by: str) -> Booking:
        """Release an unpaid hold. A payment that still arrives is refunded."""

        async def step(repositories: Repositories) -> Booking:
            booking = await booking_of_client(repositories, booking_id, by)
            payment = await repositories.payments.get(PaymentId(booking.payment_id))
            released = await repositories.bookings.save(booking.release())
            await repositories.payments.save(payment.expire())
            step = TimelineStep(
                key=f"{released.id}:{released.version}",
                what=BookingStep.RELEASED,
                actor=Actor.CLIENT,
                at=self.clock.now(),
                money=MoneyPosition(MoneyState.NOT_PAID, released.price),
            )
            messages = [self._close(payment), *self.briefs.remove_released(released)]
            await record(repositories, released, step, messages=messages, events=self._events)
            return released

        return await self.store.transact(step)

    @handles(ExpireHold)
    async def expire(self, payload: ExpireHold) -> None:
        """Deadline: end an unpaid hold, after asking the gateway once more. Raises `NotDueYet`, and
        `Unavailable` until `policy.attempt_patience` is over."""
        booking_id = payload.booking
        booking = await self.store.repositories.bookings.get(booking_id)
        if booking.status is not Status.HELD:
            return
        now = self.clock.now()
        if now < booking.hold_ends:
            raise NotDueYet(booking.hold_ends)
        give_up_at = booking.hold_ends + self.policy.attempt_patience
        try:
            payment = await self.payments.settle(PaymentId(booking.payment_id))
        except Unavailable:
            if now < give_up_at:
                raise
            payment = await self.store.repositories.payments.get(PaymentId(booking.payment_id))
        if payment.open and payment.has_open_attempt and now < give_up_at:
            raise NotDueYet(now + CHECK_AGAIN_AFTER)
        await self.store.transact(lambda repositories: self._expire(repositories, booking_id))

    async def get(self, booking_id: BookingId, *, by: str) -> Booking:
        """A booking of the account. Raises `NotFound`."""
        return await booking_of_party(self.store.repositories, booking_id, by)

    async def of_number(self, number: BookingNumber, *, by: str) -> Booking | None:
        """The booking of the account with this number, if there is one."""
        found = await self.store.repositories.bookings.find_by_number(number)
        return found if found and found.is_party(by) else None

    async def of_account(
        self,
        *,
        by: str,
        statuses: Sequence[Status] = (),
        limit: int = 20,
        cursor: str | None = None,
    ) -> tuple[tuple[Booking, ...], str | None]:
        """A page of the account's bookings as client or developer, latest created first, and the
        next cursor. `statuses` filters them."""
        return await self.store.repositories.bookings.of_account(
            by, statuses=statuses, limit=limit, cursor=cursor
        )

    async def approved_early(self, *, by: str, limit: int = 100) -> tuple[Booking, ...]:
        """The completed bookings of the account whose booked time has not ended, the earliest start
        first: their work was approved before the meeting."""
        now = self.clock.now()
        found = await self.store.repositories.bookings.starting_after(
            by, now - LONGEST, statuses=(Status.COMPLETED,), limit=limit
        )
        return tuple(booking for booking in found if booking.is_ahead(now))

    async def _client(self, account_id: str) -> Client:
        client = await self.store.repositories.clients.find_by_account(account_id)
        if client is None:
            raise Forbidden("Booking requires a client account.")
        return client

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
            call_terms=self.call_policy,
        )

    async def _hold(
        self, repositories: Repositories, parts: Parts, *, new: NewBooking
    ) -> tuple[Booking, Payment]:
        """Add booking and payment, in the transaction that reads the offer. Plugins come last, so
        that what many bookings write is locked for a short time."""
        draft = new.without(parts.left_out)
        developer = await repositories.developers.get(DeveloperId(draft.developer.id))
        now = self.clock.now()
        offered = developer.availability.offers(draft.start, draft.end, now=now)
        if not offered or not developer.published:
            raise NotOffered
        if developer.rate != draft.rate:
            raise PriceChanged
        booking = await repositories.bookings.add(draft)
        await self.briefs.attach(repositories, booking)
        payment = await repositories.payments.add(self._payment(booking))
        expire = message(ExpireHold(booking.id), booking.id, due_at=booking.hold_ends)
        poll = first_poll(payment, since=now, policy=self.payment_policy)
        step = TimelineStep(
            key=f"{booking.id}:{booking.version}",
            what=BookingStep.HELD,
            actor=Actor.CLIENT,
            at=now,
            money=MoneyPosition(MoneyState.NOT_PAID, booking.price),
        )
        await record(repositories, booking, step, messages=[expire, poll], events=self._events)
        await self.extensions.take_part(repositories, booking, new.fields, parts)
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
    async def _opened(opening: Awaitable[Payment]) -> Payment | None:
        """None after a gateway failure, which is logged: the hold remains."""
        try:
            return await opening
        except (GatewayUnavailable, GatewayRefused) as error:
            log.warning("checkout not opened: %s", error)
            return None

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
            what=BookingStep.EXPIRED,
            actor=Actor.DEADLINE,
            at=self.clock.now(),
            money=MoneyPosition(MoneyState.NOT_PAID, expired.price),
            emails=(("expired", expired.client.account_id),) if _tried_to_pay(payment) else (),
        )
        messages = [self._close(payment), *self.briefs.remove_expired(expired)]
        await record(repositories, expired, step, messages=messages, events=self._events)

    def _close(self, payment: Payment) -> OutboxMessage:
        return message(CloseOrder(payment.id), payment.id, due_at=self.clock.now())

    @property
    def _events(self) -> bool:
        return bool(self.extensions.listeners)


def _tried_to_pay(payment: Payment) -> bool:
    """Whether the client may believe that the time is booked. A payment of another amount is told
    in an e-mail of its own."""
    return bool(payment.attempts) and not payment.mismatch
