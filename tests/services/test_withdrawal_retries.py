"""Transfers that the provider rejects for lack of balance are sent again, and never twice."""

from __future__ import annotations

import json

import pytest

from adapters.memory.payments import signed
from core.accounts import Account
from core.developers import Developer
from core.money import Money
from core.policy import DAY, HOUR, MINUTE
from core.withdrawals import Status, Waiting, Withdrawal
from core.withdrawals_facts import BeneficiaryId, TransferId, TransferStatus, Why
from ports.payouts import Transfer
from tests.app import CALLER, MemoryApp
from tests.builders.withdrawals import balance, now_of, rich_developer, withdraw

ALL = 1_000_000
CODE = "INSUFFICIENT_BALANCE"


async def amounts(app: MemoryApp, developer: Developer) -> tuple[int, int]:
    """Ready and being withdrawn, in paise."""
    found = await balance(app, developer)
    return found.available.amount, found.withdrawing.amount


async def findings(app: MemoryApp) -> list[str]:
    return sorted(each.kind for each in await app.store.repositories.findings.open())


async def rejected(app: MemoryApp) -> tuple[Account, Developer, Withdrawal]:
    """A withdrawal whose first transfer was rejected because the balance was too low."""
    account, developer = await rich_developer(app)
    asked = await withdraw(app, account, ALL)
    await app.run()
    await reject(app, asked)
    return account, developer, await now_of(app, asked)


async def reject(app: MemoryApp, withdrawal: Withdrawal) -> None:
    app.payouts.settle(withdrawal.transfer_id, TransferStatus.FAILED, CODE, why=Why.BALANCE)
    await app.services.withdrawal_sending.settle(withdrawal.id)
    await app.run()


async def test_it_waits_with_its_money_reserved_and_both_sides_know(app: MemoryApp) -> None:
    account, developer, waits = await rejected(app)

    assert (waits.status, waits.waiting) == (Status.REQUESTED, Waiting.BALANCE)
    assert waits.next_at == app.clock.now() + HOUR
    assert waits.can_be_cancelled
    assert await amounts(app, developer) == (0, ALL)
    assert await findings(app) == ["payout_without_balance"]
    (mail,) = (m for m in app.mailer.sent if "waits for the marketplace" in m.subject)
    assert mail.to == account.email
    assert "It is sent again by itself" in mail.text


async def test_it_is_sent_again_under_another_id_and_arrives_once(app: MemoryApp) -> None:
    _, developer, first = await rejected(app)
    await app.pass_time(59 * MINUTE)
    before = list(app.payouts.transfers)

    await app.pass_time(MINUTE)
    sent = await now_of(app, first)
    app.payouts.settle(sent.transfer_id, TransferStatus.SUCCEEDED)
    await app.pass_time(2 * DAY)

    assert before == [first.id]
    assert sent.status is Status.SENT
    assert list(app.payouts.transfers) == [first.id, f"{first.id}_1"]
    assert (await now_of(app, first)).status is Status.SUCCEEDED
    assert app.payouts.paid == Money(ALL)
    assert await amounts(app, developer) == (0, 0)
    assert await findings(app) == []


async def test_it_waits_for_the_balance_that_the_provider_tells(app: MemoryApp) -> None:
    _, _, first = await rejected(app)
    app.payouts.has = Money(ALL - 1)
    await app.pass_time(5 * HOUR)
    waiting, transfers = await now_of(app, first), list(app.payouts.transfers)

    app.payouts.has = Money(ALL)
    await app.pass_time(HOUR)

    assert (waiting.status, waiting.attempt, transfers) == (Status.REQUESTED, 1, [first.id])
    assert waiting.next_at
    assert "withdrawal_not_sent" not in await findings(app)
    assert (await now_of(app, first)).status is Status.SENT
    assert list(app.payouts.transfers) == [first.id, f"{first.id}_1"]


async def test_rejections_repeat_with_one_notice_and_a_new_id_each(app: MemoryApp) -> None:
    account, _, first = await rejected(app)
    for _ in range(2):
        await app.pass_time(HOUR)
        await reject(app, await now_of(app, first))

    again = await now_of(app, first)

    assert (again.status, again.attempt) == (Status.REQUESTED, 3)
    assert list(app.payouts.transfers) == [first.id, f"{first.id}_1", f"{first.id}_2"]
    mails = [m for m in app.mailer.sent if m.to == account.email]
    assert sum("waits for the marketplace" in m.subject for m in mails) == 1
    assert await findings(app) == ["payout_without_balance"]


