"""What is true of the money after every step: checked for what the step has changed, and for
everything at the end of a run."""

from __future__ import annotations

import sys
from collections import defaultdict
from typing import Any

from core.bookings import Booking
from core.earnings import Balance, balance_id
from core.errors import OneHourError
from core.money import CURRENCY
from core.numbering import series_of
from core.outbox import State
from core.payments import Payment
from core.payments_facts import AttemptStatus, RefundStatus
from core.payments_messages import IssueDocument
from core.transactions import (
    CHARGEBACK_COSTS,
    CHARGEBACK_LOSSES,
    TRANSFER_COSTS,
    Kind,
    Transaction,
    clearing,
    earnings,
    owed,
    paid_out,
    withdrawing,
)
from core.transactions import gateway as gateway_account
from core.withdrawals import GIVEN_BACK, RESERVED, Status
from core.withdrawals_facts import TransferStatus
from services.payments import BALANCES, CLEARINGS, ISSUED_DOCUMENTS
from tests.services.machine.of_payments import OF_CHARGEBACKS, PaymentInvariants

OUTSIDE = ("gateway:", "owed:", TRANSFER_COSTS, CHARGEBACK_LOSSES, CHARGEBACK_COSTS)
"""The accounts that may be below zero: money outside, what a developer owes, and our costs."""
WITHOUT_GATEWAY = frozenset(
    set(Kind) - {Kind.PAY, Kind.EXTRA, Kind.SUSPENSE, Kind.REFUND} - OF_CHARGEBACKS
)
"""Those of chargebacks are compared with them."""


