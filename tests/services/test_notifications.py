"""Mail that is refused is given up, mail that is put off is not."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

import pytest

from core.accounts import AccountId, Role
from core.effects import Effect, State
from core.policy import HOUR, MINUTE
from core.suppressions import Suppression, mark
from tests.house import CALLER, PASSWORD, MemoryHouse


async def listed(house: MemoryHouse, email: str) -> Suppression | None:
    return await house.store.books.suppressions.find(email)


async def owed_mail(house: MemoryHouse) -> Effect:
    """The one mail that waits for another try."""
    ready = await house.store.books.effects.in_state(State.READY, limit=1000)
    (mail,) = [effect for effect in ready if effect.kind.endswith(".mail") and effect.attempts]
    return mail


async def test_a_refused_address_gets_no_mail_until_a_code_arrives_there(
    house: MemoryHouse, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    meera, _ = await house.client()
    lucia = await house.developer()
    house.mailer.unknown.add(meera.email)

    first = await house.paid(meera, lucia)
    suppression = await listed(house, meera.email)
    assert suppression
    assert (suppression.email, suppression.at) == (meera.email, house.clock.now())
    assert await house.run() == 0, "a refused mail is not owed any more"

    tried, got = house.mailer.tried, len(house.mailer.to(meera.email))
    await house.services.answers.accept(first.id, by=lucia.account_id)
    await house.run()
    assert house.mailer.tried == tried, "her letter about the answer is left out"
    assert f"address {mark(meera.email)} is suppressed" in caplog.text

    await ask_for_a_code(house, meera.email)
    assert house.mailer.tried == tried + 1, "what she waits for is tried"
    assert await listed(house, meera.email), "and refused as before"

    house.mailer.unknown.clear()
    house.clock.advance(15 * MINUTE)
    await ask_for_a_code(house, meera.email)
    assert len(house.mailer.to(meera.email)) == got + 1
    assert await listed(house, meera.email) is None

    await house.paid(meera, lucia, starts_in=timedelta(days=5))
    assert house.mailer.to(meera.email)[-1].subject == "Paid. Now Lucía has to answer"
    assert meera.email not in caplog.text


async def ask_for_a_code(house: MemoryHouse, email: str) -> None:
    """What is owed when somebody asks for a code, run at once."""
    nonce = house.ids.secret()
    await house.services.effects.handlers["accounts.mail"](
        {
            "letter": "code",
            "purpose": "log-in",
            "zone": "UTC",
            "email": email,
            "code": "verify-email:acc",
            "nonce": nonce,
            "expires": (house.clock.now() + 10 * MINUTE).isoformat(),
        }
    )


async def test_who_registers_again_is_told_so_though_the_address_was_refused(
    house: MemoryHouse,
) -> None:
    meera, _ = await house.client()
    await house.store.books.suppressions.add(
        Suppression(meera.email, "No such mailbox.", house.clock.now())
    )

    await house.services.accounts.register(
        role=Role.CLIENT, name="Meera", email=meera.email, password=PASSWORD, timezone="UTC",
        caller=CALLER,
    )  # fmt: skip
    await house.run()

    assert house.mailer.to(meera.email)[-1].subject == "You already have an account"
    assert await listed(house, meera.email) is None


async def test_words_the_server_dislikes_silence_nobody(house: MemoryHouse) -> None:
    """The client writes the brief; the developer must not lose the other letters by it."""
    meera, _ = await house.client()
    lucia = await house.developer()
    account = await house.store.books.accounts.get(AccountId(lucia.account_id))
    house.mailer.disliked.add("38 seconds")

    booking = await house.paid(meera, lucia)
    assert house.mailer.to(account.email)[1:] == []
    assert await listed(house, account.email) is None
    assert await house.run() == 0, "a refused mail is not owed any more"

    await house.services.answers.accept(booking.id, by=lucia.account_id)
    await house.services.answers.cancel(booking.id, by=meera.id)
    await house.run()
    assert "cancelled" in house.mailer.to(account.email)[-1].subject


async def test_a_mail_put_off_is_tried_after_ever_longer_waits_and_arrives_once(
    house: MemoryHouse,
) -> None:
    meera, _ = await house.client()
    lucia = await house.developer()
    booking = await house.paid(meera, lucia)
    mailed = len(house.mailer.sent)
    house.mailer.down = True

    await house.services.answers.accept(booking.id, by=lucia.account_id)
    await house.run()
    waits = []
    for _ in range(8):
        due = (await owed_mail(house)).due_at
        waits.append(due - house.clock.now())
        await house.pass_time(waits[-1])
    assert waits == sorted(waits)
    assert waits[0] <= timedelta(seconds=1) < 2 * MINUTE < waits[-1]
    assert len(house.mailer.sent) == mailed
    assert await listed(house, meera.email) is None, "to be put off is no refusal"

    house.mailer.down = False
    await house.pass_time(HOUR)
    await house.pass_time(HOUR)
    assert [message.to for message in house.mailer.sent[mailed:]] == [meera.email]


async def test_a_code_that_ended_before_the_server_was_back_is_not_sent(
    house: MemoryHouse,
) -> None:
    house.mailer.down = True
    await house.services.accounts.register(
        role=Role.CLIENT, name="Meera", email="m@example.com", password=PASSWORD, timezone="UTC",
        caller=CALLER,
    )  # fmt: skip
    await house.run()
    assert (await owed_mail(house)).attempts == 1

    house.mailer.down = False
    await house.pass_time(house.policy.code_life)

    assert house.mailer.sent == []
    assert await house.run() == 0


async def test_a_code_is_sent_as_long_as_it_counts(house: MemoryHouse) -> None:
    house.mailer.down = True
    await house.services.accounts.register(
        role=Role.CLIENT, name="Meera", email="m@example.com", password=PASSWORD, timezone="UTC",
        caller=CALLER,
    )  # fmt: skip
    await house.run()

    house.mailer.down = False
    await house.pass_time(house.policy.code_life - timedelta(seconds=1))

    (message,) = house.mailer.sent
    ends: datetime = house.clock.now() + timedelta(seconds=1)
    assert f"{ends:%H:%M}" in message.text
