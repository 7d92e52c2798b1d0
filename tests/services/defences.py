"""Defences of the money, each with a way to switch it off in a test, and the test that proves it.

The application has no such switches: they replace a function or a table for the time of a test.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from adapters.memory.payments import MemoryGateway
from adapters.memory.repositories import bookings as memory_bookings
from adapters.memory.repositories.repository import AppendOnlyRepository
from adapters.memory.repositories.scheduling import MemoryOutbox
from core import withdrawals
from core.bookings import Booking
from core.earnings import Balance
from core.money import Money
from core.payments import Payment
from core.payments_facts import OrderFacts
from core.payout_accounts import PayoutAccount, PayoutAccountNotReady
from core.transactions import clearing, earnings, owed, withdrawing
from core.withdrawals import Status, Withdrawal, WithdrawalId
from core.withdrawals_facts import TransferFact, TransferStatus
from ports.payments import WebhookEvent
from ports.payouts import PayoutsUnavailable
from ports.store import Duplicate
from services.withdrawals import WITHDRAWALS, SendingService, WithdrawalService
from services.withdrawals import service as withdrawal_service
from tests.app import MemoryApp
from tests.builders.withdrawals import rich_developer, set_account, withdraw
from tests.services import test_bookings, test_outbox, test_settle, test_withdrawals

Switch = Callable[[pytest.MonkeyPatch], None]
Proof = Callable[[MemoryApp], Awaitable[None]]


def signature(patch: pytest.MonkeyPatch) -> None:
    """Every webhook counts as signed."""
    patch.setattr("hmac.compare_digest", lambda *_: True)


def append_once(patch: pytest.MonkeyPatch) -> None:
    """What is added twice replaces the first: webhooks in the inbox, entries of the ledger."""

    async def add(self: AppendOnlyRepository[Any], item: Any) -> None:
        self.table.put(self.key_of(item), item)

    patch.setattr(AppendOnlyRepository, "add", add)


def inbox_and_message(patch: pytest.MonkeyPatch) -> None:
    """A webhook that comes again is a new one, with a message of its own."""
    append_once(patch)
    numbers, known = count(), MemoryGateway.parse_webhook

    def parse(self: MemoryGateway, headers: Mapping[str, str], body: bytes) -> WebhookEvent:
        return replace(known(self, headers, body), id=f"delivery_{next(numbers)}")

    patch.setattr(MemoryGateway, "parse_webhook", parse)


def message_id(patch: pytest.MonkeyPatch) -> None:
    """A message that exists is added again."""

    async def add(self: Any, *messages: Any) -> None:
        for message in messages:
            self._table.put(message.id, message)

    patch.setattr(MemoryOutbox, "add", add)


def lease(patch: pytest.MonkeyPatch) -> None:
    """A message that a relay has claimed is claimed by others, too."""

    def free(self: Any, now: Any) -> list[Any]:
        return [each for each in self._table.all() if each.state == "ready" and each.due_at <= now]

    patch.setattr(MemoryOutbox, "_free", free)


def fencing(patch: pytest.MonkeyPatch) -> None:
    """A relay whose lease has ended can still change the message."""
    patch.setattr(
        MemoryOutbox, "_leased", lambda self, message_id, token: self._table.find(message_id)
    )


def amount_check(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Payment, "_differs", lambda self, facts: False)


def currency_check(patch: pytest.MonkeyPatch) -> None:
    def differs(self: Payment, facts: OrderFacts) -> bool:
        return facts.amount.amount != self.amount.amount

    patch.setattr(Payment, "_differs", differs)


def unguarded(self: Balance, lines: Any) -> Balance:
    """As `Balance.apply`, also below zero."""
    totals: dict[str, int] = {}
    for line in lines:
        totals[line.account] = totals.get(line.account, 0) + line.amount.amount
    of, nothing = self.developer_id, 0
    return replace(
        self,
        clearing=self.clearing + Money(totals.get(clearing(of), nothing)),
        available=self.available + Money(totals.get(earnings(of), nothing)),
        withdrawing=self.withdrawing + Money(totals.get(withdrawing(of), nothing)),
        owed=self.owed - Money(totals.get(owed(of), nothing)),
    )


def guarded_balance(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Balance, "apply", unguarded)
    patch.setattr(withdrawal_service, "check_amount", lambda *_, **__: None)


def one_a_day(patch: pytest.MonkeyPatch) -> None:
    async def nothing(*_: object) -> int:
        return 0

    patch.setattr(WithdrawalService, "_asked_on", staticmethod(nothing))


def request_id(patch: pytest.MonkeyPatch) -> None:
    """A repeated request is a new one."""
    known = WithdrawalService.request

    async def request(self: WithdrawalService, **given: Any) -> Withdrawal:
        return await known(self, **{**given, "request_id": None})

    one_a_day(patch)

    patch.setattr(WithdrawalService, "request", request)


def freeze(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(PayoutAccount, "frozen", lambda self, now: False)


def unknown_is_not_failed(patch: pytest.MonkeyPatch) -> None:
    """No answer counts as no transfer."""
    known = SendingService._transfer

    async def transfer(self: SendingService, provider: Any, withdrawal: Withdrawal) -> Withdrawal:
        try:
            return await known(self, provider, withdrawal)
        except PayoutsUnavailable:
            fact = TransferFact(
                withdrawal.transfer_id, "", TransferStatus.FAILED, withdrawal.amount
            )
            return await self._apply(withdrawal.id, fact)

    patch.setattr(SendingService, "_transfer", transfer)


def sent_is_sent(patch: pytest.MonkeyPatch) -> None:
    """What was sent can be taken back."""
    sent = withdrawals.NEXT[Status.SENT] | {Status.CANCELLED}
    patch.setitem(withdrawals.NEXT, Status.SENT, sent)


def refetch(patch: pytest.MonkeyPatch) -> None:
    """What a webhook says is believed; the bank is not asked."""

    async def settle(self: SendingService, withdrawal_id: WithdrawalId) -> Withdrawal:
        found = await self.store.repositories.documents(WITHDRAWALS).get(withdrawal_id)
        fact = TransferFact(found.transfer_id, "", TransferStatus.SUCCEEDED, found.amount)
        return await self._apply(withdrawal_id, fact)

    patch.setattr(SendingService, "settle", settle)


def hours_are_unique(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(memory_bookings.MemoryBookings, "unique_keys", lambda self, entity: ())


async def another_currency(app: MemoryApp) -> None:
    """As many cents as paise are not the price."""
    booking = await test_settle.a_hold(app)
    app.gateway.pay(await app.order_of(booking), amount=Money(booking.price.amount, "USD"))
    await app.settle(booking)
    assert (await app.payment(booking)).mismatch


async def lost_twice_is_lost_once(app: MemoryApp) -> None:
    """One fact of a bank that is booked again."""
    client, _ = await app.client()
    job = await app.delivered(client, await app.developer())
    await app.services.jobs.approve(job.id, by=client.id)
    booking = await app.booking(job.booking_id)
    for _ in range(2):
        await _lose(app, booking)
    assert (await app.balances())["lost"] == 100
    await app.assert_running_balances()


async def _lose(app: MemoryApp, booking: Booking) -> None:
    with suppress(Duplicate):
        await app.store.transact(
            lambda repositories: app.services.earnings.take_back(
                repositories, booking, Money(100), to="lost", fact="one"
            )
        )


async def a_new_account_waits(app: MemoryApp) -> None:
    account, _ = await rich_developer(app)
    await set_account(app, account, number="50100482170938")
    with pytest.raises(PayoutAccountNotReady):
        await withdraw(app, account, 100_000)


async def balance_stops_twenty(app: MemoryApp) -> None:
    del app  # it has a policy of its own
    await test_withdrawals.test_the_balance_alone_stops_twenty_requests_that_may_all_be_made()


DEFENCES: Mapping[str, tuple[Switch, Proof]] = {
    "signature of webhooks": (signature, test_settle.test_a_forged_webhook_changes_nothing),
    "signature of payout webhooks": (
        signature, test_withdrawals.test_forged_foreign_and_unknown_webhooks
    ),
    "inbox of webhooks": (
        inbox_and_message, test_settle.test_the_same_webhook_twice_is_one_fact
    ),
    "id of ledger entries": (append_once, lost_twice_is_lost_once),
    "id of messages": (message_id, test_outbox.test_owing_the_same_twice_is_owing_it_once),
    "lease of messages": (lease, test_outbox.test_two_relays_share_the_work_without_doubling_it),
    "fencing of relays": (
        fencing, test_outbox.test_a_relay_that_lost_the_lease_may_not_change_the_message
    ),
    "amount of payments": (
        amount_check, test_settle.test_another_amount_is_not_accepted_and_reported
    ),
    "currency of payments": (currency_check, another_currency),
    "guarded balance": (guarded_balance, balance_stops_twenty),
    "one withdrawal a day": (
        one_a_day,
        test_withdrawals.test_one_a_day_of_the_developers_zone_and_what_was_taken_back_does_not_count,
    ),
    "id of requests": (
        request_id, test_withdrawals.test_the_same_request_again_finds_the_first_one
    ),
    "freeze of new payout accounts": (freeze, a_new_account_waits),
    "no answer is no failure": (
        unknown_is_not_failed,
        test_withdrawals.test_a_lost_answer_never_gives_the_money_back_and_never_sends_twice,
    ),
    "sent withdrawals stay": (
        sent_is_sent,
        test_withdrawals.test_what_is_sent_cannot_be_taken_back_while_the_outcome_is_unknown,
    ),
    "asking the bank": (refetch, test_withdrawals.test_a_webhook_is_only_a_hint),
    "unique hours": (
        hours_are_unique, test_bookings.test_of_fifty_clients_for_one_hour_exactly_one_gets_it
    ),
}  # fmt: skip
"""By name: what switches it off, and the test that is then red."""
