"""Withdrawals: money leaves once, comes back once, and never more than is there."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.memory.payments import signed
from adapters.memory.payouts import REFUSED_NUMBER
from core.accounts import Account
from core.developers import Developer
from core.earnings import Overdrawn
from core.errors import Conflict, Invalid, NotFound
from core.money import Money
from core.payout_accounts import NoPayoutAccount, PayoutAccountNotReady, State
from core.policy import DAY, HOUR, MINUTE, Policies
from core.transactions import escrow
from core.withdrawals import OneADay, Status, Waiting, WithdrawalMovedOn
from core.withdrawals_facts import BeneficiaryId, BeneficiaryStatus, TransferStatus
from core.withdrawals_policy import WithdrawalPolicy
from ports.payments import ForgedWebhook
from services.shared.money_actions import OwnMoney, PreviewOutdated
from services.withdrawals import Decision, Obstacle
from tests.app import CALLER, MemoryApp, memory_app
from tests.builders.withdrawals import (
    balance,
    give_money,
    now_of,
    rich_developer,
    set_account,
    withdraw,
)

ALL = 1_000_000


async def amounts(app: MemoryApp, developer: Developer) -> tuple[int, int, int]:
    """Ready, being withdrawn, owed; in paise."""
    found = await balance(app, developer)
    return found.available.amount, found.withdrawing.amount, found.owed.amount


async def findings(app: MemoryApp) -> list[str]:
    return [each.kind for each in await app.store.repositories.findings.open()]


async def sent_to(app: MemoryApp, account: Account, word: str) -> list[str]:
    """The subjects of e-mails with this word."""
    found = [m.subject for m in app.mailer.sent if m.to == account.email]
    return [subject for subject in found if word in subject]


# The way of the money


async def test_money_is_reserved_at_once_sent_by_the_outbox_and_arrives(app: MemoryApp) -> None:
    account, developer = await rich_developer(app, ALL)

    asked = await withdraw(app, account, 600_000)
    reserved = await amounts(app, developer)
    await app.run()
    sent = await now_of(app, asked)
    app.payouts.settle(asked.id, TransferStatus.SUCCEEDED)
    await app.pass_time(MINUTE)
    arrived = await now_of(app, asked)

    assert (asked.status, sent.status, arrived.status) == (
        Status.REQUESTED, Status.SENT, Status.SUCCEEDED,
    )  # fmt: skip
    assert reserved == (400_000, 600_000, 0)
    assert await amounts(app, developer) == (400_000, 0, 0)
    assert (await app.balances())["paid_out:memory"] == 600_000 == app.payouts.paid.amount
    assert arrived.reference == f"UTR{asked.id}"
    assert await sent_to(app, account, "is in your bank")


async def test_without_any_webhook_polls_find_the_end(app: MemoryApp) -> None:
    account, developer = await rich_developer(app)
    asked = await withdraw(app, account, ALL)
    await app.pass_time(9 * DAY)
    before = await now_of(app, asked)

    app.payouts.settle(asked.id, TransferStatus.FAILED, "BENE_BANK_DECLINED")
    await app.pass_time(DAY)

    after = await now_of(app, asked)
    assert before.status is Status.SENT
    assert (after.status, after.code) == (Status.FAILED, "BENE_BANK_DECLINED")
    assert await amounts(app, developer) == (ALL, 0, 0)


async def test_money_that_failed_is_back_once_whatever_is_repeated(app: MemoryApp) -> None:
    account, developer = await rich_developer(app)
    asked = await withdraw(app, account, ALL)
    await app.run()
    app.payouts.settle(asked.id, TransferStatus.FAILED)

    settle = app.services.withdrawal_sending.settle
    await asyncio.gather(*(settle(asked.id) for _ in range(10)))
    await app.pass_time(2 * HOUR)

    assert await amounts(app, developer) == (ALL, 0, 0)
    assert (await now_of(app, asked)).status is Status.FAILED


async def test_money_that_came_back_days_later_is_in_the_wallet_and_is_not_sent_again(
    app: MemoryApp,
) -> None:
    account, developer = await rich_developer(app)
    app.payouts.outcome = TransferStatus.SUCCEEDED
    asked = await withdraw(app, account, ALL)
    await app.run()
    arrived = await amounts(app, developer)

    app.payouts.settle(asked.id, TransferStatus.REVERSED, "INVALID_ACCOUNT_FAIL")
    await app.pass_time(3 * DAY)
    await app.pass_time(20 * DAY)

    assert arrived == (0, 0, 0)
    assert await amounts(app, developer) == (ALL, 0, 0)
    assert (await now_of(app, asked)).status is Status.REVERSED
    assert list(app.payouts.transfers) == [asked.id]
    assert app.payouts.calls.count("send") == 1
    assert "paid_out:memory" not in await app.balances()


async def test_money_that_comes_back_pays_first_what_is_owed(app: MemoryApp) -> None:
    account, developer = await rich_developer(app)
    app.payouts.outcome = TransferStatus.SUCCEEDED
    asked = await withdraw(app, account, ALL)
    await app.run()
    client, _ = await app.client()
    booking = await app.confirmed(client, developer, starts_in=5 * HOUR)
    await app.store.transact(
        lambda repositories: app.services.earnings.take_back(
            repositories, booking, Money(300_000), to=escrow("given"), fact="chargeback:1"
        )
    )
    owing = await app.services.withdrawals.standing(by=account)

    app.payouts.settle(asked.id, TransferStatus.REVERSED)
    await app.services.withdrawal_sending.settle(asked.id)

    assert (owing.obstacle, owing.wallet.balance.ready) == (Obstacle.OWED, Money(-300_000))
    assert await amounts(app, developer) == (700_000, 0, 0)


async def test_the_cost_of_a_transfer_is_ours_also_when_it_failed(app: MemoryApp) -> None:
    account, developer = await rich_developer(app)
    app.payouts.fee = Money(354)
    asked = await withdraw(app, account, ALL)
    await app.run()
    app.payouts.settle(asked.id, TransferStatus.FAILED)

    await app.pass_time(HOUR)

    assert await amounts(app, developer) == (ALL, 0, 0)
    books = await app.balances()
    assert (books["transfer_costs"], books["paid_out:memory"]) == (-354, 354)


@given(st.lists(st.one_of(st.none(), st.integers(0, 5_000)), min_size=1, max_size=5))
@settings(max_examples=15, deadline=None)
def test_what_the_provider_charges_in_the_end_is_what_is_booked(
    charges: list[int | None],
) -> None:
    """Also what it tells late, changes or gives back, and once for each report."""

    async def story() -> None:
        app = MemoryApp()
        account, developer = await rich_developer(app)
        asked = await withdraw(app, account, ALL)
        await app.run()
        for charge in charges:
            app.payouts.charge(asked.id, None if charge is None else Money(charge))
            app.payouts.settle(asked.id, TransferStatus.REVERSED)
            for _ in range(2):
                await app.services.withdrawal_sending.settle(asked.id)

        told = [charge for charge in charges if charge is not None]
        booked = (await app.balances()).get("transfer_costs", 0)
        assert booked == (-told[-1] if told else 0)
        assert await amounts(app, developer) == (ALL, 0, 0)

    asyncio.run(story())


# Too little money at the provider


async def test_a_withdrawal_waits_for_the_balance_and_is_then_sent_once(app: MemoryApp) -> None:
    account, developer = await rich_developer(app)
    app.payouts.has = Money(ALL - 1)
    asked = await withdraw(app, account, ALL)
    await app.run()
    waiting = await now_of(app, asked)
    await app.pass_time(HOUR)
    assert (waiting.status, waiting.waiting) == (Status.REQUESTED, Waiting.BALANCE)
    assert waiting.can_be_cancelled
    assert app.payouts.transfers == {}

    app.payouts.has = Money(ALL)
    await app.pass_time(DAY)

    assert (await now_of(app, asked)).status is Status.SENT
    assert [each.amount for each in app.payouts.transfers.values()] == [Money(ALL)]
    assert await amounts(app, developer) == (0, ALL, 0)


async def test_a_balance_that_is_not_told_stops_nothing(app: MemoryApp) -> None:
    account, _ = await rich_developer(app)
    app.payouts.has = None
    asked = await withdraw(app, account, ALL)

    await app.run()

    assert (await now_of(app, asked)).status is Status.SENT


async def test_too_little_for_what_is_due_out_is_reported_before_anybody_asks(
    app: MemoryApp,
) -> None:
    await rich_developer(app)
    app.payouts.has = Money(ALL - 1)
    for _ in range(2):
        await app.services.payout_balances.watch()
    (low,) = await app.store.repositories.findings.open()
    assert (low.kind, low.subject) == ("payout_balance_low", "memory")

    app.payouts.has = Money(ALL)
    await app.services.payout_balances.watch()
    assert await findings(app) == []

    app.payouts.has = Money(0)
    await app.services.payout_balances.watch()
    assert await findings(app) == ["payout_balance_low"]


async def test_what_is_asked_for_has_to_be_there_besides(app: MemoryApp) -> None:
    account, _ = await rich_developer(app)
    app.payouts.has = Money(100_000)
    await withdraw(app, account, 400_000)
    await app.run()

    await app.services.payout_balances.watch()

    (low,) = await app.store.repositories.findings.open()
    assert low.detail.startswith("100000 INR are there; 400000 are asked for and 600000 can be")


# A provider that does not answer


async def test_a_lost_answer_never_gives_the_money_back_and_never_sends_twice(
    app: MemoryApp,
) -> None:
    account, developer = await rich_developer(app)
    asked = await withdraw(app, account, ALL)
    original = app.payouts.send

    async def lost(transfer: Any) -> Any:
        app.payouts.fail_after_commit = True
        return await original(transfer)

    app.payouts.send = lost  # type: ignore[method-assign]
    await app.run()
    unknown = await now_of(app, asked)
    in_between = await amounts(app, developer)
    app.payouts.send, app.payouts.fail_after_commit = original, False  # type: ignore[method-assign]
    app.payouts.settle(asked.id, TransferStatus.SUCCEEDED)
    await app.pass_time(HOUR)

    assert (unknown.status, unknown.waiting) == (Status.SENT, Waiting.ANSWER)
    assert in_between == (0, ALL, 0)
    assert (await now_of(app, asked)).status is Status.SUCCEEDED
    assert app.payouts.paid == Money(ALL)
    assert app.payouts.calls.count("send") == 1


async def test_what_is_sent_cannot_be_taken_back_while_the_outcome_is_unknown(
    app: MemoryApp,
) -> None:
    account, developer = await rich_developer(app)
    asked = await withdraw(app, account, ALL)
    await app.run()
    app.payouts.down = True

    with pytest.raises(WithdrawalMovedOn):
        await app.services.withdrawals.cancel(asked.id, by=account, caller=CALLER)
    await app.pass_time(30 * DAY)

    assert await amounts(app, developer) == (0, ALL, 0)


async def test_while_the_provider_is_away_a_withdrawal_waits_and_can_be_taken_back(
    app: MemoryApp,
) -> None:
    account, developer = await rich_developer(app)
    app.payouts.down = True
    asked = await withdraw(app, account, ALL)
    await app.run()
    waiting = await now_of(app, asked)

    await app.services.withdrawals.cancel(asked.id, by=account, caller=CALLER)
    app.payouts.down = False
    await app.pass_time(DAY)

    assert (waiting.status, waiting.waiting) == (Status.REQUESTED, Waiting.PROVIDER)
    assert await amounts(app, developer) == (ALL, 0, 0)
    assert app.payouts.transfers == {}


async def test_it_is_sent_when_the_provider_is_back(app: MemoryApp) -> None:
    account, developer = await rich_developer(app)
    app.payouts.down = True
    asked = await withdraw(app, account, ALL)
    await app.pass_time(5 * HOUR)

    app.payouts.down = False
    await app.pass_time(HOUR)

    assert (await now_of(app, asked)).status is Status.SENT
    assert list(app.payouts.transfers) == [asked.id]
    assert await amounts(app, developer) == (0, ALL, 0)


async def test_a_refused_transfer_has_failed_and_the_money_is_back(app: MemoryApp) -> None:
    account, developer = await rich_developer(app)
    app.payouts.refuses_transfers = "transfer_mode_invalid"
    asked = await withdraw(app, account, ALL)

    await app.run()

    after = await now_of(app, asked)
    assert (after.status, after.code) == (Status.FAILED, "transfer_mode_invalid")
    assert await amounts(app, developer) == (ALL, 0, 0)
    assert await sent_to(app, account, "did not accept")


@pytest.mark.parametrize("status", [BeneficiaryStatus.REFUSED, BeneficiaryStatus.CHECKING])
async def test_a_payee_that_the_provider_no_longer_pays(
    app: MemoryApp, status: BeneficiaryStatus
) -> None:
    account, developer = await rich_developer(app)
    payee = await app.services.payout_accounts.find(by=account.id)
    assert payee
    app.payouts.check(payee.known_as, status)
    asked = await withdraw(app, account, ALL)

    await app.run()

    after = await now_of(app, asked)
    changed = await app.services.payout_accounts.find(by=account.id)
    assert changed
    gone = status is BeneficiaryStatus.REFUSED
    assert after.status is (Status.CANCELLED if gone else Status.REQUESTED)
    assert changed.state is (State.REFUSED if gone else State.USABLE)
    assert await amounts(app, developer) == ((ALL, 0, 0) if gone else (0, ALL, 0))
    assert app.payouts.transfers == {}


# What a provider should not say


@pytest.mark.parametrize(
    ("news", "kind"),
    [
        (TransferStatus.UNKNOWN, "unknown_payout_status"),
        ("amount", "payout_amount_differs"),
        ("payee", "payout_payee_differs"),
        ("contradiction", "payout_contradiction"),
    ],
)
async def test_what_makes_no_sense_moves_nothing_and_is_reported_once(
    app: MemoryApp, news: str, kind: str
) -> None:
    account, developer = await rich_developer(app)
    asked = await withdraw(app, account, ALL)
    await app.run()
    match news:
        case "amount":
            app.payouts.settle(asked.id, TransferStatus.SUCCEEDED)
            app.payouts.changed_amount(asked.id, Money(ALL - 1))
        case "payee":
            app.payouts.settle(asked.id, TransferStatus.FAILED)
            app.payouts.changed_payee(asked.id, BeneficiaryId("ben_of_another"))
        case "contradiction":
            app.payouts.settle(asked.id, TransferStatus.FAILED)
            await app.services.withdrawal_sending.settle(asked.id)
            app.payouts.settle(asked.id, TransferStatus.SUCCEEDED)
        case _:
            app.payouts.settle(asked.id, TransferStatus.UNKNOWN, "SOMETHING_NEW")
    before = await amounts(app, developer)

    for _ in range(3):
        await app.services.withdrawal_sending.settle(asked.id)

    assert await findings(app) == [kind]
    assert await amounts(app, developer) == before


async def hook(app: MemoryApp, transfer: str, name: str = "n1") -> None:
    body = json.dumps({"id": name, "transfer_id": transfer}).encode()
    await app.services.withdrawal_sending.receive_webhook("memory", signed(body), body)


async def test_a_webhook_makes_us_ask_once_however_often_it_comes(app: MemoryApp) -> None:
    account, developer = await rich_developer(app)
    asked = await withdraw(app, account, ALL)
    await app.run()
    app.payouts.settle(asked.id, TransferStatus.SUCCEEDED)
    before = len(app.payouts.calls)

    await asyncio.gather(*(hook(app, asked.id) for _ in range(10)))
    await app.run()

    assert (await now_of(app, asked)).status is Status.SUCCEEDED
    assert len(app.payouts.calls) == before + 1
    assert await amounts(app, developer) == (0, 0, 0)


async def test_a_webhook_is_only_a_hint(app: MemoryApp) -> None:
    """The message says what it likes; the provider's own state counts."""
    account, developer = await rich_developer(app)
    asked = await withdraw(app, account, ALL)
    await app.run()
    body = json.dumps({"id": "n", "transfer_id": asked.id, "kind": "TRANSFER_FAILED"}).encode()

    await app.services.withdrawal_sending.receive_webhook("memory", signed(body), body)
    await app.run()

    assert (await now_of(app, asked)).status is Status.SENT
    assert await amounts(app, developer) == (0, ALL, 0)


