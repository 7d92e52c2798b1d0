"""What developers do with their earnings, and what administrators decide about withdrawals."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from core.accounts import Account, AccountId
from core.payout_accounts import Kind
from core.withdrawals import Status
from tests.app import CALLER
from tests.services.machine.acting import Choices
from tests.services.machine.of_providers import ProviderActs

PARTS = (100, 100, 50, 10, 101)
"""How much of what is ready is asked for, in percent."""
BESIDES = ("cancel", "hold", "refuse", "release", "send", "again")


class WithdrawalActs(ProviderActs):
    def asks_for_money(self, pick: Choices) -> bool:
        """Asks, and again with the same key, at the same time as others act."""
        number = pick.below(4) == 3
        account, developer = self.world.earner(number), self.world.developers[number]
        wallet = self.do(self.services.earnings.wallet(developer.id))
        assert wallet
        amount = wallet.balance.available.percent(pick.of(PARTS))
        self.names += 1
        self.payouts.transfers_are_lost |= pick.below(5) == 4
        for _ in range(1 + pick.below(2)):
            self.together(*[
                self.services.withdrawals.request(
                    by=account, caller=CALLER, amount=amount, request_id=f"wd_{self.names + more}"
                )
                for more in range(1 + pick.below(3))
            ])  # fmt: skip
        self.names += 2
        if pick.below(3):
            self.do(self.app.run())
        return True

    def withdrawal_changes(self, pick: Choices) -> bool:
        """Several people decide about one at the same time, while a relay sends it."""
        if not (made := self.world.withdrawals):
            return False
        chosen = pick.recent(made)
        owner = next(each for each in self.world.earners if each.id == chosen.account_id)
        review, by = self.services.withdrawal_review, self.admin
        acts: dict[str, Callable[[], Coroutine[Any, Any, object]]] = {
            "cancel": lambda: self.services.withdrawals.cancel(chosen.id, by=owner, caller=CALLER),
            "hold": lambda: review.hold(chosen.id, by=by, caller=CALLER, reason="Why?"),
            "release": lambda: review.release(chosen.id, by=by, caller=CALLER),
            "refuse": lambda: review.refuse(chosen.id, by=by, caller=CALLER, reason="No."),
            "send": self.services.outbox.run_due,
            "again": self.services.outbox.run_due,
        }
        if chosen.status is Status.HELD and pick.flag():
            self.do(acts["release"]())
            return True
        self.together(*[acts[pick.of(BESIDES)]() for _ in range(1 + pick.below(3))])
        return True

    def credentials_change(self, pick: Choices) -> bool:
        """As a password does: what is asked for then is held for a day, and longer if they change
        again."""
        self.do(self._change_credentials(self.world.earner(pick.below(4) // 3).id))
        return True

    async def _change_credentials(self, account_id: AccountId) -> None:
        accounts = self.world.store.repositories.accounts
        changed = replace(await accounts.get(account_id), credentials_changed_at=self.world.now)
        await accounts.save(changed)

    def payout_account_changes(self, pick: Choices) -> bool:
        number = pick.below(2)
        self.do(
            self.services.payout_accounts.set(
                by=self.world.earner(number), caller=CALLER, kind=Kind.BANK,
                holder=self.world.earner(number).name,
                number=f"5010048217{number + 1}{pick.below(2)}", ifsc="HDFC0000240",
            )
        )  # fmt: skip
        return True

    @property
    def admin(self) -> Account:
        return self.world.admin
