"""The e-mails about withdrawals and payout accounts, to a developer in Spain."""

from __future__ import annotations

from adapters.memory.payouts import REFUSED_NUMBER
from core.policy import DAY
from core.withdrawals_facts import TransferStatus, Why
from ports.mail import Message
from tests.app import CALLER, MemoryApp
from tests.builders.withdrawals import rich_developer, set_account, withdraw


async def every_withdrawal_email() -> dict[str, Message]:
    """By the name of the golden files: 'withdrawals.withdrawal.failed.limit'."""
    app = MemoryApp()
    account, _ = await rich_developer(app)
    changed, opened = app.mailer.sent[-2:]
    found = {
        "withdrawals.payout_account.changed": changed,
        "withdrawals.payout_account.open": opened,
    }
    admin = await app.admin()
    for name, status, why in (
        ("succeeded", TransferStatus.SUCCEEDED, Why.OTHER),
        ("failed.limit", TransferStatus.FAILED, Why.LIMIT),
        ("failed.other", TransferStatus.FAILED, Why.OTHER),
        ("reversed.name", TransferStatus.REVERSED, Why.NAME),
    ):
        asked = await withdraw(app, account, 60_000)
        await app.run()
        found["withdrawals.withdrawal.requested"] = app.mailer.sent[-1]
        app.payouts.settle(asked.id, status, why=why)
        await app.pass_time(DAY)
        found[f"withdrawals.withdrawal.{name}"] = app.mailer.sent[-1]
    asked = await withdraw(app, account, 60_000)
    review = app.services.withdrawal_review
    await review.hold(asked.id, by=admin, caller=CALLER, reason="Which bank is it?")
    await app.run()
    found["withdrawals.withdrawal.held.reason"] = app.mailer.sent[-1]
    await review.refuse(asked.id, by=admin, caller=CALLER, reason="No answer.")
    await app.run()
    found["withdrawals.withdrawal.cancelled.reason"] = app.mailer.sent[-1]
    asked = await withdraw(app, account, 60_000)
    await app.run()
    app.payouts.settle(asked.id, TransferStatus.FAILED, "INSUFFICIENT_BALANCE", why=Why.BALANCE)
    await app.services.withdrawal_sending.settle(asked.id)
    await app.run()
    found["withdrawals.withdrawal.waits"] = app.mailer.sent[-1]
    await app.services.withdrawals.cancel(asked.id, by=account, caller=CALLER)
    await app.run()
    known = await app.store.repositories.accounts.get(account.id)
    changed_now = known.with_changed_credentials(now=app.clock.now())
    await app.store.repositories.accounts.save(changed_now)
    await withdraw(app, account, 60_000)
    await app.run()
    found["withdrawals.withdrawal.held.credentials"] = app.mailer.sent[-1]
    await app.pass_time(DAY)
    found["withdrawals.withdrawal.hold_ended"] = app.mailer.sent[-1]
    app.payouts.bank_says = "A IYER"
    await set_account(app, account, number="50100482170938")
    await app.pass_time(DAY)
    asked = await withdraw(app, account, 60_000)
    await app.run()
    found["withdrawals.withdrawal.held.name"] = app.mailer.sent[-1]
    await review.release(asked.id, by=admin, caller=CALLER)
    await app.run()
    found["withdrawals.withdrawal.released"] = app.mailer.sent[-1]
    app.payouts.bank_says = "R VENKATESH"
    await set_account(app, account, number="50100482170939")
    found["withdrawals.payout_account.refused.name"] = app.mailer.sent[-1]
    await set_account(app, account, number=REFUSED_NUMBER)
    found["withdrawals.payout_account.refused.other"] = app.mailer.sent[-1]
    return found