async def test_forged_foreign_and_unknown_webhooks(app: MemoryApp) -> None:
    sending = app.services.withdrawal_sending
    with pytest.raises(ForgedWebhook):
        await sending.receive_webhook("memory", {}, b"{}")
    with pytest.raises(NotFound):
        await sending.receive_webhook("nobody", {}, b"{}")

    await hook(app, "wd_not_ours")
    await app.run()

    assert await findings(app) == ["unknown_transfer"]


# Limits


async def test_of_twenty_requests_at_once_one_is_made(any_app: MemoryApp) -> None:
    app = any_app
    account, developer = await rich_developer(app, 150_000)

    answers = await asyncio.gather(
        *(withdraw(app, account, 100_000) for _ in range(20)), return_exceptions=True
    )

    refused = [each for each in answers if isinstance(each, BaseException)]
    assert len(refused) == 19
    assert all(isinstance(each, OneADay | Invalid) for each in refused)
    assert await amounts(app, developer) == (50_000, 100_000, 0)


async def test_the_balance_alone_stops_twenty_requests_that_may_all_be_made() -> None:
    """Without the limit per day, and with the check of the amount passed by all."""
    app = memory_app(policies=Policies(WithdrawalPolicy(withdrawals_per_day=100)))
    account, developer = await rich_developer(app, 550_000)

    answers = await asyncio.gather(
        *(withdraw(app, account, 100_000) for _ in range(20)), return_exceptions=True
    )
    await app.run()

    made = [each for each in answers if not isinstance(each, BaseException)]
    assert len(made) == 5 == len(app.payouts.transfers)
    assert await amounts(app, developer) == (50_000, 500_000, 0)
    assert {type(e) for e in answers if isinstance(e, BaseException)} <= {Invalid, Overdrawn}
    await app.assert_ledger_balances()


