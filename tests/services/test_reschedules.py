"""Moving a booking: the hours, the money, the deadlines and who is told, on both stores."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from functools import partial

import pytest

from core.bookings import Booking, HourTaken, NotOffered, Status
from core.developers import DeveloperId
from core.dispute_parts import Reason, WishKind
from core.errors import Conflict, NotFound
from core.jobs import Frozen, JobId
from core.outbox import NotDueYet
from core.payments import PaymentId
from core.policy import DAY, HOUR
from core.reschedules import ExpireProposal, NewTimeTaken, NothingProposed, RescheduleStep
from core.timeline import Actor, MovedTimes
from core.weekly_hours import Window
from ports.extensions import Vetoed
from tests.app import MemoryApp

MONDAYS = (Window(0, 0, 24 * 60),)


async def a_confirmed_booking(app: MemoryApp, **fields: object) -> tuple[Booking, str, str]:
    meera, _ = await app.client("Meera K")
    lucia = await app.developer("Lucia F")
    booking = await app.confirmed(meera, lucia, **fields)
    app.mailer.sent.clear()
    return booking, meera.id, lucia.account_id


async def moved_by_a_day(app: MemoryApp, booking: Booking, client: str, developer: str) -> Booking:
    await app.services.reschedules.propose(booking.id, by=client, start=booking.start + DAY)
    moved = await app.services.reschedules.accept(booking.id, by=developer)
    await app.run()
    return moved


async def hold_at(app: MemoryApp, booking: Booking, start: datetime) -> Booking:
    other, _ = await app.client("Rohan D")
    return (
        await app.services.bookings.hold(
            by=other.id,
            developer_id=DeveloperId(booking.developer.id),
            start=start,
            hours=2,
            brief="Mine.",
        )
    ).booking


async def steps_of(app: MemoryApp, booking: Booking) -> list[str]:
    entries = await app.store.repositories.timeline.of_booking(booking.id)
    return [entry.what for entry in entries if entry.what in set(RescheduleStep)]


def told(app: MemoryApp) -> list[tuple[str, str]]:
    mails = [(m.to, m.subject.replace("\N{NO-BREAK SPACE}", " ")) for m in app.mailer.sent]
    return [(to.partition("-")[0], subject.partition(" (")[0]) for to, subject in mails]


async def test_a_move_frees_the_old_hour_and_books_the_new_one(any_app: MemoryApp) -> None:
    app = any_app
    booking, meera, lucia = await a_confirmed_booking(app)

    moved = await moved_by_a_day(app, booking, meera, lucia)

    assert moved.start == booking.start + DAY
    with pytest.raises(HourTaken):
        await hold_at(app, booking, moved.start)
    assert (await hold_at(app, booking, booking.start)).status is Status.HELD


async def test_a_move_needs_no_payment_and_keeps_price_and_terms(app: MemoryApp) -> None:
    booking, meera, lucia = await a_confirmed_booking(app)
    paid = await app.store.repositories.payments.get(PaymentId(booking.payment_id))

    moved = await moved_by_a_day(app, booking, meera, lucia)

    assert (moved.price, moved.terms, moved.payment_id) == (
        booking.price,
        booking.terms,
        booking.payment_id,
    )
    assert await app.store.repositories.payments.get(PaymentId(booking.payment_id)) == paid


async def test_the_other_side_is_told_of_a_proposal_and_both_of_the_move(app: MemoryApp) -> None:
    booking, meera, lucia = await a_confirmed_booking(app)
    await app.services.reschedules.propose(
        booking.id, by=meera, start=booking.start + DAY, reason="Our release moved."
    )
    await app.run()

    assert told(app) == [("lucia", "Meera asks to move to Fri 27 Nov 2026, 11:30 IST")]
    assert "> Our release moved." in app.mailer.sent[0].text
    app.mailer.sent.clear()

    await app.services.reschedules.accept(booking.id, by=lucia)
    await app.run()
    assert sorted(told(app)) == [
        ("lucia", "Moved to Fri 27 Nov 2026, 11:30 IST: 2 hours with Meera"),
        ("meera", "Moved to Fri 27 Nov 2026, 11:30 IST: 2 hours with Lucia"),
    ]
    entries = await app.store.repositories.timeline.of_booking(booking.id)
    assert [(e.what, e.actor, e.times) for e in entries[-2:]] == [
        (step, actor, MovedTimes(booking.start, booking.start + DAY))
        for step, actor in (("move_proposed", Actor.CLIENT), ("moved", Actor.DEVELOPER))
    ]


@pytest.mark.parametrize("end", ["refuse", "withdraw", "expire"])
async def test_without_acceptance_the_old_time_stays(app: MemoryApp, end: str) -> None:
    booking, meera, lucia = await a_confirmed_booking(app)
    service = app.services.reschedules
    await service.propose(booking.id, by=lucia, start=booking.start + DAY)
    await app.run()
    app.mailer.sent.clear()

    match end:
        case "refuse":
            await service.refuse(booking.id, by=meera)
        case "withdraw":
            await service.withdraw(booking.id, by=lucia)
        case _:
            await app.pass_time(DAY)
    await app.run()

    after = await app.booking(booking.id)
    assert (after.start, after.proposal, after.proposals) == (booking.start, None, 1)
    with pytest.raises(NothingProposed):
        await service.accept(booking.id, by=meera)
    expected = {"refuse": {"lucia"}, "withdraw": {"meera"}, "expire": {"lucia", "meera"}}
    assert {to for to, _ in told(app)} == expected[end]


async def test_the_deadline_of_an_answered_proposal_does_nothing(app: MemoryApp) -> None:
    booking, _, lucia = await a_confirmed_booking(app)
    service = app.services.reschedules
    first = await service.propose(booking.id, by=lucia, start=booking.start + DAY)
    assert first.proposal
    deadline = ExpireProposal(booking.id, first.proposal.key)
    with pytest.raises(NotDueYet):
        await service.expire(deadline)
    await service.withdraw(booking.id, by=lucia)
    second = await service.propose(booking.id, by=lucia, start=booking.start + 2 * DAY)

    await service.expire(deadline)

    assert (await app.booking(booking.id)).proposal == second.proposal


async def test_a_time_that_was_booked_meanwhile_ends_the_proposal(any_app: MemoryApp) -> None:
    app = any_app
    booking, meera, lucia = await a_confirmed_booking(app)
    service = app.services.reschedules
    await service.propose(booking.id, by=meera, start=booking.start + DAY)
    await hold_at(app, booking, booking.start + DAY)
    await app.run()
    app.mailer.sent.clear()

    with pytest.raises(NewTimeTaken):
        await service.accept(booking.id, by=lucia)
    await app.run()

    after = await app.booking(booking.id)
    assert (after.start, after.proposal, after.proposals) == (booking.start, None, 0)
    assert {to for to, _ in told(app)} == {"lucia", "meera"}
    assert await steps_of(app, booking) == ["move_proposed", "move_taken"]


async def test_only_free_times_of_the_calendar_can_be_proposed(app: MemoryApp) -> None:
    booking, meera, lucia = await a_confirmed_booking(app)
    other = await hold_at(app, booking, booking.start + DAY)

    for by in (meera, lucia):
        with pytest.raises(HourTaken):
            await app.services.reschedules.propose(booking.id, by=by, start=other.start - HOUR)
    await app.services.developers.update_availability(
        by=lucia, timezone="Asia/Kolkata", weekly=MONDAYS, notice_hours=4, horizon_days=60
    )
    with pytest.raises(NotOffered):
        await app.services.reschedules.propose(booking.id, by=meera, start=booking.start + 3 * DAY)


async def test_a_booking_can_move_into_a_part_of_its_own_time(app: MemoryApp) -> None:
    booking, meera, lucia = await a_confirmed_booking(app)
    service = app.services.reschedules
    await service.propose(booking.id, by=meera, start=booking.start + HOUR)

    moved = await service.accept(booking.id, by=lucia)

    assert moved.start == booking.start + HOUR
    with pytest.raises(HourTaken):
        await hold_at(app, booking, booking.start + 2 * HOUR)
    assert await hold_at(app, booking, booking.start - HOUR)


async def test_free_times_for_a_move_contain_those_that_overlap_the_booked_one(
    app: MemoryApp,
) -> None:
    booking, _, _ = await a_confirmed_booking(app, hours=2)
    other = await hold_at(app, booking, booking.start + 3 * HOUR)
    find = partial(
        app.services.developers.slots, DeveloperId(booking.developer.id), hours=2, step=2,
        since=booking.start - 2 * HOUR, until=booking.start + 3 * HOUR,
    )  # fmt: skip

    _, for_the_move = await find(moving=booking)
    _, for_others = await find()

    half = HOUR / 2
    own = [booking.start + n * half for n in (-4, -3, -2, -1, 1, 2)]
    assert [slot.start for slot in for_the_move] == own
    assert [slot.start for slot in for_others] == own[:1]
    assert other.start == own[-1] + 2 * HOUR


async def test_a_plugin_can_be_against_the_new_time(app: MemoryApp) -> None:
    booking, meera, _ = await a_confirmed_booking(app)
    app.extensions.veto = "Not at night."

    with pytest.raises(Vetoed, match="Not at night"):
        await app.services.reschedules.propose(booking.id, by=meera, start=booking.start + DAY)

    kept = await app.services.bookings.get(booking.id, by=meera)
    assert (kept.proposal, kept.proposals) == (None, 0)


async def test_strangers_find_nothing_and_a_case_freezes_the_time(app: MemoryApp) -> None:
    booking, meera, lucia = await a_confirmed_booking(app)
    stranger, _ = await app.client("Rohan D")
    service = app.services.reschedules
    with pytest.raises(NotFound):
        await service.propose(booking.id, by=stranger.id, start=booking.start + DAY)
    await service.propose(booking.id, by=meera, start=booking.start + DAY)
    for act in (service.accept, service.refuse, service.withdraw):
        with pytest.raises(NotFound):
            await act(booking.id, by=stranger.id)
    await app.services.disputes.open(
        JobId(booking.job_id or ""), by=meera, reason=Reason.OTHER, wish=WishKind.ALL, text="No."
    )
    with pytest.raises(Frozen):
        await service.accept(booking.id, by=lucia)
    assert (await app.booking(booking.id)).start == booking.start


async def test_a_request_is_moved_and_ends_unanswered_by_its_new_time(app: MemoryApp) -> None:
    meera, _ = await app.client("Meera K")
    lucia = await app.developer("Lucia F")
    booking = await app.paid(meera, lucia)
    near = app.clock.now() + 6 * HOUR
    await app.services.reschedules.propose(booking.id, by=lucia.account_id, start=near)
    moved = await app.services.reschedules.accept(booking.id, by=meera.id)
    assert moved.status is Status.REQUESTED
    assert moved.accept_by == near - 2 * HOUR

    app.clock.set(near - 2 * HOUR)
    await app.run()

    assert (await app.booking(booking.id)).status is Status.CANCELLED


async def test_a_cancellation_after_a_move_refunds_by_the_new_time(app: MemoryApp) -> None:
    booking, meera, lucia = await a_confirmed_booking(app)
    moved = await moved_by_a_day(app, booking, meera, lucia)

    app.clock.set(moved.start - 23 * HOUR)
    await app.services.answers.cancel(booking.id, by=meera)
    await app.run()
    await app.settle(booking)

    payment = await app.store.repositories.payments.get(PaymentId(booking.payment_id))
    assert payment.refunded == booking.price.percent(50)


async def test_work_is_given_up_by_the_new_time(app: MemoryApp) -> None:
    booking, meera, lucia = await a_confirmed_booking(app, starts_in=3 * DAY)
    near = booking.start - DAY
    await app.services.reschedules.propose(booking.id, by=meera, start=near)
    moved = await app.services.reschedules.accept(booking.id, by=lucia)
    app.mailer.sent.clear()

    await app.pass_time(moved.end + 14 * DAY - app.clock.now())

    assert (await app.booking(booking.id)).status is Status.CANCELLED
    reminders = [to for to, subject in told(app) if "deliver" in subject.lower()]
    assert reminders.count("lucia") >= 1


@pytest.mark.parametrize("by", [DAY, -DAY])
async def test_reminders_come_once_and_count_from_the_end_that_holds(
    app: MemoryApp, by: timedelta
) -> None:
    """Of a booking that was moved there and back again."""
    booking, meera, lucia = await a_confirmed_booking(app)
    service = app.services.reschedules
    await service.propose(booking.id, by=meera, start=booking.start + by)
    await service.accept(booking.id, by=lucia)
    await service.propose(booking.id, by=lucia, start=booking.start)
    await service.accept(booking.id, by=meera)
    await app.run()

    reminded = dict[datetime, int]()
    for end in sorted((booking.end, booking.end + by)):
        app.mailer.sent.clear()
        await app.pass_time(end + 7 * DAY - app.clock.now())
        reminded[end] = len(app.mailer.sent)

    assert reminded == {booking.end: 1, booking.end + by: 0}


async def test_a_review_ends_after_the_new_time(app: MemoryApp) -> None:
    booking, meera, lucia = await a_confirmed_booking(app)
    job = await app.job(booking)
    await app.services.jobs.deliver(job.id, by=lucia, note="Early.")
    for start in (booking.start - DAY, booking.start - DAY // 2):
        await app.services.reschedules.propose(booking.id, by=meera, start=start)
        moved = await app.services.reschedules.accept(booking.id, by=lucia)
    ends = moved.end + 72 * HOUR
    assert (await app.job(booking)).approve_by == ends

    app.clock.set(ends)
    await app.run()

    assert (await app.booking(booking.id)).status is Status.COMPLETED


async def test_of_many_answers_at_once_one_counts(any_app: MemoryApp) -> None:
    app = any_app
    booking, meera, lucia = await a_confirmed_booking(app)
    service = app.services.reschedules
    await service.propose(booking.id, by=meera, start=booking.start + DAY)

    outcomes = await asyncio.gather(
        *(service.accept(booking.id, by=lucia) for _ in range(3)),
        *(service.refuse(booking.id, by=lucia) for _ in range(3)),
        service.withdraw(booking.id, by=meera),
        return_exceptions=True,
    )

    assert len([each for each in outcomes if isinstance(each, Booking)]) == 1
    assert {type(e) for e in outcomes if isinstance(e, BaseException)} <= {NothingProposed}
    assert len(await steps_of(app, booking)) == 2


async def test_two_bookings_that_move_to_one_hour_do_not_both_get_it(any_app: MemoryApp) -> None:
    app = any_app
    booking, meera, lucia = await a_confirmed_booking(app)
    second = await hold_at(app, booking, booking.start + 2 * DAY)
    await app.pay(second)
    await app.settle(second)
    service = app.services.reschedules
    goal = booking.start + DAY
    await service.propose(booking.id, by=meera, start=goal)
    await service.propose(second.id, by=second.client.account_id, start=goal + HOUR)

    outcomes = await asyncio.gather(
        service.accept(booking.id, by=lucia),
        service.accept(second.id, by=lucia),
        return_exceptions=True,
    )

    kinds = sorted(type(each).__name__ for each in outcomes)
    assert kinds == ["Booking", "NewTimeTaken"]
    starts = {(await app.booking(each.id)).start for each in (booking, second)}
    assert starts in ({goal, second.start}, {booking.start, goal + HOUR})
    assert not [e for e in outcomes if isinstance(e, BaseException) and not isinstance(e, Conflict)]
