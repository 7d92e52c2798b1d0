"""Chargebacks: the bank of a client questions a payment, and the money waits for its decision."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from adapters.memory.payments import signed
from core.accounts import Account
from core.bookings import Booking
from core.bookings import Status as BookingStatus
from core.chargebacks import Chargeback, Status
from core.developers import Developer
from core.errors import Invalid
from core.findings import FindingKind
from core.jobs import Status as JobStatus
from core.money import Money
from core.money_status import Expected, Place, Why
from core.payments import Status as Paying
from core.payments import UnderChargeback
from core.policy import DAY, HOUR
from core.transactions import reserve
from services.withdrawals import Obstacle
from tests.app import MemoryApp
from tests.builders.chargebacks import chargebacks_of, decide, hear, question
from tests.builders.withdrawals import balance, give_money, rich_developer, withdraw


async def delivered(app: MemoryApp) -> tuple[Account, Developer, Booking]:
    developer = await app.developer()
    client, _ = await app.client()
    job = await app.delivered(client, developer, starts_in=6 * HOUR)
    return client, developer, await app.booking(job.booking_id)


async def released(app: MemoryApp) -> tuple[Account, Developer, Booking]:
    client, developer, booking = await delivered(app)
    assert booking.job_id
    await app.services.jobs.approve((await app.job(booking)).id, by=client.id)
    return client, developer, booking


async def the_chargeback(app: MemoryApp, booking: Booking) -> Chargeback:
    (found,) = await chargebacks_of(app, booking)
    return found


async def test_held_money_is_set_aside_and_cannot_be_released(app: MemoryApp) -> None:
    client, _, booking = await delivered(app)
    await question(app, booking)

    with pytest.raises(UnderChargeback):
        await app.services.jobs.approve((await app.job(booking)).id, by=client.id)

    held = await app.balances()
    chargeback = await the_chargeback(app, booking)
    assert held[reserve(chargeback.id)] == booking.price.amount
    assert f"escrow:{booking.id}" not in held
    status = app.services.money_statuses.of(booking, await app.payment(booking), None, None)
    assert (status.place, status.why) == (Place.SET_ASIDE, Why.CHARGEBACK)
    assert status.next and status.next.expected is Expected.DECIDE_CHARGEBACK
    await app.assert_ledger_balances()


async def test_deadlines_wait_for_the_bank_and_run_at_once_when_it_has_decided(
    app: MemoryApp,
) -> None:
    _, developer, booking = await delivered(app)
    reference = await question(app, booking)

    await app.pass_time(30 * DAY)
    waiting = await app.job(booking)
    await decide(app, booking, reference, Status.WON)

    assert waiting.status is JobStatus.DELIVERED
    assert (await app.job(booking)).status is JobStatus.APPROVED
    assert (await balance(app, developer)).clearing == booking.earning
    await app.assert_ledger_balances()


@pytest.mark.parametrize("accepted", [False, True])
async def test_what_was_to_be_answered_or_delivered_meanwhile_is_refunded_at_once(
    app: MemoryApp, accepted: bool
) -> None:
    developer, (client, _) = await app.developer(), await app.client()
    made = app.confirmed if accepted else app.paid
    booking = await made(client, developer, starts_in=3 * DAY)
    reference = await question(app, booking, booking.price.percent(40))
    await app.pass_time(30 * DAY)

    await decide(app, booking, reference, Status.LOST)

    payment = await app.payment(booking)
    assert (payment.status, payment.left.amount) == (Paying.REFUNDED, 0)
    assert payment.refunded == booking.price - booking.price.percent(40)
    await app.assert_ledger_balances()


async def test_held_money_that_is_lost_ends_the_booking(app: MemoryApp) -> None:
    _, developer, booking = await delivered(app)
    reference = await question(app, booking)

    await decide(app, booking, reference, Status.LOST)
    await app.pass_time(30 * DAY)

    payment = await app.payment(booking)
    assert (payment.status, payment.left, payment.charged_back) == (
        Paying.REFUNDED, Money(0), booking.price,
    )  # fmt: skip
    assert (await app.booking(booking.id)).status is BookingStatus.CANCELLED
    assert (await app.job(booking)).status is JobStatus.CANCELLED
    assert (await balance(app, developer)).total == Money(0)
    assert await app.store.repositories.findings.open() == ()
    await app.assert_ledger_balances()


async def test_a_part_that_is_lost_is_not_released(app: MemoryApp) -> None:
    client, developer, booking = await delivered(app)
    part = Money(booking.price.amount // 4)
    reference = await question(app, booking, part)
    await decide(app, booking, reference, Status.LOST)

    await app.services.jobs.approve((await app.job(booking)).id, by=client.id)

    rest = booking.price - part
    fee = rest.percent(booking.terms.fee_percent)
    assert (await balance(app, developer)).clearing == rest - fee
    assert (await app.balances())["fees"] == fee.amount
    await app.assert_ledger_balances()


async def test_released_money_comes_from_the_developer_and_our_fee(app: MemoryApp) -> None:
    _, developer, booking = await released(app)
    reference = await question(app, booking)
    during = await balance(app, developer)

    await decide(app, booking, reference, Status.LOST)

    assert during.total == Money(0)
    assert (await balance(app, developer)).total == Money(0)
    assert set(await app.balances()) == set()
    payment = await app.payment(booking)
    assert (payment.status, payment.contested) == (Paying.REFUNDED, ())
    await app.assert_ledger_balances()


async def test_what_was_withdrawn_is_owed_and_later_earnings_fill_it(app: MemoryApp) -> None:
    account, developer = await rich_developer(app, 0)
    client, _ = await app.client()
    job = await app.delivered(client, developer, starts_in=6 * HOUR)
    booking = await app.booking(job.booking_id)
    await app.services.jobs.approve(job.id, by=client.id)
    await app.pass_time(8 * DAY)
    await withdraw(app, account, booking.earning.amount)
    await app.run()

    await question(app, booking)
    await app.pass_time(DAY)
    during = await app.services.withdrawals.standing(by=account)
    with pytest.raises(Invalid):
        await withdraw(app, account, 50_000)
    await give_money(app, developer, 30_000)

    after = await balance(app, developer)
    assert during.obstacle is Obstacle.OWED
    assert during.wallet.balance.ready == -booking.earning
    assert (after.available, after.owed) == (Money(0), booking.earning - Money(30_000))
    assert len(app.payouts.transfers) == 1


async def test_more_than_is_there_is_our_loss_and_is_reported(app: MemoryApp) -> None:
    _, developer, booking = await released(app)
    reference = await question(app, booking, booking.price + Money(10_000))

    await decide(app, booking, reference, Status.LOST, fee=Money(50_000))

    held = await app.balances()
    assert (held["chargeback_losses"], held["chargeback_costs"]) == (-10_000, -50_000)
    (finding,) = await app.store.repositories.findings.open()
    assert finding.kind == FindingKind.CHARGEBACK_EXCEEDS
    assert (await balance(app, developer)).total == Money(0)
    await app.assert_ledger_balances()


async def test_a_decision_can_be_taken_to_the_next_instance(app: MemoryApp) -> None:
    _, developer, booking = await released(app)
    reference = await question(app, booking)
    for status in (Status.WON, Status.OPEN, Status.LOST, Status.REVIEW, Status.LOST, Status.WON):
        await decide(app, booking, reference, status)
        await app.assert_ledger_balances()

    assert (await balance(app, developer)).clearing == booking.earning
    assert (await app.payment(booking)).status is Paying.RECEIVED
    steps = [entry.what for entry in await app.store.repositories.timeline.of_booking(booking.id)]
    assert [step for step in steps if step.startswith("chargeback")] == [
        "chargeback_opened", "chargeback_won", "chargeback_opened", "chargeback_lost",
        "chargeback_opened", "chargeback_lost", "chargeback_won",
    ]  # fmt: skip


async def test_a_webhook_is_a_reason_to_ask_and_a_repeat_changes_nothing(app: MemoryApp) -> None:
    _, _, booking = await released(app)
    order_id = await app.order_of(booking)
    app.gateway.question(order_id)
    body = json.dumps({"id": "d1", "order_id": order_id, "kind": "dispute_created"}).encode()

    for _ in range(2):
        await app.services.payments.receive_webhook("memory", signed(body), body)
        await app.run()

    chargeback = await the_chargeback(app, booking)
    assert (chargeback.undecided, chargeback.rounds) == (True, 1)
    await app.assert_ledger_balances()


async def test_an_older_report_changes_nothing(app: MemoryApp) -> None:
    _, _, booking = await released(app)
    reference = await question(app, booking)
    payment = await app.payment(booking)
    (old,) = await app.gateway.fetch_chargebacks(payment.order_id)
    app.clock.advance(HOUR)
    await decide(app, booking, reference, Status.WON)
    won = await the_chargeback(app, booking)

    await app.store.transact(
        lambda repositories: app.services.chargebacks.apply(
            repositories, payment_id=payment.id, fact=old
        )
    )

    assert await the_chargeback(app, booking) == won


async def test_an_unknown_status_moves_nothing_and_is_reported(app: MemoryApp) -> None:
    _, developer, booking = await released(app)
    reference = app.gateway.question(await app.order_of(booking))
    app.gateway.decide(reference, None, said="CHARGEBACK_ON_THE_MOON")

    await hear(app, booking)

    assert await chargebacks_of(app, booking) == []
    (finding,) = await app.store.repositories.findings.open()
    assert finding.kind == FindingKind.UNKNOWN_CHARGEBACK_STATUS
    assert "CHARGEBACK_ON_THE_MOON" in finding.detail
    assert (await balance(app, developer)).clearing == booking.earning


async def test_the_evidence_is_sent_once_and_in_time(app: MemoryApp) -> None:
    _, _, booking = await delivered(app)
    until = app.clock.now() + 5 * DAY
    reference = await question(app, booking, respond_by=until)
    app.gateway.fail_after_commit = True

    await app.pass_time(4 * DAY - timedelta(seconds=1))
    before = app.gateway.evidence_of(reference)
    await app.pass_time(timedelta(minutes=2))
    app.gateway.fail_after_commit = False
    await app.pass_time(HOUR)

    (document,) = app.gateway.evidence_of(reference)
    chargeback = await the_chargeback(app, booking)
    assert before == ()
    assert document.content.startswith(b"%PDF")
    assert (chargeback.status, chargeback.awaits_evidence) == (Status.REVIEW, False)


async def test_evidence_that_the_provider_refuses_is_for_an_operator(app: MemoryApp) -> None:
    _, _, booking = await delivered(app)
    reference = await question(app, booking, respond_by=app.clock.now() + 2 * DAY)
    app.gateway.decide(reference, Status.REVIEW)  # and we do not hear of it

    await app.pass_time(DAY)

    kinds = [each.kind for each in await app.store.repositories.findings.open()]
    assert kinds == [FindingKind.CHARGEBACK_UNDECIDED, FindingKind.EVIDENCE_REFUSED]


async def test_operators_see_it_from_the_opening_to_the_decision(app: MemoryApp) -> None:
    _, _, booking = await delivered(app)
    findings = app.store.repositories.findings
    reference = await question(app, booking, respond_by=app.clock.now() + 2 * DAY)
    (opened,) = await findings.open()
    await decide(app, booking, reference, Status.WON)
    closed = await findings.open()

    await decide(app, booking, reference, Status.OPEN)

    assert opened.kind == FindingKind.CHARGEBACK_UNDECIDED
    assert f"{booking.number}, {booking.price.amount} INR" in opened.detail
    assert "Evidence is due by 2026-" in opened.detail
    assert closed == ()
    assert [each.id for each in await findings.open()] == [opened.id]


async def test_without_a_webhook_the_provider_is_asked_each_day(app: MemoryApp) -> None:
    _, developer, booking = await released(app)
    reference = await question(app, booking)
    app.gateway.decide(reference, Status.WON)

    await app.pass_time(DAY)

    assert (await the_chargeback(app, booking)).status is Status.WON
    assert (await balance(app, developer)).clearing == booking.earning