async def test_one_a_day_of_the_developers_zone_and_what_was_taken_back_does_not_count(
    app: MemoryApp,
) -> None:
    account, _ = await rich_developer(app)  # it is 11:30 in India
    first = await withdraw(app, account, 100_000)
    with pytest.raises(OneADay):
        await withdraw(app, account, 100_000)
    standing = await app.services.withdrawals.standing(by=account)

    await app.services.withdrawals.cancel(first.id, by=account, caller=CALLER)
    second = await withdraw(app, account, 100_000)
    app.clock.advance(timedelta(hours=12, minutes=29))
    with pytest.raises(OneADay):
        await withdraw(app, account, 100_000)
    app.clock.advance(MINUTE)
    third = await withdraw(app, account, 100_000)

    assert standing.obstacle is Obstacle.TODAY
    assert standing.until == app.clock.now()
    assert (first.day, second.day) == (first.day, first.day) != (third.day, third.day)


@pytest.mark.parametrize("paise", [0, -100, 49_999, ALL + 1])
async def test_an_amount_outside_the_limits_is_refused(app: MemoryApp, paise: int) -> None:
    account, developer = await rich_developer(app)

    with pytest.raises(Invalid):
        await withdraw(app, account, paise)

    assert await amounts(app, developer) == (ALL, 0, 0)


