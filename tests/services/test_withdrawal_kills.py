"""A process is killed at each crossing of the database and of the payout provider while money is
withdrawn: it leaves once, it comes back once, and no withdrawal is left undone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from adapters.memory.clock import FixedClock
from adapters.memory.payouts import MemoryPayouts
from core.accounts import Account, AccountId
from core.money import Money
from core.policy import DAY, HOUR
from core.withdrawals import GIVEN_BACK, Status, WithdrawalId
from core.withdrawals_facts import TransferStatus, Why
from services.bootstrap import CAPABILITIES
from services.shared.capabilities import documents_of
from tests.app import CALLER, MONDAY, MemoryApp
from tests.builders.withdrawals import balance, rich_developer, set_account
from tests.services.test_dispute_kills import KillableStore, Killed

ALL, PART = 1_000_000, 600_000
KEY = WithdrawalId("wd_of_the_key")
CALLS = ("register", "find_beneficiary", "send", "find_transfer")


def crossing(payouts: MemoryPayouts, cross: Callable[[], None]) -> None:
    """Each call of the provider is crossed twice: before it has arrived, and before its answer."""

    def wrapped(call: Callable[[Any], Awaitable[Any]]) -> Callable[[Any], Awaitable[Any]]:
        async def crossed(argument: Any) -> Any:
            cross()
            answer = await call(argument)
            cross()
            return answer

        return crossed

    for name in CALLS:
        setattr(payouts, name, wrapped(getattr(payouts, name)))


async def prepared() -> tuple[KillableStore, MemoryApp, Account]:
    clock = FixedClock(MONDAY)
    store = KillableStore(clock, documents=documents_of(CAPABILITIES))
    app = MemoryApp(clock=clock, store=store)
    account, _ = await rich_developer(app, ALL)
    crossing(app.payouts, store.cross)
    return store, app, account


async def ask_and_send(app: MemoryApp, account: Account) -> None:
    """As a client does that repeats its request until it has an answer."""
    await app.services.withdrawals.request(
        by=account, caller=CALLER, amount=Money(PART), request_id=KEY
    )
    await app.run()


async def arrive(app: MemoryApp, account: Account) -> None:
    await ask_and_send(app, account)
    if app.payouts.transfers[KEY].status is TransferStatus.PENDING:
        app.payouts.settle(KEY, TransferStatus.SUCCEEDED)
    await app.pass_time(HOUR)


async def fail(app: MemoryApp, account: Account) -> None:
    await ask_and_send(app, account)
    if app.payouts.transfers[KEY].status is TransferStatus.PENDING:
        app.payouts.settle(KEY, TransferStatus.FAILED)
    await app.pass_time(HOUR)


async def come_back(app: MemoryApp, account: Account) -> None:
    await arrive(app, account)
    app.payouts.settle(KEY, TransferStatus.REVERSED)
    await app.pass_time(2 * DAY)


async def send_again(app: MemoryApp, account: Account) -> None:
    """The first transfer is rejected for lack of balance, the second one arrives."""
    await ask_and_send(app, account)
    if app.payouts.transfers[KEY].status is TransferStatus.PENDING:
        app.payouts.settle(KEY, TransferStatus.FAILED, "INSUFFICIENT_BALANCE", why=Why.BALANCE)
    for _ in range(3):
        await app.pass_time(HOUR)
    if app.payouts.transfers[f"{KEY}_1"].status is TransferStatus.PENDING:
        app.payouts.settle(f"{KEY}_1", TransferStatus.SUCCEEDED)
    await app.pass_time(HOUR)


async def hold_and_release(app: MemoryApp, account: Account) -> None:
    await app.services.withdrawals.request(
        by=account, caller=CALLER, amount=Money(PART), request_id=KEY
    )
    admin = replace(account, id=AccountId("acc_of_an_administrator"))
    stored = await app.services.withdrawals.get(KEY, by=account.id)
    if stored.status is Status.REQUESTED and not stored.note and stored.version == 0:
        await app.services.withdrawal_review.hold(KEY, by=admin, caller=CALLER, reason="Why?")
    stored = await app.services.withdrawals.get(KEY, by=account.id)
    if stored.status is Status.HELD:
        await app.services.withdrawal_review.release(KEY, by=admin, caller=CALLER)
    await app.run()


async def take_back(app: MemoryApp, account: Account) -> None:
    await app.services.withdrawals.request(
        by=account, caller=CALLER, amount=Money(PART), request_id=KEY
    )
    await app.services.withdrawals.cancel(KEY, by=account, caller=CALLER)
    await app.run()


async def change_account(app: MemoryApp, account: Account) -> None:
    await set_account(app, account, number="50100482170938")


FLOWS: dict[str, tuple[Callable[[MemoryApp, Account], Awaitable[None]], Status | None]] = {
    "ask and send": (ask_and_send, Status.SENT),
    "arrive": (arrive, Status.SUCCEEDED),
    "fail": (fail, Status.FAILED),
    "come back": (come_back, Status.REVERSED),
    "send again": (send_again, Status.SUCCEEDED),
    "hold and release": (hold_and_release, Status.SENT),
    "take back": (take_back, Status.CANCELLED),
    "change the account": (change_account, None),
}


@pytest.mark.parametrize("flow", sorted(FLOWS))
async def test_killed_anywhere_money_leaves_once_and_comes_back_once(flow: str) -> None:
    run, end = FLOWS[flow]
    store, app, account = await prepared()
    before = store.crossed
    await run(app, account)
    crossings = store.crossed - before
    assert crossings > 20
    step = max(1, crossings // 40)
    for number in range(0, crossings, step):
        store, app, account = await prepared()
        store.left = number
        with pytest.raises(Killed):
            await run(app, account)
        store.left = None

        app.clock.advance(HOUR)  # the leases of the killed relay end
        await run(app, account)
        await app.run()

        await check(app, account, end, number)


async def check(app: MemoryApp, account: Account, end: Status | None, number: int) -> None:
    developer = await app.store.repositories.developers.find_by_account(account.id)
    assert developer
    found = await balance(app, developer)
    await app.assert_running_balances()
    if end is None:
        payee = await app.services.payout_accounts.find(by=account.id)
        assert payee
        assert (payee.destination.ending, payee.state.value) == ("0938", "usable"), number
        return
    stored = await app.services.withdrawals.get(KEY, by=account.id)
    assert stored.status is end, number
    gone = 0 if end in GIVEN_BACK else PART
    reserved = PART if end is Status.SENT else 0
    assert (found.available.amount, found.withdrawing.amount) == (ALL - gone, reserved), number
    sent = {} if end is Status.CANCELLED else {stored.transfer_id, *stored.rejected}
    assert set(app.payouts.transfers) == set(sent), number
    assert stored.attempt == (f"{KEY}_1" in sent), number
    paid = PART if end is Status.SUCCEEDED else 0
    assert app.payouts.paid.amount == paid == (await app.balances()).get("paid_out:memory", 0)
