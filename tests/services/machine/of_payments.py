"""What is true of each payment: paid = released + refunded + held + set aside + fee; and of its
chargebacks and settlements, compared with what the provider has."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from core.bookings import Booking
from core.chargebacks import Chargeback, Status, chargeback_id
from core.money import Money
from core.payments import Payment
from core.payments_facts import UNDER_WAY, RefundStatus
from core.settlements import ProviderSettlement, SettledLine
from core.transactions import FEES, REFUNDS, Kind, Transaction, escrow, reserve, suspense
from core.transactions import gateway as gateway_account
from services.settlements import SETTLED_LINES, SETTLEMENTS
from tests.services.machine.of_cases import CaseInvariants

OF_DEVELOPERS = ("clearing:", "developer:", "owed:")
OF_CHARGEBACKS = frozenset(
    {Kind.CHARGEBACK, Kind.CHARGEBACK_WON, Kind.CHARGEBACK_LOST, Kind.CHARGEBACK_FEE}
)
IN_ESCROW = {Kind.PAY, Kind.RELEASE, Kind.TAKE_BACK, *REFUNDS, *OF_CHARGEBACKS}
OPEN_REFUNDS = UNDER_WAY | {RefundStatus.STOPPED}


class PaymentInvariants(CaseInvariants):
    def check_payment(self, booking: Booking, entries: list[Transaction]) -> None:
        self.price_is_divided(booking, entries)
        self.paid_is_held_or_gone(booking, entries)
        self.released_is_shared(booking, entries)
        for chargeback in self.world.chargebacks_of(booking):
            self.chargeback_is_booked_once(chargeback, entries)
        self.contests_are_the_open_ones(booking)

    def price_is_divided(self, booking: Booking, entries: list[Transaction]) -> None:
        """Released money is the developer's share and our fee, by the terms of the booking."""
        assert booking.fee + booking.earning == booking.price
        releases = [each for each in entries if each.kind is Kind.RELEASE]
        assert len(releases) <= 1
        for entry in releases:
            lines = {line.account: line.amount for line in entry.lines}
            released = -lines[escrow(booking.id)]
            fee = released.percent(booking.terms.fee_percent)
            assert lines[FEES] == fee, entry
            assert lines[f"clearing:{booking.developer.id}"] == released - fee, entry

    def paid_is_held_or_gone(self, booking: Booking, entries: list[Transaction]) -> None:
        """What was paid for is still held, or has left for one of the named places."""
        payment, place = self.world.payment_of(booking), escrow(booking.id)
        moved: defaultdict[Kind, int] = defaultdict(int)
        for entry in entries:
            for line in entry.lines:
                if line.account == place:
                    moved[entry.kind] += line.amount.amount
        assert moved[Kind.PAY] == (payment.amount.amount if payment.captured else 0)
        assert set(moved) <= IN_ESCROW
        held = sum(moved.values())
        assert held == self.world.seen.balances.get(place, 0) == self.held_by(payment)
        assert -sum(moved[kind] for kind in REFUNDS) == payment.refunded.amount
        kept = self.world.seen.balances.get(suspense(payment.id), 0)
        assert payment.suspended_left(Money(kept)).amount >= 0, "more goes back than arrived"
        assert payment.left.amount >= 0, payment
        assert payment.returned.amount <= payment.amount.amount, payment

    def held_by(self, payment: Payment) -> int:
        """While it is paid, what no bank has; then what is refunded and not yet returned."""
        if payment.status == "paid":
            return payment.left.amount
        refunds = (
            each for each in payment.refunds if each.status in OPEN_REFUNDS and not each.suspended
        )
        return sum(each.amount.amount for each in refunds)

    def released_is_shared(self, booking: Booking, entries: list[Transaction]) -> None:
        """What is left of the payment after a release is the developer's and ours. Each chargeback
        may round a share the other way by one paisa."""
        payment = self.world.payment_of(booking)
        parts: defaultdict[str, int] = defaultdict(int)
        for entry in entries:
            for line in entry.lines:
                kind = "developer" if line.account.startswith(OF_DEVELOPERS) else line.account
                parts[kind] += line.amount.amount
        share, fee = parts["developer"], parts[FEES]
        assert share >= 0 and fee >= 0, parts
        if any(each.kind is Kind.RELEASE for each in entries):
            assert share + fee == payment.left.amount, parts
            wanted = payment.left.percent(booking.terms.fee_percent)
            assert abs(fee - wanted.amount) <= len(self.world.chargebacks_of(booking)), parts
        else:
            assert share == fee == 0, parts

    # Chargebacks

    def chargeback_is_booked_once(self, chargeback: Chargeback, entries: list[Transaction]) -> None:
        """What is set aside is in its account, or with the client once it is lost."""
        place, bank = reserve(chargeback.id), gateway_account(chargeback.provider)
        aside = gone = fees = 0
        for entry in entries:
            about = {line.account: line.amount.amount for line in entry.lines}
            aside += about.get(place, 0)
            if place in about:
                gone += about.get(bank, 0)
            elif entry.id.startswith(f"chargeback-fee:{chargeback.id}:"):
                fees += about[bank]
        total = chargeback.reserve.total.amount if chargeback.reserve else 0
        assert (aside, gone) == ((0, total) if chargeback.booked_out else (total, 0)), chargeback
        assert fees == (chargeback.fee.amount if chargeback.fee else 0)
        assert bool(chargeback.reserve) == (chargeback.status is not Status.WON)
        assert chargeback.booked_out == (chargeback.status is Status.LOST)

    def contests_are_the_open_ones(self, booking: Booking) -> None:
        payment, mine = self.world.payment_of(booking), self.world.chargebacks_of(booking)
        undecided = {each.id for each in mine if each.undecided}
        assert set(payment.contested) == undecided
        assert len(payment.contested) == len(undecided)
        aside = sum(each.reserve.paid.amount for each in mine if each.undecided and each.reserve)
        assert (payment.set_aside.amount if payment.set_aside else 0) == aside

    def chargebacks_are_the_providers(self, booking: Booking) -> None:
        """After all work is done."""
        payment = self.world.payment_of(booking)
        ours = {each.id: each for each in self.world.chargebacks_of(booking)}
        asked = self.world.gateway.chargebacks_of(payment.order_id)
        for fact in asked:
            mine = ours[chargeback_id("memory", fact.reference)]
            assert (mine.status, mine.amount, mine.fee) == (fact.status, fact.amount, fact.fee)
            assert mine.reserve is None or mine.reserve.total == fact.amount
        assert len(ours) == len(asked)

    # Settlements

    def settlements_are_kept_once(self) -> None:
        """Each settlement that was read is what its lines sum to, and has each fact once."""
        rows = self.world.seen.rows
        settlements: dict[Any, ProviderSettlement] = rows[f"documents:{SETTLEMENTS.collection}"]
        lines: dict[Any, SettledLine] = rows[f"documents:{SETTLED_LINES.collection}"]
        facts = [(each.kind, each.attempt_id, each.refund_id, each.at) for each in lines.values()]
        assert len(facts) == len(set(facts))
        for each in settlements.values():
            assert each.listed is None or each.listed == each.amount + each.charge, each