async def test_the_same_request_again_finds_the_first_one(app: MemoryApp) -> None:
    account, developer = await rich_developer(app)
    ask = app.services.withdrawals.request

    answers = [
        await ask(by=account, caller=CALLER, amount=Money(100_000), request_id="wd_key")
        for _ in range(3)
    ]

    assert {each.id for each in answers} == {"wd_key"}
    assert await amounts(app, developer) == (900_000, 100_000, 0)


async def test_withdrawals_of_others_do_not_exist(app: MemoryApp) -> None:
    account, _ = await rich_developer(app)
    asked = await withdraw(app, account, ALL)
    other, _ = await rich_developer(app, ALL, "Ben Okoye")

    with pytest.raises(NotFound):
        await app.services.withdrawals.get(asked.id, by=other.id)
    with pytest.raises(NotFound):
        await app.services.withdrawals.cancel(asked.id, by=other, caller=CALLER)
    with pytest.raises(NotFound):
        await app.services.withdrawals.request(
            by=other, caller=CALLER, amount=Money(ALL), request_id=asked.id
        )


# The payout account


async def test_without_a_ready_account_nothing_is_withdrawn(app: MemoryApp) -> None:
    developer = await app.developer("Ananya Iyer")
    account = await app.store.repositories.accounts.get(developer.account_id)  # type: ignore[arg-type]
    await give_money(app, developer, ALL)
    seen: list[tuple[Obstacle | None, type[Conflict]]] = []

    async def refused(error: type[Conflict]) -> None:
        standing = await app.services.withdrawals.standing(by=account)
        with pytest.raises(error):
            await withdraw(app, account, ALL)
        seen.append((standing.obstacle, error))

    await refused(NoPayoutAccount)
    await set_account(app, account)
    await refused(PayoutAccountNotReady)
    app.payouts.checks_at_once = False
    await set_account(app, account, number="50100482170938")
    app.clock.advance(DAY)
    await refused(PayoutAccountNotReady)
    await set_account(app, account, number=REFUSED_NUMBER)
    await refused(PayoutAccountNotReady)

    assert [obstacle for obstacle, _ in seen] == [
        Obstacle.NO_ACCOUNT, Obstacle.FROZEN, Obstacle.CHECKING, Obstacle.REFUSED,
    ]  # fmt: skip
    assert await amounts(app, developer) == (ALL, 0, 0)