async def test_a_refusal_of_the_call_itself_waits_as_well(app: MemoryApp) -> None:
    account, developer = await rich_developer(app)
    app.payouts.refuses_transfers, app.payouts.refuses_because = CODE, Why.BALANCE
    asked = await withdraw(app, account, ALL)
    await app.run()
    waits, reserved = await now_of(app, asked), await amounts(app, developer)

    app.payouts.refuses_transfers = ""
    await app.pass_time(HOUR)

    assert (waits.status, waits.waiting, waits.attempt) == (Status.REQUESTED, Waiting.BALANCE, 1)
    assert reserved == (0, ALL)
    assert list(app.payouts.transfers) == [f"{asked.id}_1"]


async def test_while_it_waits_it_can_be_taken_back(app: MemoryApp) -> None:
    account, developer, first = await rejected(app)

    await app.services.withdrawals.cancel(first.id, by=account, caller=CALLER)
    await app.pass_time(2 * DAY)

    assert await amounts(app, developer) == (ALL, 0)
    assert list(app.payouts.transfers) == [first.id]
    assert await findings(app) == []


@pytest.mark.parametrize("heard", [False, True])
@pytest.mark.parametrize("says", [TransferStatus.SUCCEEDED, TransferStatus.PENDING])
async def test_a_provider_that_takes_its_no_back_stops_the_second_transfer(
    app: MemoryApp, says: TransferStatus, heard: bool
) -> None:
    _, developer, first = await rejected(app)
    app.payouts.settle(first.id, says)
    if heard:
        body = json.dumps({"id": "n1", "transfer_id": first.id}).encode()
        await app.services.withdrawal_sending.receive_webhook("memory", signed(body), body)

    await app.pass_time(2 * HOUR)

    held = await now_of(app, first)
    assert (held.status, held.waiting) == (Status.HELD, Waiting.OPERATOR)
    assert list(app.payouts.transfers) == [first.id]
    assert await amounts(app, developer) == (0, ALL)
    assert "payout_contradiction" in await findings(app)


async def test_a_rejected_transfer_that_is_called_reversed_is_as_final(app: MemoryApp) -> None:
    _, _, first = await rejected(app)
    app.payouts.settle(first.id, TransferStatus.REVERSED)

    await app.pass_time(HOUR)

    assert (await now_of(app, first)).status is Status.SENT
    assert list(app.payouts.transfers) == [first.id, f"{first.id}_1"]


async def test_old_news_about_what_was_rejected_change_nothing(app: MemoryApp) -> None:
    _, _, first = await rejected(app)
    await app.pass_time(HOUR)
    body = json.dumps({"id": "n1", "transfer_id": first.id}).encode()

    await app.services.withdrawal_sending.receive_webhook("memory", signed(body), body)
    await app.run()

    sent = await now_of(app, first)
    assert (sent.status, sent.attempt) == (Status.SENT, 1)
    assert await findings(app) == ["payout_without_balance"]


async def test_a_lost_answer_to_the_second_transfer_is_asked_about(app: MemoryApp) -> None:
    _, developer, first = await rejected(app)
    app.payouts.transfers_are_lost = True
    await app.pass_time(HOUR)
    unknown = await now_of(app, first)

    app.payouts.transfers_are_lost = False
    await app.pass_time(DAY)
    app.payouts.settle(unknown.transfer_id, TransferStatus.SUCCEEDED)
    await app.pass_time(DAY)

    assert (unknown.status, unknown.waiting) == (Status.SENT, Waiting.ANSWER)
    assert list(app.payouts.transfers) == [first.id, f"{first.id}_1"]
    assert (await now_of(app, first)).status is Status.SUCCEEDED
    assert await amounts(app, developer) == (0, 0)


async def test_what_a_rejected_transfer_cost_is_ours_beside_that_of_the_next(
    app: MemoryApp,
) -> None:
    app.payouts.fee = Money(100)
    _, _, first = await rejected(app)
    app.payouts.outcome = TransferStatus.SUCCEEDED

    await app.pass_time(HOUR)

    assert (await now_of(app, first)).status is Status.SUCCEEDED
    assert (await app.balances())["transfer_costs"] == -200


# An id that the provider has for something else


@pytest.mark.parametrize("payee", ["ours", "another"])
async def test_an_id_that_stands_for_another_transfer_neither_returns_nor_sends_money(
    app: MemoryApp, payee: str
) -> None:
    account, developer = await rich_developer(app)
    asked = await withdraw(app, account, ALL)
    amount = Money(ALL - 1 if payee == "ours" else ALL)
    other = Transfer(asked.transfer_id, asked.beneficiary, amount, "")
    await app.payouts.send(other)
    if payee == "another":
        app.payouts.changed_payee(asked.id, BeneficiaryId("ben_of_another"))
        app.payouts.settle(asked.id, TransferStatus.FAILED)

    await app.pass_time(2 * DAY)

    kept = await now_of(app, asked)
    assert kept.status is Status.SENT
    assert await amounts(app, developer) == (0, ALL)
    assert list(app.payouts.transfers) == [TransferId(asked.id)]
    assert {"payout_payee_differs", "payout_amount_differs"} & set(await findings(app))
