"""What a page promises for a time that has failed: the time of the next attempt."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.money_status import Automatic, MoneyStatus
from core.outbox import OutboxMessage, State
from core.policy import DAY, HOUR, MINUTE
from tests.app import MemoryApp


async def status_of(app: MemoryApp, booking_id: str) -> MoneyStatus:
    booking = await app.booking(booking_id)
    payment = await app.payment(booking)
    job = await app.job(booking) if booking.job_id else None
    statuses = app.services.money_statuses
    return await statuses.with_retry(statuses.of(booking, payment, job, None), booking, None)


async def waiting(app: MemoryApp, kind: str) -> list[OutboxMessage]:
    ready = await app.store.repositories.outbox.in_state(State.READY, limit=100)
    return [each for each in ready if each.kind == kind]


async def test_an_approval_that_fails_at_its_time_is_promised_for_the_next_attempt(
    app: MemoryApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    (client, _), developer = await app.client(), await app.developer()
    job = await app.delivered(client, developer)
    before = await status_of(app, job.booking_id)
    assert before.next
    assert before.next.at

    async def breaks(*given: object, **named: object) -> object:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(type(app.store), "transact", breaks)
        app.clock.advance(before.next.at - app.clock.now())
        await app.run()
    (message,) = await waiting(app, "jobs.auto_approve")
    failed = await status_of(app, job.booking_id)

    assert (before.next.automatic, before.next.retry_at) == (Automatic.RELEASE, None)
    assert failed.next
    assert failed.next.at == before.next.at
    assert failed.next.retry_at == message.due_at > app.clock.now()


@pytest.mark.parametrize("away", [5 * MINUTE, 3 * HOUR, 2 * DAY])
async def test_a_question_that_finds_no_provider_keeps_the_time_of_the_next(
    app: MemoryApp, away: timedelta
) -> None:
    (client, _), developer = await app.client(), await app.developer()
    booking = await app.confirmed(client, developer, starts_in=5 * DAY)
    app.gateway.refunds_succeed_at_once = False
    await app.services.answers.cancel(booking.id, by=client.id)
    await app.run()
    app.gateway.down = True

    await app.pass_time(away)

    promised = (await status_of(app, booking.id)).next
    assert promised
    assert promised.automatic is Automatic.ASK_PROVIDER
    assert promised.at in [each.due_at for each in await waiting(app, "payments.poll")]