async def test_a_new_account_waits_a_day_and_the_old_withdrawal_keeps_its_way(
    app: MemoryApp,
) -> None:
    account, _ = await rich_developer(app)
    before = await app.services.payout_accounts.find(by=account.id)
    asked = await withdraw(app, account, 100_000)

    after = await set_account(app, account, number="50100482170938")
    await app.run()

    assert before
    assert asked.beneficiary == before.known_as != after.known_as
    assert after.usable_from == app.clock.now() + DAY
    assert len(await sent_to(app, account, "payout account was changed")) == 2
    await app.pass_time(DAY)
    assert len(await sent_to(app, account, "can withdraw to your new")) == 2


async def test_the_same_account_again_does_not_wait_again(app: MemoryApp) -> None:
    account, _ = await rich_developer(app)
    before = await app.services.payout_accounts.find(by=account.id)

    assert await set_account(app, account) == before


async def test_going_back_to_an_account_of_before_waits_again(app: MemoryApp) -> None:
    account, _ = await rich_developer(app)
    await set_account(app, account, number="50100482170938")
    await app.pass_time(2 * DAY)

    again = await set_account(app, account)

    assert (again.state, again.usable_from) == (State.USABLE, app.clock.now() + DAY)


async def test_a_check_that_takes_long_is_asked_about_until_it_has_ended(app: MemoryApp) -> None:
    developer = await app.developer("Ananya Iyer")
    account = await app.store.repositories.accounts.get(developer.account_id)  # type: ignore[arg-type]
    app.payouts.checks_at_once = False
    stored = await set_account(app, account)
    app.payouts.check(stored.beneficiary, BeneficiaryStatus.USABLE, "A IYER")

    await app.pass_time(HOUR)

    checked = await app.services.payout_accounts.find(by=account.id)
    assert (stored.state, stored.number) == (State.CHECKING, "50100482170937")
    assert checked
    assert (checked.state, checked.bank_says, checked.number) == (State.USABLE, "A IYER", "")


