"""One run of the machine: steps by bytes, then quiet weeks, then the books."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from core import bookings, payments
from core.chargebacks import UNDECIDED
from core.chargebacks import Status as ChargebackStatus
from core.outbox import State
from core.payments import PaymentId
from core.policy import DAY
from core.transactions import clearing
from core.withdrawals import Status
from core.withdrawals_facts import TransferStatus
from services.payments import Solution, Solving
from services.payments.ledger import ACTIVITY_OF
from tests.app import CALLER
from tests.services.machine.acting import Choices
from tests.services.machine.invariants import Invariants
from tests.services.machine.of_money import MoneyActs
from tests.services.machine.world import World

BYTES = 10
"""Of each step: two for what it is, the others for its choices."""
EXPECTED_ERRORS = ("GatewayUnavailable(", "PayoutsUnavailable(", "TimeoutError(")
"""Errors a message may fail with: a provider does not answer, or this computer stands still for
longer than a handler may take. All others are defects."""
Act = Callable[["Machine", Choices], bool]
WEIGHTS: dict[Act, int] = {
    MoneyActs.fitting_step: 30,
    MoneyActs.pass_time: 20,
    MoneyActs.next_deadline: 16,
    MoneyActs.relays_run: 6,
    MoneyActs.hold: 12,
    MoneyActs.hold_adjacent: 6,
    MoneyActs.hold_again: 3,
    MoneyActs.pay_and_settle: 12,
    MoneyActs.pay: 8,
    MoneyActs.pay_twice: 6,
    MoneyActs.any_step: 8,
    MoneyActs.at_the_same_time: 8,
    MoneyActs.attempt_ends: 6,
    MoneyActs.webhook_arrives: 8,
    MoneyActs.conditions_change: 12,
    MoneyActs.message_again: 6,
    MoneyActs.dispute_opens: 10,
    MoneyActs.dispute_step: 22,
    MoneyActs.any_dispute_act: 8,
    MoneyActs.dispute_together: 6,
    MoneyActs.dispute_waits: 6,
    MoneyActs.meets_and_claims: 4,
    MoneyActs.cancels_delivered_work: 5,
    MoneyActs.moves: 6,
    MoneyActs.moves_together: 4,
    MoneyActs.moves_to_a_taken_time: 4,
    MoneyActs.asks_for_money: 12,
    MoneyActs.withdrawal_changes: 8,
    MoneyActs.transfer_news: 12,
    MoneyActs.bank_questions: 6,
    MoneyActs.bank_decides: 10,
    MoneyActs.chargeback_is_answered: 3,
    MoneyActs.money_is_settled: 4,
    MoneyActs.pays_on_top: 4,
    MoneyActs.refund_is_decided: 4,
    MoneyActs.refunds_are_refused: 2,
    MoneyActs.stopped_refund_is_solved: 6,
    MoneyActs.suspended_money_is_returned: 3,
    MoneyActs.payout_account_changes: 1,
    MoneyActs.credentials_change: 2,
}
"""How often each act is chosen, in relation to the others."""
BOOKINGS = 6
"""So many are made at most in one run, with the two of its beginning: more would make few steps
about the same booking."""


class Machine(MoneyActs):
    def __init__(self, world: World) -> None:
        world.reset()
        super().__init__(world)
        self.invariants = Invariants(world)

    def run(self, numbers: bytes) -> None:
        """Raises what an invariant or the code raises, with the steps as a note."""
        try:
            for begin in range(0, len(numbers), BYTES):
                self.step(numbers[begin : begin + BYTES])
            self.end()
        except BaseException as error:
            error.add_note("\n".join(self.log))
            raise

    def end(self) -> None:
        self.all_work_completes()
        self.world.run(self.weeks_pass())
        self.check_end()

    def step(self, numbers: bytes) -> None:
        act, pick = ACTS[int.from_bytes(numbers[:2], "big") % len(ACTS)], Choices(numbers[2:])
        few = len(self.world.bookings) < BOOKINGS
        done = (few or act not in MAKE_BOOKINGS) and act(self, pick)
        self.log.append(f"{act.__name__} {pick.taken}")
        if not done and few:
            self.another_booking(pick)
            self.log[-1] = f"another_booking {pick.taken}"
        self.invariants.check()

    def all_work_completes(self) -> None:
        """With available providers, our books are theirs."""
        self.everything_answers()
        self.world.store.conflicts = 0
        for _, fact in self.questions():
            if fact.status is None:  # nothing moves by it, whatever the provider has done
                self.gateway.decide(fact.reference, ChargebackStatus.REVIEW)
        self.world.run(self._complete())
        self.invariants.check()
        self.invariants.books_are_the_providers()

    async def _complete(self) -> None:
        await self.app.run()
        for booking in self.world.bookings:
            await self.app.settle(booking)
            await self.services.chargebacks.refresh(PaymentId(booking.payment_id))
        for each in self.world.withdrawals:
            if each.sent_at:
                await self.services.withdrawal_sending.settle(each.id)
        await self.app.run()

    async def weeks_pass(self) -> None:
        """Providers and operators do their work, and then no dispute is open."""
        self.gateway.refunds_succeed_at_once = True
        self.gateway.finish_refunds()
        await self._banks_decide()
        await self._operators_work()
        for days in (1, 1, 1, 1, 3, 3, 5, 5):
            await self.app.pass_time(days * DAY)
        await self._banks_decide()
        await self._operators_work()
        for _ in range(4):
            await self.app.pass_time(20 * DAY)

    async def _banks_decide(self) -> None:
        for booking, fact in self.questions():
            if fact.status in UNDECIDED:
                self.names += 1
                lost = self.names % 2
                end = ChargebackStatus.LOST if lost else ChargebackStatus.WON
                self.gateway.decide(fact.reference, end)
                await self.services.chargebacks.refresh(PaymentId(booking.payment_id))

    async def _operators_work(self) -> None:
        """Dead messages are retried, refused refunds requested again, withdrawals released, and
        banks decide."""
        for message in self.world.store.messages:
            if message.state is State.DEAD:
                await self.world.store.repositories.outbox.retry(message.id, now=self.world.now)
        again = Solving.checked(Solution.RETRY, reason="It works again.", reference="")
        for booking in self.world.bookings:
            for refund in self.world.payment_of(booking).refunds_stopped:
                await self.services.stopped_refunds.solve(
                    PaymentId(booking.payment_id), refund.id, by=self.admin, caller=CALLER,
                    solving=again,
                )  # fmt: skip
        for each in self.world.withdrawals:
            if each.status is Status.HELD:
                await self.services.withdrawal_review.release(each.id, by=self.admin, caller=CALLER)
        await self.app.run()
        for key, transfer in self.payouts.transfers.items():
            if transfer.status is TransferStatus.PENDING:
                self.payouts.settle(key, TransferStatus.SUCCEEDED)

    def check_end(self) -> None:
        self.invariants.check_all()
        self.invariants.books_are_the_providers()
        self.messages_failed_as_expected()
        for booking in self.world.bookings:
            assert booking.status not in (bookings.Status.HELD, bookings.Status.REQUESTED)
            assert self.world.payment_of(booking).status not in (
                payments.Status.PENDING,
                payments.Status.REFUNDING,
            )
        for dispute in self.world.disputes:
            assert not dispute.open
            booking = self.world.booking(dispute.booking_id)
            if dispute.settlement and not self.invariants.is_divided_by_others(booking):
                assert self.world.payment_of(booking).refunded == dispute.settlement.refund
        for withdrawal in self.world.withdrawals:
            fact = self.payouts.transfers.get(withdrawal.transfer_id)
            status = Status.CANCELLED if fact is None else Status(fact.status.value)
            assert withdrawal.status is status
        if self.world.seen.news:
            self.money_is_audited()

    def messages_failed_as_expected(self) -> None:
        for message in self.world.store.messages:
            if message.last_error:
                assert message.last_error.startswith(EXPECTED_ERRORS), message

    def money_is_audited(self) -> None:
        """Each ledger entry is in the client's audit chain, each share in the developer's."""
        rows = self.world.seen.rows
        recorded = Counter(
            (entry.account_id, entry.key.rpartition(f":{entry.what}:")[0], entry.detail["amount"])
            for entry in rows["audit"].values()
            if entry.what in ACTIVITY_OF.values()
        )
        accounts = {str(each.id): each.account_id for each in rows["clients"].values()}
        accounts |= {str(each.id): each.account_id for each in self.world.developers}
        moved = Counter[tuple[str, str, str]]()
        for entry in self.world.seen.posted:
            if entry.kind not in ACTIVITY_OF:  # no movement between the parties
                continue
            whole = -entry.lines[0].amount.amount
            moved[accounts[entry.client_id or ""], entry.id, str(whole)] += 1
            for line in entry.lines:
                if line.account == clearing(entry.developer_id or ""):
                    share = str(line.amount.amount)
                    moved[accounts[entry.developer_id or ""], entry.id, share] += 1
        assert recorded == moved
        assert self.world.run(self.services.audit.verify_all()).flaws == ()


ACTS: tuple[Act, ...] = tuple(act for act, weight in WEIGHTS.items() for _ in range(weight))
MAKE_BOOKINGS: frozenset[Act] = frozenset(
    {
        MoneyActs.hold,
        MoneyActs.hold_adjacent,
        MoneyActs.moves_together,
        MoneyActs.moves_to_a_taken_time,
    }
)
