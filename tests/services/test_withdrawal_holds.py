"""Withdrawals after a change of the password, the address or the second factor are held."""

from __future__ import annotations

import pytest

from core.accounts import Account
from core.policy import DAY, HOUR, MINUTE
from core.reconciled_withdrawals import waiting
from core.withdrawals import Status, Waiting
from core.withdrawals_messages import EndHold
from services.withdrawals import Decision
from tests.app import CALLER, MemoryApp
from tests.builders.withdrawals import balance, now_of, rich_developer, withdraw

ALL = 1_000_000


async def changed(app: MemoryApp, account: Account) -> None:
    """The second factor is turned off and on again."""
    for on in (False, True):
        await app.services.factors.set_two_factor(account.id, on=on, caller=CALLER)


async def test_a_withdrawal_after_a_change_is_held_for_a_day_and_then_sent_by_itself(
    app: MemoryApp,
) -> None:
    account, developer = await rich_developer(app)
    await changed(app, account)
    until = app.clock.now() + DAY
    await app.pass_time(HOUR)
    standing = await app.services.withdrawals.standing(by=account)

    asked = await withdraw(app, account, ALL)
    await app.pass_time(22 * HOUR)
    held, reserved = await now_of(app, asked), await balance(app, developer)
    calls = list(app.payouts.transfers)
    await app.pass_time(HOUR)

    assert standing.held_until == until
    assert standing.obstacle is None
    assert (held.status, held.waiting, held.next_at) == (Status.HELD, Waiting.CREDENTIALS, until)
    assert (reserved.available.amount, reserved.withdrawing.amount) == (0, ALL)
    assert calls == []
    sent = await now_of(app, asked)
    assert (sent.status, sent.next_at) == (Status.SENT, None)
    subjects = [m.subject for m in app.mailer.sent if m.to == account.email]
    assert sum("is held for a check" in each for each in subjects) == 1
    (mail,) = (m for m in app.mailer.sent if "is held for a check" in m.subject)
    assert "was changed shortly before" in mail.text
    assert await app.store.repositories.findings.open() == ()


async def test_a_day_after_the_change_nothing_is_held(app: MemoryApp) -> None:
    account, _ = await rich_developer(app)
    await changed(app, account)
    await app.pass_time(DAY)

    standing = await app.services.withdrawals.standing(by=account)

    assert standing.held_until is None
    assert (await withdraw(app, account, ALL)).status is Status.REQUESTED


async def test_a_change_while_it_is_held_holds_it_longer(app: MemoryApp) -> None:
    account, _ = await rich_developer(app)
    await changed(app, account)
    asked = await withdraw(app, account, ALL)
    await app.pass_time(20 * HOUR)
    await changed(app, account)
    until = app.clock.now() + DAY

    await app.pass_time(20 * HOUR)
    held = await now_of(app, asked)
    await app.pass_time(4 * HOUR)

    assert (held.status, held.next_at) == (Status.HELD, until)
    assert (await now_of(app, asked)).status is Status.SENT
    assert list(app.payouts.transfers) == [asked.id]


async def test_the_owner_takes_it_back(app: MemoryApp) -> None:
    account, developer = await rich_developer(app)
    await changed(app, account)
    asked = await withdraw(app, account, ALL)

    taken = await app.services.withdrawals.cancel(asked.id, by=account, caller=CALLER)
    await app.pass_time(2 * DAY)

    assert (taken.status, taken.next_at) == (Status.CANCELLED, None)
    assert (await balance(app, developer)).available.amount == ALL
    assert app.payouts.transfers == {}


@pytest.mark.parametrize(
    ("decision", "status"),
    [
        (Decision.RELEASE, Status.SENT),
        (Decision.HOLD, Status.HELD),
        (Decision.REFUSE, Status.CANCELLED),
    ],
)
async def test_an_operator_decides_before_its_time_is_over(
    app: MemoryApp, decision: Decision, status: Status
) -> None:
    account, _ = await rich_developer(app)
    await changed(app, account)
    admin, asked = await app.admin(), await withdraw(app, account, ALL)

    decide = getattr(app.services.withdrawal_review, decision.value)
    await decide(asked.id, by=admin, caller=CALLER, reason="Is it you?")
    await app.pass_time(2 * DAY)

    after = await now_of(app, asked)
    assert (after.status, after.next_at) == (status, None)
    assert list(app.payouts.transfers) == [asked.id] * (decision is Decision.RELEASE)


async def test_the_first_withdrawal_to_an_uncertain_name_waits_for_a_person_all_the_same(
    app: MemoryApp,
) -> None:
    app.payouts.bank_says = "A IYER"
    account, _ = await rich_developer(app)
    await changed(app, account)
    asked = await withdraw(app, account, ALL)

    await app.pass_time(2 * DAY)

    held = await now_of(app, asked)
    assert (held.status, held.waiting) == (Status.HELD, Waiting.FIRST_TO_ACCOUNT)


async def test_a_hold_that_should_have_ended_is_ended_by_the_reconciliation(
    app: MemoryApp,
) -> None:
    account, _ = await rich_developer(app)
    await changed(app, account)
    held = await withdraw(app, account, ALL)
    assert held.next_at

    in_time = list(waiting(held, now=held.next_at + HOUR))
    (late,) = waiting(held, now=held.next_at + HOUR + MINUTE)

    assert in_time == []
    assert (late.kind, late.repair) == ("withdrawal_not_sent", EndHold(held.id))