class Invariants(PaymentInvariants):
    def check(self) -> None:
        """After a step."""
        changed = self.world.seen.changed
        if self.world.seen.unchecked or not changed.isdisjoint(self.world.payouts.transfers):
            self.new_entries_are_facts()
            self.accounts_are_not_below_zero()
            self.running_balances_are_the_ledger()
            self.withdrawals_are_reserved_once()
        known = self.world.seen.booking_of
        for booking_id in {known[each] for each in changed if each in known}:
            self.check_booking(self.world.booking(booking_id))
        changed.clear()

    def check_all(self) -> None:
        self.world.seen.changed.update(each.id for each in self.world.bookings)
        self.check()
        self.running_balances_are_the_ledger()
        self.withdrawals_are_reserved_once()
        self.settlements_are_kept_once()
        self.no_hour_is_sold_twice()
        self.numbers_have_no_gap()

    def check_booking(self, booking: Booking) -> None:
        entries = [each for each in self.world.seen.posted if each.booking_id == booking.id]
        self.check_payment(booking, entries)
        self.check_case(booking, entries)

    # The ledger and the provider

    def new_entries_are_facts(self) -> None:
        """Each entry is one fact of the provider with its amount; facts may still be unreported."""
        for entry in self.world.seen.unchecked:
            lines = sum(line.amount.amount for line in entry.lines)
            assert lines == 0, f"{entry.id}: the lines sum to {lines}"
            moved = _moved(entry)
            if entry.kind in WITHOUT_GATEWAY:
                assert moved == 0, f"{entry.id} moves {moved} at the gateway"
                self._is_a_transfer(entry)
            elif entry.kind not in OF_CHARGEBACKS:
                known = self.facts_of(self.world.payment_of(self._booking_of(entry)))
                assert known.get(entry.id) == moved, f"{entry.id}: {moved}, {known.get(entry.id)}"
        self.world.seen.unchecked.clear()

    def _is_a_transfer(self, entry: Transaction) -> None:
        """What was paid out has arrived at the bank, with this amount."""
        if entry.kind is not Kind.PAYOUT:
            return
        name = entry.id.removeprefix("payout:")
        stored = next(each for each in self.world.withdrawals if each.id == name)
        fact = self.world.payouts.transfers[stored.transfer_id]
        assert fact.status in (TransferStatus.SUCCEEDED, TransferStatus.REVERSED), entry
        assert entry.lines[1].amount == fact.amount, entry

    def _booking_of(self, entry: Transaction) -> Booking:
        return self.world.booking(entry.booking_id or "")

    def facts_of(self, payment: Payment) -> dict[str, int]:
        """The gateway's transactions as the ledger records them: incoming amounts are negative. A
        surcharge is not ours."""
        try:
            reported = self.world.gateway.order(payment.order_id)
        except OneHourError:
            return {}
        most = reported.amount.amount if reported.amount == payment.amount else sys.maxsize
        facts = {
            f"pay:memory:{a.id}": -min(a.amount.amount, most)
            for a in reported.attempts
            if a.status is AttemptStatus.SUCCESS
        }
        for fact in reported.refunds:
            if fact.status is RefundStatus.SUCCEEDED:
                name = f"refund:{fact.ours}" if fact.ours else f"refund:memory:{fact.id}"
                facts[name] = min(fact.amount.amount, most)
        return facts

    def accounts_are_not_below_zero(self) -> None:
        balances = self.world.seen.balances
        assert sum(balances.values()) == 0
        for account, amount in balances.items():
            assert amount >= 0 or account.startswith(OUTSIDE), f"{account} is {amount}"
            assert amount <= 0 or not account.startswith("owed:"), f"{account} is {amount}"

    def running_balances_are_the_ledger(self) -> None:
        stored: Any = self.world.seen.rows[f"documents:{BALANCES.collection}"]
        clears = list(self.world.seen.rows[f"documents:{CLEARINGS.collection}"].values())
        for developer in self.world.developers:
            found: Balance = stored[balance_id(developer.id, CURRENCY)]
            kept = (found.clearing, found.available, found.withdrawing, -found.owed)
            accounts = (clearing, earnings, withdrawing, owed)
            summed = [self.world.seen.balances.get(of(developer.id), 0) for of in accounts]
            assert [each.amount for each in kept] == summed, f"balance of {developer.id}"
            waiting = (each for each in clears if each.developer_id == developer.id)
            left = sum(each.amount.amount for each in waiting if not each.cleared)
            assert left == found.clearing.amount, f"{developer.id}: {left} clears"
            assert not (found.owed and found.available), f"{developer.id} owes and has money"

    # Withdrawals

    def withdrawals_are_reserved_once(self) -> None:
        made, balances = self.world.withdrawals, self.world.seen.balances
        for developer in self.world.developers:
            mine = [each for each in made if each.developer_id == developer.id]
            reserved = sum(each.amount.amount for each in mine if each.status in RESERVED)
            assert balances.get(withdrawing(developer.id), 0) == reserved
            days = [each.day for each in mine if each.status not in GIVEN_BACK]
            # One that came back counts no longer, so its day may have had another one.
            assert len(days) == len(set(days)), f"{developer.id} asked twice on one day"
        arrived = sum(each.amount.amount for each in made if each.status is Status.SUCCEEDED)
        assert balances.get(paid_out("memory"), 0) == arrived
        sent = {str(each.transfer_id): each for each in made if each.sent_at}
        sent |= {str(name): each for each in made for name in each.rejected}
        transfers = self.world.payouts.transfers
        for key, fact in transfers.items():
            assert key in sent, f"{key} was sent and not stored as sent"
            assert fact.amount == sent[key].amount
        for each in made:
            for name in each.rejected:
                assert transfers[name].status is TransferStatus.FAILED, f"{name} may have arrived"

    # Everything

    def no_hour_is_sold_twice(self) -> None:
        owned = [(b.developer.id, c) for b in self.world.bookings if b.holds for c in b.cells]
        assert len(owned) == len(set(owned))

    def numbers_have_no_gap(self) -> None:
        """Whatever was tried, failed or ran again: 1, 2, 3 … in each series, and what has no
        number yet has a message that gives it one."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        issued = dict(self.world.seen.rows[f"documents:{ISSUED_DOCUMENTS.collection}"])
        waiting = {
            each.payload["entry"]
            for each in self.world.store.messages
            if each.kind == IssueDocument.kind and each.state is State.READY
        }
        for entry in self.world.seen.posted:
            assert bool(entry.series) == (series_of(entry) is not None), entry
            document = issued.pop(entry.id, None)
            if document is None:
                assert not entry.series or entry.id in waiting, entry
            else:
                series, _, number = document.number.rpartition("-")
                assert series == entry.series
                found[series].append(int(number))
        assert not issued, f"numbers without an entry: {list(issued)}"
        for numbers in found.values():
            assert sorted(numbers) == list(range(1, len(numbers) + 1))

    def books_are_the_providers(self) -> None:
        """After all work is done: what came in, went back and went out is the same on both
        sides."""
        balances, gateway = self.world.seen.balances, self.world.gateway.totals
        outside = -balances.get(gateway_account("memory"), 0)
        kept = sum(map(self._quarantined, self.world.bookings))
        assert outside + kept == gateway.collected - gateway.refunded
        assert balances.get(paid_out("memory"), 0) == self.world.payouts.paid.amount
        for booking in self.world.bookings:
            self.chargebacks_are_the_providers(booking)

    def _quarantined(self, booking: Booking) -> int:
        """For an order with a wrong amount: what the gateway has and the ledger has not."""
        payment = self.world.payment_of(booking)
        if not payment.mismatch:
            return 0
        known = {each.id for each in self.world.seen.posted}
        return -sum(moved for fact, moved in self.facts_of(payment).items() if fact not in known)


def _moved(entry: Transaction) -> int:
    account = gateway_account("memory")
    return sum(line.amount.amount for line in entry.lines if line.account == account)