async def test_an_account_in_another_name_is_never_used(app: MemoryApp) -> None:
    developer = await app.developer("Ananya Iyer")
    account = await app.store.repositories.accounts.get(developer.account_id)  # type: ignore[arg-type]
    app.payouts.bank_says = "R VENKATESH"

    stored = await set_account(app, account)

    assert (stored.state, stored.refused, stored.number) == (State.REFUSED, "other_name", "")
    assert await sent_to(app, account, "cannot be used")


# Review


async def uncertain(app: MemoryApp) -> tuple[Account, Developer]:
    app.payouts.bank_says = "A IYER"
    return await rich_developer(app)


async def test_the_first_withdrawal_to_an_uncertain_name_is_held_until_a_person_has_looked(
    app: MemoryApp,
) -> None:
    account, developer = await uncertain(app)
    admin = await app.admin()
    asked = await withdraw(app, account, 100_000)
    await app.pass_time(HOUR)
    held = await now_of(app, asked)

    await app.services.withdrawal_review.release(asked.id, by=admin, caller=CALLER)
    await app.run()
    await app.pass_time(DAY)
    second = await withdraw(app, account, 100_000)

    assert (held.status, held.waiting) == (Status.HELD, Waiting.FIRST_TO_ACCOUNT)
    assert (await now_of(app, asked)).status is Status.SENT
    assert second.status is Status.REQUESTED
    assert await amounts(app, developer) == (800_000, 200_000, 0)


