"""What providers, the network, relays and the clock do."""

from __future__ import annotations

import json
from datetime import timedelta

from adapters.memory.payments import signed
from core.outbox import OutboxMessage, State
from core.payments_facts import AttemptStatus, RefundStatus
from core.policy import DAY, HOUR, MINUTE
from core.withdrawals_facts import TransferStatus, Why
from tests.services.machine.acting import Choices
from tests.services.machine.of_bookings import OUTCOMES, BookingActs

CONDITIONS = (
    "no faults", "no faults", "provider unavailable", "responses lost", "refunds pending",
    "refunds succeed", "refunds fail", "write conflicts", "payouts unavailable",
    "payout responses lost", "transfers lost",
)  # fmt: skip
TIMES = (
    timedelta(seconds=1), timedelta(seconds=40), 3 * MINUTE, 16 * MINUTE, 19 * MINUTE, 40 * MINUTE,
    2 * HOUR, 5 * HOUR, 12 * HOUR, 25 * HOUR, 2 * DAY, 4 * DAY, 8 * DAY, 15 * DAY, 61 * DAY,
)  # fmt: skip
ENDS = (TransferStatus.SUCCEEDED, TransferStatus.FAILED, TransferStatus.REVERSED)


class ProviderActs(BookingActs):
    def attempt_ends(self, pick: Choices) -> bool:
        """A provider may change a failure to a success."""
        polled = [p for p in map(self.world.payment_of, self.world.bookings) if self.is_polled(p)]
        reported = [facts for facts in map(self.order_of, polled) if facts]
        attempts = [
            attempt.id
            for facts in reported
            for attempt in facts.attempts
            if attempt.status is not AttemptStatus.SUCCESS
        ]
        if not attempts:
            return False
        self.gateway.settle(pick.recent(attempts, 4), pick.of(OUTCOMES))
        return True

    def webhook_arrives(self, pick: Choices) -> bool:
        """A webhook arrives, possibly again; or the client returns to the site."""
        booking, name = pick.recent(self.world.bookings, 5), pick.below(3)
        if name == 0:
            self.do(self.app.settle(booking))
            return True
        order = self.world.payment_of(booking).order_id
        body = json.dumps({"id": f"{order}-{name}", "order_id": order}).encode()
        self.do(self.services.payments.receive_webhook("memory", signed(body), body))
        return True

    def transfer_news(self, pick: Choices) -> bool:
        """The bank decides about a transfer, or the provider rejects it for lack of balance, and a
        webhook may say so. A success may come back, other ends are final."""
        if not (transfers := sorted(self.payouts.transfers)):
            return False
        chosen, end = pick.recent(transfers), pick.of(ENDS)
        now = self.payouts.transfers[chosen].status
        if now is TransferStatus.PENDING:
            rejected = end is TransferStatus.FAILED and pick.flag()
            self.payouts.settle(chosen, end, why=Why.BALANCE if rejected else Why.OTHER)
        elif now is TransferStatus.SUCCEEDED and end is not TransferStatus.SUCCEEDED:
            self.payouts.settle(chosen, TransferStatus.REVERSED)
        if name := pick.below(3):
            body = json.dumps({"id": f"{chosen}-{name}", "transfer_id": chosen}).encode()
            self.do(self.services.withdrawal_sending.receive_webhook("memory", signed(body), body))
        if pick.flag():
            self.do(self.app.run())
        return True

    def conditions_change(self, pick: Choices) -> bool:
        gateway = self.gateway
        match pick.of(CONDITIONS):
            case "no faults":
                self.everything_answers()
                gateway.refunds_succeed_at_once = True
            case "provider unavailable":
                gateway.down = True
            case "responses lost":
                gateway.fail_after_commit = True
            case "refunds pending":
                gateway.refunds_succeed_at_once = False
            case "refunds succeed":
                gateway.finish_refunds()
            case "refunds fail":
                gateway.finish_refunds(RefundStatus.FAILED)
            case "write conflicts":
                self.world.store.conflicts += 2
            case "payouts unavailable":
                self.payouts.down = True
            case "payout responses lost":
                self.payouts.fail_after_commit = True
            case "transfers lost":
                self.payouts.transfers_are_lost = True
        return True

    # The clock and the relays

    def pass_time(self, pick: Choices) -> bool:
        self.world.clock.advance(pick.of(TIMES))
        if pick.below(4):
            self.do(self.app.run())
        return True

    def next_deadline(self, pick: Choices) -> bool:
        """To the second, or one second short of it."""
        due = sorted(each.due_at for each in self.world.store.messages if each.state is State.READY)
        coming = [moment for moment in due if moment > self.world.now]
        if not coming:
            return False
        moment = coming[pick.below(min(8, len(coming)))] - timedelta(seconds=pick.below(3) == 2)
        self.world.clock.set(max(self.world.now, moment))
        if pick.below(4):
            self.do(self.app.run())
        return True

    def relays_run(self, pick: Choices) -> bool:
        self.do(self.app.run())
        return True

    def message_again(self, pick: Choices) -> bool:
        """A relay that was killed after the work, before it marked the message as done."""
        done = [each for each in self.world.store.messages if each.state is State.DONE]
        if not done:
            return False
        self.do(self._handle(pick.recent(done, 12)))
        return True

    async def _handle(self, message: OutboxMessage) -> None:
        await self.services.outbox.handlers[message.kind](message)
