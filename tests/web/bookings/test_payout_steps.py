"""The timeline of a booking tells its developer what became of the released money."""

from __future__ import annotations

from dataclasses import replace

from core.bookings import Booking
from core.developers import Developer
from core.policy import DAY
from core.withdrawals import Status, WithdrawalId
from services.withdrawals import WITHDRAWALS
from tests.app import MemoryApp
from tests.builders.withdrawals import stored_withdrawal
from tests.web.site import Browser, app_of


async def released(app: MemoryApp) -> tuple[Booking, Developer, Browser]:
    """A booking whose money was released just now, and a browser of its developer."""
    (client, _), developer = await app.client(), await app.developer("Ananya Iyer")
    job = await app.delivered(client, developer, hours=1)
    await app.services.jobs.approve(job.id, by=client.id)
    await app.run()
    account = await app.store.repositories.accounts.get(developer.account_id)  # type: ignore[arg-type]
    known = replace(account, two_factor=False)
    await app.store.repositories.accounts.save(known)
    browser = Browser(app_of(app))
    await browser.look("/login")
    await browser.log_in(known)
    return await app.booking(job.booking_id), developer, browser


async def timeline(browser: Browser, booking: Booking) -> str:
    _, html = await browser.look(f"/bookings/{booking.id}")
    return " ".join(html.partition('id="tl"')[2].partition("</ol>")[0].split())


async def test_the_steps_from_the_release_to_the_bank(app: MemoryApp) -> None:
    booking, developer, browser = await released(app)
    clears = await timeline(browser, booking)
    await app.pass_time(7 * DAY)
    ready = await timeline(browser, booking)
    made = await stored_withdrawal(app, developer)
    now, documents = app.clock.now(), app.store.repositories.documents(WITHDRAWALS)
    earlier = await timeline(browser, booking)
    waits = await documents.add(
        replace(made, id=WithdrawalId(f"wd_{'9' * 26}"), requested_at=now, next_at=now + DAY)
    )
    tried = await timeline(browser, booking)
    sent = await documents.save(replace(waits, status=Status.SENT, sent_at=now, next_at=None))
    on_its_way = await timeline(browser, booking)
    await documents.save(replace(sent, status=Status.SUCCEEDED, changed_at=now))
    arrived = await timeline(browser, booking)

    assert "Your earning clears" in clears
    assert "is ready to withdraw on" in clears
    for shown in ("ready to withdraw", "You withdraw"):
        assert shown in ready, shown
    assert made.number not in earlier
    assert "It is tried again by itself on" in tried
    assert waits.number in tried
    assert "We ask the payment provider on" in on_its_way
    assert "In your bank" in arrived
    assert "We ask the payment provider on" not in arrived