async def test_an_operator_holds_with_a_reason_and_refuses(app: MemoryApp) -> None:
    account, developer = await rich_developer(app)
    admin = await app.admin()
    asked = await withdraw(app, account, ALL)
    review = app.services.withdrawal_review

    held = await review.hold(asked.id, by=admin, caller=CALLER, reason="Which bank is this?")
    await app.pass_time(HOUR)
    waiting = await amounts(app, developer)
    await review.refuse(asked.id, by=admin, caller=CALLER, reason="No answer.")
    await app.run()

    after = await now_of(app, asked)
    assert (held.status, held.note) == (Status.HELD, "Which bank is this?")
    assert waiting == (0, ALL, 0)
    assert (after.status, after.note) == (Status.CANCELLED, "No answer.")
    assert await amounts(app, developer) == (ALL, 0, 0)
    assert app.payouts.transfers == {}
    assert await sent_to(app, account, "held for a check")
    texts = [m.text for m in app.mailer.sent if "was not sent" in m.subject]
    assert any("No answer." in text for text in texts)


async def test_what_was_sent_cannot_be_held_or_refused(app: MemoryApp) -> None:
    account, _ = await rich_developer(app)
    admin = await app.admin()
    asked = await withdraw(app, account, ALL)
    await app.run()
    review = app.services.withdrawal_review

    for act in (
        review.hold(asked.id, by=admin, caller=CALLER, reason="Wait."),
        review.refuse(asked.id, by=admin, caller=CALLER, reason="No."),
        review.release(asked.id, by=admin, caller=CALLER),
    ):
        with pytest.raises(WithdrawalMovedOn):
            await act


async def test_a_withdrawal_that_nobody_decides_about_is_reported(app: MemoryApp) -> None:
    account, _ = await uncertain(app)
    await withdraw(app, account, ALL)

    await app.pass_time(3 * DAY)

    assert await findings(app) == ["withdrawal_held_too_long"]


