"""Work that is delivered before the meeting: review, reminders, cancellation, early approval."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.memory.clock import FixedClock
from adapters.memory.store import MemoryStore
from core.accounts import Account, AccountId
from core.bookings import Booking, IllegalTransition, Status
from core.developers import Developer
from core.dispute_parts import OfferId
from core.errors import Conflict
from core.jobs import AutoApprove, Job, RemindToReview
from core.jobs import Status as JobStatus
from core.outbox import NotDueYet, Payload, message
from core.payments import Status as PaymentStatus
from core.policy import DAY, HOUR
from core.timeline import Actor, NextEvent
from core.transactions import clearing
from core.transactions import earnings as ready
from tests.app import MemoryApp

SECOND = timedelta(seconds=1)
IN_23_DAYS = 23 * DAY


async def delivered_early(
    app: MemoryApp, starts_in: timedelta = IN_23_DAYS
) -> tuple[Account, Developer, Booking, Job]:
    """Two hours, delivered at once after they were accepted."""
    meera, _ = await app.client()
    lucia = await app.developer()
    await app.services.developers.update_availability(
        by=lucia.account_id, timezone=lucia.timezone, weekly=lucia.availability.weekly,
        notice_hours=4, horizon_days=60,
    )  # fmt: skip
    job = await app.delivered(meera, lucia, starts_in=starts_in)
    return meera, lucia, await app.booking(job.booking_id), job


async def reminders(app: MemoryApp, client: Account) -> int:
    return sum("review the delivery" in m.subject for m in app.mailer.to(client.email))


async def test_the_money_is_not_released_before_72_hours_after_the_booked_end(
    app: MemoryApp,
) -> None:
    _, _, booking, job = await delivered_early(app)
    due = booking.end + 72 * HOUR

    await app.pass_time(due - SECOND - app.clock.now())
    before = await app.job(booking)
    await app.pass_time(SECOND)

    assert job.approve_by == before.approve_by == due
    assert before.status is JobStatus.DELIVERED
    entries = await app.store.repositories.timeline.of_booking(booking.id)
    assert [(e.actor, e.at) for e in entries if e.what == "approved"] == [(Actor.DEADLINE, due)]


async def test_the_client_is_reminded_24_and_60_hours_after_the_booked_end(app: MemoryApp) -> None:
    meera, _, booking, _ = await delivered_early(app)
    seen = []

    for after in (24 * HOUR - SECOND, 24 * HOUR, 60 * HOUR - SECOND, 60 * HOUR, 80 * HOUR):
        await app.pass_time(booking.end + after - app.clock.now())
        seen.append(await reminders(app, meera))

    assert seen == [0, 1, 1, 2, 2]


async def test_changes_and_a_second_early_delivery_keep_the_review_after_the_meeting(
    app: MemoryApp,
) -> None:
    meera, lucia, booking, job = await delivered_early(app)

    await app.pass_time(2 * DAY)
    changed = await app.services.jobs.request_changes(job.id, by=meera.id, notes="By month.")
    await app.pass_time(2 * DAY)
    again = await app.services.jobs.deliver(job.id, by=lucia.account_id, note="By month.")
    await app.pass_time(booking.end + 72 * HOUR - SECOND - app.clock.now())

    assert (changed.approve_by, changed.deliver_by) == (None, booking.end + 14 * DAY)
    assert again.approve_by == booking.end + 72 * HOUR
    assert (await app.job(booking)).status is JobStatus.DELIVERED


async def test_what_comes_next_has_the_moment_of_the_rule(app: MemoryApp) -> None:
    meera, _, booking, job = await delivered_early(app)
    timeline, due = app.services.timeline, booking.end + 72 * HOUR

    details = await timeline.details(booking.id, by=meera.id)
    (overview,) = await timeline.overviews([booking])

    assert details.next == overview.next == job.next_event == NextEvent("approve", due)


@pytest.mark.parametrize(
    ("steps", "what"),
    [
        ("", "meet"),
        ("deliver", "approve"),
        ("deliver request_changes", "deliver"),
        ("deliver request_changes deliver", "approve"),
        ("deliver approve", "meet"),
    ],
)
async def test_what_comes_next_before_the_meeting_in_each_state_of_the_job(
    app: MemoryApp, steps: str, what: str
) -> None:
    meera, _ = await app.client()
    lucia = await app.developer()
    booking = await app.confirmed(meera, lucia)
    job, jobs = await app.job(booking), app.services.jobs
    for step in steps.split():
        match step:
            case "deliver":
                await jobs.deliver(job.id, by=lucia.account_id, note="Done.")
            case "request_changes":
                await jobs.request_changes(job.id, by=meera.id, notes="More.")
            case _:
                await jobs.approve(job.id, by=meera.id)
    moments = {
        "meet": booking.start,
        "approve": booking.end + 72 * HOUR,
        "deliver": booking.end + 14 * DAY,
    }

    before = await app.services.timeline.overview(booking.id, by=meera.id)
    app.clock.set(booking.start)
    begun = await app.services.timeline.overview(booking.id, by=meera.id)

    assert before.next == NextEvent(what, moments[what])
    after = {"": NextEvent("deliver", moments["deliver"]), "deliver approve": None}
    assert begun.next == after.get(steps, before.next)


@pytest.mark.parametrize("changes", [False, True])
@pytest.mark.parametrize(
    ("notice", "back", "earned", "fee"),
    [
        (24 * HOUR, 480_000, 0, 0),
        (24 * HOUR - SECOND, 240_000, 216_000, 24_000),
        (12 * HOUR, 240_000, 216_000, 24_000),
        (12 * HOUR - SECOND, 0, 432_000, 48_000),
        (SECOND, 0, 432_000, 48_000),
    ],
)
async def test_until_the_start_the_client_cancels_delivered_work_by_the_usual_tiers(
    app: MemoryApp, notice: timedelta, back: int, earned: int, fee: int, changes: bool
) -> None:
    meera, lucia, booking, job = await delivered_early(app)
    if changes:
        await app.services.jobs.request_changes(job.id, by=meera.id, notes="By month.")
    await app.pass_time(booking.start - notice - app.clock.now())

    await app.services.answers.cancel(booking.id, by=meera.id, reason="Moved")
    proposed = (await app.job(booking)).status
    assert proposed is (JobStatus.CANCELLING if back else JobStatus.CANCELLED)
    await app.pass_time(48 * HOUR - SECOND)
    assert (await app.job(booking)).status is proposed
    await app.pass_time(100 * DAY)

    # What was released at once is ready to withdraw by now, the rest is cleared later.
    earnings = clearing(lucia.id) if back else ready(lucia.id)
    moved = {"gateway:memory": back - 480_000, earnings: earned, "fees": fee}
    assert await app.balances() == {account: sum_ for account, sum_ in moved.items() if sum_}
    assert (await app.booking(booking.id)).status is Status.CANCELLED
    assert (await app.job(booking)).status is JobStatus.CANCELLED
    ended = PaymentStatus.REFUNDED if back else PaymentStatus.RECEIVED
    assert (await app.payment(booking)).status is ended
    assert await reminders(app, meera) == 0


async def test_a_developer_who_has_delivered_and_cancels_returns_everything(
    app: MemoryApp,
) -> None:
    _, lucia, booking, _ = await delivered_early(app)
    app.clock.set(booking.start - SECOND)

    await app.services.answers.cancel(booking.id, by=lucia.account_id)
    await app.run()

    assert await app.balances() == {}


async def test_a_booking_that_was_approved_early_is_not_cancelled(app: MemoryApp) -> None:
    meera, lucia, booking, job = await delivered_early(app)
    await app.services.jobs.approve(job.id, by=meera.id)
    await app.run()
    released = await app.balances()

    for account in (meera.id, lucia.account_id):
        with pytest.raises(IllegalTransition, match="money is released"):
            await app.services.answers.cancel(booking.id, by=account)

    assert await app.balances() == released
    assert released[f"clearing:{lucia.id}"] == 432_000


async def test_messages_of_0_1_0_about_an_early_delivery_follow_the_rule_of_today(
    app: MemoryApp,
) -> None:
    """They were due 72, 24 and 60 hours after the delivery."""
    meera, _, booking, job = await delivered_early(app)
    review, now = RemindToReview(job.id, 1), app.clock.now()
    old: list[tuple[Payload, timedelta]] = [
        (AutoApprove(job.id, 1), 72 * HOUR), (review, 24 * HOUR), (review, 60 * HOUR),
    ]  # fmt: skip
    outbox = app.store.repositories.outbox
    ready = [m for m in await outbox.in_state("ready", limit=100) if m.kind.startswith("jobs.")]
    await outbox.cancel(*(m.id for m in ready), now=now)
    await outbox.add(*(message(each, f"old:{after}", due_at=now + after) for each, after in old))

    seen = []
    for after in (-SECOND, 24 * HOUR - SECOND, 24 * HOUR, 72 * HOUR - SECOND, 72 * HOUR):
        await app.pass_time(booking.end + after - app.clock.now())
        seen.append((await reminders(app, meera), (await app.job(booking)).status))

    waiting, done = JobStatus.DELIVERED, JobStatus.APPROVED
    assert seen == [(0, waiting), (0, waiting), (1, waiting), (1, waiting), (1, done)]


async def test_the_mails_about_a_delivery_say_when_the_review_ends_and_why(app: MemoryApp) -> None:
    meera, lucia, _, job = await delivered_early(app, 3 * DAY)
    await app.services.jobs.request_changes(job.id, by=meera.id, notes="By month.")
    await app.pass_time(4 * DAY)
    await app.services.jobs.deliver(job.id, by=lucia.account_id, note="By month.")
    await app.run()
    developer = await app.store.repositories.accounts.get(AccountId(lucia.account_id))

    for reader, can_cancel in ((meera, "you can"), (developer, "both of you can")):
        early, late = (
            m.text.replace("\N{NO-BREAK SPACE}", " ")
            for m in app.mailer.to(reader.email)
            if "delivered:" in m.subject
        )
        assert "answer by Sun 29 Nov 2026, 13:30 IST, 72 hours after the booked time, the" in early
        assert "You have not met yet: you meet on Thu 26 Nov 2026, 11:30 to 13:30 IST." in early
        assert f"Until the start, {can_cancel} still cancel" in early
        assert "answer by Mon 30 Nov 2026, 11:30 IST, 72 hours after the delivery, the" in late
        assert "You have not met yet" not in late


async def test_the_mails_after_an_early_approval_name_the_meeting_that_is_ahead(
    app: MemoryApp,
) -> None:
    meera, lucia, _, job = await delivered_early(app, 3 * DAY)
    await app.services.jobs.approve(job.id, by=meera.id)
    await app.run()
    developer = await app.store.repositories.accounts.get(AccountId(lucia.account_id))

    for reader in (meera, developer):
        text = app.mailer.to(reader.email)[-1].text
        assert "You still meet at the booked time." in text
        assert "The booking is complete." not in text


async def test_the_deadline_says_when_it_is_due(app: MemoryApp) -> None:
    _, _, booking, job = await delivered_early(app)
    app.clock.set(booking.end)
    with pytest.raises(NotDueYet) as early:
        await app.services.jobs.auto_approve(AutoApprove(job.id, 1))
    assert early.value.until == booking.end + 72 * HOUR


@pytest.mark.parametrize("other", ["approve", "auto_approve", "deliver"])
async def test_of_cancelling_and_another_step_at_once_exactly_one_wins(
    app: MemoryApp, other: str
) -> None:
    """With conflicts and pauses of different length, and for the deadline with a clock that runs
    ahead: two steps find the booking open, and whoever commits second sees that it is not."""
    assert isinstance(app.store, MemoryStore)
    meera, _ = await app.client()
    lucia = await app.developer()
    winners = Counter[str]()
    for n in range(40):
        booking = await app.confirmed(meera, lucia, starts_in=2 * DAY + n * 3 * HOUR)
        job = await app.job(booking)
        if other != "deliver":
            await app.services.jobs.deliver(job.id, by=lucia.account_id, note="Done.")
        before, app.store.conflicts = await app.balances(), n % 3
        answers = await asyncio.gather(
            after_pauses(n % 7, app.services.answers.cancel(booking.id, by=meera.id)),
            after_pauses(n % 5, step_of(app, other, job, booking, meera, lucia)),
            return_exceptions=True,
        )
        app.store.conflicts = 0
        winners[await winner_of(app, booking, job, other, answers, before)] += 1
    await app.run()

    assert winners["cancelled"] > 3
    assert winners[other] > 3 or other == "deliver"
    assert winners["auto_approve"] + winners["approve"] + winners["cancelled"] == 40


async def after_pauses(pauses: int, work: Awaitable[object]) -> object:
    for _ in range(pauses):
        await asyncio.sleep(0)
    return await work


def step_of(
    app: MemoryApp, what: str, job: Job, booking: Booking, client: Account, developer: Developer
) -> Awaitable[object]:
    jobs = app.services.jobs
    match what:
        case "approve":
            return jobs.approve(job.id, by=client.id)
        case "deliver":
            return jobs.deliver(job.id, by=developer.account_id, note="Done.")
        case _:
            ahead = FixedClock(booking.end + 72 * HOUR)
            return replace(jobs, clock=ahead).auto_approve(AutoApprove(job.id, 1))


async def winner_of(
    app: MemoryApp,
    booking: Booking,
    job: Job,
    other: str,
    answers: tuple[object, object],
    before: dict[str, int],
) -> str:
    """What happened, once everything else has been found to agree with it."""
    cancelled, answer = answers
    assert all(isinstance(x, Conflict) for x in answers if isinstance(x, BaseException))
    job = await app.job(booking)
    if job.status is JobStatus.CANCELLING:  # proposed, since it was delivered
        proposed = await app.services.disputes.of_job(job.id)
        assert proposed
        by = booking.developer.account_id
        await app.services.offers.accept(proposed.id, OfferId("ofr_1"), by=by)
    booking, job = await app.booking(booking.id), await app.job(booking)
    await app.run()
    changed = Counter(await app.balances())
    changed.subtract(before)
    moved = {account: amount for account, amount in changed.items() if amount}
    escrow, payment = f"escrow:{booking.id}", await app.payment(booking)
    if booking.status is Status.CANCELLED:
        assert isinstance(cancelled, Booking)
        assert job.status is JobStatus.CANCELLED
        assert other == "deliver" or answer is None or isinstance(answer, Conflict)
        assert payment.status is PaymentStatus.REFUNDED
        assert moved == {escrow: -480_000, "gateway:memory": 480_000}
        return "cancelled"
    assert isinstance(cancelled, Conflict)
    assert (booking.status, job.status) == (Status.COMPLETED, JobStatus.APPROVED)
    assert payment.status is PaymentStatus.RECEIVED
    earnings = {f"clearing:{booking.developer.id}": 432_000, "fees": 48_000}
    assert moved == {escrow: -480_000, **earnings}
    return other
