"""What people are told about reviews, in their list, in their preferences and by e-mail."""

from __future__ import annotations

from datetime import timedelta

from tests.plugins.feedback.world import World


async def test_each_notice_is_in_the_list_and_can_be_chosen(world: World) -> None:
    job = await world.approved()
    booking = await world.app.booking(job.booking_id)
    await world.app.pass_time(booking.end - world.app.clock.now())
    await world.app.pass_time(timedelta(days=11))
    await world.from_client(job)
    review = await world.from_developer(job)
    await world.app.run()
    await world.feedback.reply(review.id, by=world.client.id, text="Thanks.")
    await world.app.run()

    of_client = await world.page("/notifications", world.client)
    of_developer = await world.page("/notifications", await world.developer_account())
    preferences = await world.page("/notifications/preferences", world.client)

    for words in ("How was the work with Lucía?", "You have not reviewed Lucía yet"):
        assert words in of_client
    assert "Lucía reviewed you" in of_client
    assert "Meera reviewed you" in of_developer and "Meera replied to your review" in of_developer
    assert "Asked to write one, somebody wrote one, replies" in preferences
    invited = next(m for m in world.app.mailer.to(world.client.email) if "How was" in m.subject)
    assert f"/bookings/{job.booking_id}/review" in invited.text
    mails = [m for m in world.app.mailer.to(world.client.email) if "Lucía reviewed" in m.subject]
    assert len(mails) == 1 and f"/bookings/{job.booking_id}" in mails[0].text
    assert "Well prepared." not in mails[0].text


async def test_the_time_to_write_follows_a_meeting_that_is_moved(world: World) -> None:
    job, moves = await world.approved(), world.app.services.reschedules
    booking = await world.app.booking(job.booking_id)
    start = booking.start + timedelta(days=20)
    await moves.propose(booking.id, by=world.client.id, start=start)
    await moves.accept(booking.id, by=job.developer.account_id)
    await world.from_client(job)
    view = await world.feedback.view(job.id, by=world.client.id)
    assert view

    def asked() -> int:
        mails = world.app.mailer.to(developer.email)
        return sum("How was the work" in mail.subject for mail in mails)

    developer = await world.developer_account()
    await world.app.run()
    moved = await world.feedback.view(job.id, by=world.client.id)
    await world.app.pass_time(booking.end - world.app.clock.now())
    early = asked()
    await world.app.pass_time(view.exchange.closes_at - world.app.clock.now())
    sealed = await world.feedback.view(job.id, by=world.client.id)
    await world.app.pass_time(timedelta(days=6))
    await world.app.pass_time(timedelta(days=14))
    shown = await world.feedback.view(job.id, by=world.client.id)

    assert moved and moved.exchange.closes_at == view.exchange.closes_at + timedelta(days=20)
    assert (early, asked()) == (0, 1)
    assert sealed and sealed.exchange.shown_at is None
    assert shown and shown.exchange.shown_at == moved.exchange.closes_at
