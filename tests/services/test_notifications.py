"""A refused mail is not sent again, a deferred one is."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

import pytest

from core.accounts import AccountId, Role
from core.accounts_messages import AccountEmail
from core.accounts_policy import AccountPolicy
from core.outbox import OutboxMessage, State
from core.policy import HOUR, MINUTE
from core.suppressions import Suppression, address_hash
from tests.app import CALLER, PASSWORD, MemoryApp


async def listed(app: MemoryApp, email: str) -> Suppression | None:
    return await app.store.repositories.suppressions.find(email)


async def enqueued_mail(app: MemoryApp) -> OutboxMessage:
    """The first e-mail that waits for a retry."""
    ready = await app.store.repositories.outbox.in_state(State.READY, limit=1000)
    mails = [message for message in ready if message.kind.endswith("mail") and message.attempts]
    return min(mails, key=lambda message: message.due_at)


async def test_a_refused_address_gets_no_mail_until_a_code_arrives_there(
    app: MemoryApp, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    meera, _ = await app.client()
    lucia = await app.developer()
    app.mailer.unknown_addresses.add(meera.email)

    first = await app.paid(meera, lucia)
    suppression = await listed(app, meera.email)
    assert suppression
    assert (suppression.email, suppression.at) == (meera.email, app.clock.now())
    assert await app.run() == 0, "a refused mail is not sent again"

    tried, got = app.mailer.attempts, len(app.mailer.to(meera.email))
    await app.services.answers.accept(first.id, by=lucia.account_id)
    await app.run()
    tried += 1  # that of the developer
    assert app.mailer.attempts == tried, "her mail about the answer is left out"
    assert f"address {address_hash(meera.email)} is suppressed" in caplog.text

    await ask_for_a_code(app, meera.email)
    assert app.mailer.attempts == tried + 1, "what she waits for is tried"
    assert await listed(app, meera.email), "and refused as before"

    app.mailer.unknown_addresses.clear()
    app.clock.advance(15 * MINUTE)
    await ask_for_a_code(app, meera.email)
    assert len(app.mailer.to(meera.email)) == got + 1
    assert await listed(app, meera.email) is None

    second = await app.paid(meera, lucia, starts_in=timedelta(days=5))
    newest = app.mailer.to(meera.email)[-1]
    assert newest.subject == (
        f"You paid ₹4,800.00: Lucía answers next, Sat 28 Nov ({second.number})"
    )
    assert meera.email not in caplog.text


async def ask_for_a_code(app: MemoryApp, email: str) -> None:
    """The message that a request for a code enqueues, run at once."""
    nonce = app.ids.secret()
    email_payload = AccountEmail(
        "code",
        email,
        "UTC",
        purpose="log-in",
        code="verify-email:acc",
        nonce=nonce,
        expires=app.clock.now() + 10 * MINUTE,
    )
    await app.services.outbox.handlers["accounts.mail"].run(email_payload)


async def test_a_second_registration_is_announced_by_mail_though_the_address_was_refused_before(
    app: MemoryApp,
) -> None:
    meera, _ = await app.client()
    await app.store.repositories.suppressions.add(
        Suppression(meera.email, "No such mailbox.", app.clock.now())
    )

    await app.services.accounts.register(
        role=Role.CLIENT, name="Meera", email=meera.email, password=PASSWORD, timezone="UTC",
        caller=CALLER,
    )  # fmt: skip
    await app.run()

    assert app.mailer.to(meera.email)[-1].subject == "You already have an account"
    assert await listed(app, meera.email) is None


async def test_refused_content_suppresses_no_address(app: MemoryApp) -> None:
    """The brief is the client's text; the developer must still get other e-mails."""
    meera, _ = await app.client()
    lucia = await app.developer()
    account = await app.store.repositories.accounts.get(AccountId(lucia.account_id))
    app.mailer.rejected_texts.add("38 seconds")

    booking = await app.paid(meera, lucia)
    assert app.mailer.to(account.email)[1:] == []
    assert await listed(app, account.email) is None
    assert await app.run() == 0, "a refused mail is not sent again"

    await app.services.answers.accept(booking.id, by=lucia.account_id)
    await app.services.answers.cancel(booking.id, by=meera.id)
    await app.run()
    assert "cancelled" in app.mailer.to(account.email)[-1].subject


async def test_a_mail_put_off_is_tried_after_ever_longer_waits_and_arrives_once(
    app: MemoryApp,
) -> None:
    meera, _ = await app.client()
    lucia = await app.developer()
    booking = await app.paid(meera, lucia)
    mailed = len(app.mailer.sent)
    app.mailer.down = True

    await app.services.answers.accept(booking.id, by=lucia.account_id)
    await app.run()
    waits = []
    for _ in range(8):
        due = (await enqueued_mail(app)).due_at
        waits.append(due - app.clock.now())
        await app.pass_time(waits[-1])
    assert waits == sorted(waits)
    assert waits[0] <= timedelta(seconds=1) < 2 * MINUTE < waits[-1]
    assert len(app.mailer.sent) == mailed
    assert await listed(app, meera.email) is None, "to be put off is no refusal"

    app.mailer.down = False
    await app.pass_time(HOUR)
    await app.pass_time(HOUR)
    account = await app.store.repositories.accounts.get(AccountId(lucia.account_id))
    assert sorted(message.to for message in app.mailer.sent[mailed:]) == sorted(
        (meera.email, account.email)
    )


async def test_a_code_that_ended_before_the_server_was_back_is_not_sent(
    app: MemoryApp,
) -> None:
    app.mailer.down = True
    await app.services.accounts.register(
        role=Role.CLIENT, name="Meera", email="m@example.com", password=PASSWORD, timezone="UTC",
        caller=CALLER,
    )  # fmt: skip
    await app.run()
    assert (await enqueued_mail(app)).attempts == 1

    app.mailer.down = False
    await app.pass_time(app.policies[AccountPolicy].code_life)

    assert app.mailer.sent == []
    assert await app.run() == 0


async def test_a_code_is_sent_as_long_as_it_counts(app: MemoryApp) -> None:
    app.mailer.down = True
    await app.services.accounts.register(
        role=Role.CLIENT, name="Meera", email="m@example.com", password=PASSWORD, timezone="UTC",
        caller=CALLER,
    )  # fmt: skip
    await app.run()

    app.mailer.down = False
    await app.pass_time(app.policies[AccountPolicy].code_life - timedelta(seconds=1))

    (message,) = app.mailer.sent
    ends: datetime = app.clock.now() + timedelta(seconds=1)
    assert f"{ends:%H:%M}" in message.text