async def test_each_step_is_in_the_audit_trails(app: MemoryApp) -> None:
    account, _ = await rich_developer(app)
    admin = await app.admin()
    asked = await withdraw(app, account, ALL)
    review = app.services.withdrawal_review
    await review.hold(asked.id, by=admin, caller=CALLER, reason="Which bank?")
    await review.release(asked.id, by=admin, caller=CALLER)
    await app.run()
    app.payouts.settle(asked.id, TransferStatus.SUCCEEDED)
    await app.pass_time(HOUR)

    async def trail(of: Account) -> list[str]:
        chain = [each async for each in app.store.repositories.audit.chain(of.id)]
        return [each.what for each in chain if each.what.startswith("withdrawal_")]

    assert await trail(account) == [
        "withdrawal_requested", "withdrawal_held", "withdrawal_released",
        "withdrawal_sent", "withdrawal_succeeded",
    ]  # fmt: skip
    assert await trail(admin) == ["withdrawal_held", "withdrawal_released"]


# What administrators decide


@pytest.mark.parametrize("decision", Decision)
async def test_a_decision_does_what_its_preview_showed_and_the_preview_does_nothing(
    app: MemoryApp, decision: Decision
) -> None:
    account, developer = await rich_developer(app, ALL)
    admin, review = await app.admin(), app.services.withdrawal_review
    asked = await withdraw(app, account, 60_000)
    if decision is Decision.RELEASE:
        await review.hold(asked.id, by=admin, caller=CALLER, reason="Why?")
    before = await amounts(app, developer)
    args = {"by": admin, "caller": CALLER, "reason": "The name differs."}

    shown = await review.preview(decision, asked.id, **args)  # type: ignore[arg-type]
    unchanged = await amounts(app, developer)
    await getattr(review, decision.value)(asked.id, **args, expected=shown.digest)

    lines = {line.account: line.amount.amount for entry in shown.entries for line in entry.lines}
    ready, withdrawing, _ = await amounts(app, developer)
    assert unchanged == before
    assert ready - before[0] == lines.get(f"developer:{developer.id}", 0)
    assert withdrawing - before[1] == lines.get(f"withdrawing:{developer.id}", 0)
    assert [each.account_id for each in shown.told] == [account.id]


@pytest.mark.parametrize("decision", Decision)
async def test_nobody_decides_about_their_own_withdrawal(
    app: MemoryApp, decision: Decision
) -> None:
    account, developer = await rich_developer(app, ALL)
    review, asked = app.services.withdrawal_review, await withdraw(app, account, 60_000)
    before = await amounts(app, developer)
    args = {"by": account, "caller": CALLER, "reason": "It is mine."}

    with pytest.raises(OwnMoney):
        await review.preview(decision, asked.id, **args)  # type: ignore[arg-type]
    with pytest.raises(OwnMoney):
        await getattr(review, decision.value)(asked.id, **args)

    assert await amounts(app, developer) == before
    assert (await now_of(app, asked)).status is Status.REQUESTED


async def test_a_decision_about_what_has_changed_does_nothing(app: MemoryApp) -> None:
    account, developer = await rich_developer(app, ALL)
    admin, review = await app.admin(), app.services.withdrawal_review
    asked = await withdraw(app, account, 60_000)
    args = {"by": admin, "caller": CALLER, "reason": "The name differs."}
    shown = await review.preview(Decision.REFUSE, asked.id, **args)  # type: ignore[arg-type]
    await review.hold(asked.id, **args)  # type: ignore[arg-type]

    with pytest.raises(PreviewOutdated):
        await review.refuse(asked.id, **args, expected=shown.digest)  # type: ignore[arg-type]

    assert (await now_of(app, asked)).status is Status.HELD
    assert (await amounts(app, developer))[1] == 60_000
