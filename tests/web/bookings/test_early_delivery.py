"""What both sides see of work that was delivered, or approved, before the meeting."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

import pytest

from core.bookings import Booking, Status
from core.policy import DAY, HOUR, SECOND
from core.transactions import FEES, escrow, gateway
from tests.app import MemoryApp
from tests.web.site import Browser, SiteWithBooking, build_site_with_booking
from web.shared.access import Who

MEETING = "Thu 26 Nov 2026, 11:30 to 13:30 IST"
REVIEW_ENDS = "Sun 29 Nov 2026, 13:30 IST"
SIDES = pytest.mark.parametrize("who", [Who.CLIENT, Who.DEVELOPER])


@dataclass
class EarlySite:
    """A booking on Thursday, whose work is delivered on Monday."""

    site: SiteWithBooking

    @property
    def app(self) -> MemoryApp:
        return self.site.app

    @property
    def page(self) -> str:
        return f"/bookings/{self.site.booking.id}"

    async def deliver(self) -> None:
        await self.app.services.jobs.deliver(
            self.site.job_id,  # type: ignore[arg-type]
            by=self.site.developer.id,
            note="Done.",
        )

    async def approve(self) -> None:
        await self.app.services.jobs.approve(
            self.site.job_id,  # type: ignore[arg-type]
            by=self.site.client.id,
        )

    async def booking(self) -> Booking:
        return await self.app.booking(self.site.booking.id)

    async def text(self, who: Who, path: str) -> str:
        _, html = await (await self.site.browser_for(who)).look(path)
        return plain(html)

    async def json(self, who: Who, path: str, *, expect: int = 200) -> Any:
        browser = await self.site.browser_for(who)
        answer = await browser.ask("GET", f"/api/v1{path}")
        assert answer.status_code == expect
        return await answer.get_json()

    def name_of_other(self, who: Who) -> str:
        return "Lucía" if who is Who.CLIENT else "Meera"


def plain(html: str) -> str:
    """The text of a page, with single spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace(" ,", ",").replace(" .", ".")


@pytest.fixture
async def early() -> EarlySite:
    found = EarlySite(await build_site_with_booking())
    await found.deliver()
    return found


@SIDES
async def test_the_page_says_that_you_have_not_met_and_when_and_why_the_review_ends(
    early: EarlySite, who: Who
) -> None:
    text = await early.text(who, early.page)

    assert f"You have not met yet. You meet on {MEETING}" in text
    assert f"{REVIEW_ENDS}, 72 hours after the booked time" in text
    assert "Without a response, the money is released then, 72 hours" in text
    assert "Cancel the booking" in text


async def test_no_placeholder_is_left_in_the_history(early: EarlySite) -> None:
    text = await early.text(Who.DEVELOPER, early.page)

    assert "Reserved while Meera pays" in text
    assert "{" not in text


async def test_approving_asks_with_the_booked_time(early: EarlySite) -> None:
    _, html = await (await early.site.browser_for(Who.CLIENT)).look(early.page)
    (dialog,) = re.findall(r"<dialog.*?</dialog>", html, re.DOTALL)

    assert f"You have not met yet. You meet on {MEETING}." in plain(dialog)


@pytest.mark.parametrize(("notice", "back"), [(25, "₹4,800.00"), (13, "₹2,400.00"), (1, "₹0.00")])
async def test_the_client_sees_what_cancelling_returns_now(
    early: EarlySite, notice: int, back: str
) -> None:
    early.app.clock.set((await early.booking()).start - notice * HOUR)

    text = await early.text(Who.CLIENT, early.page)

    assert f"Until the start you can still cancel. Now you get {back} back." in text


@SIDES
async def test_after_a_request_for_changes_the_meeting_is_named_and_can_be_cancelled(
    early: EarlySite, who: Who
) -> None:
    await early.app.services.jobs.request_changes(
        early.site.job_id,  # type: ignore[arg-type]
        by=early.site.client.id,
        notes="By month.",
    )

    text = await early.text(who, early.page)

    assert f"You have not met yet. You meet on {MEETING}." in text
    assert "Until the start, both of you can still cancel." in text
    assert "Cancel the booking" in text


@SIDES
async def test_each_delivery_has_its_number_in_the_history(early: EarlySite, who: Who) -> None:
    """Also where the entry of the timeline was written a moment after the delivery."""
    jobs, job = early.app.services.jobs, early.site.job_id
    early.app.clock.advance(HOUR)
    await jobs.request_changes(job, by=early.site.client.id, notes="More.")  # type: ignore[arg-type]
    await early.deliver()
    timeline = early.app.store.repositories.timeline
    for entry in await timeline.of_booking(early.site.booking.id):
        moved = replace(entry, at=entry.at + SECOND)
        timeline.table.put(entry.id, moved)  # type: ignore[attr-defined]

    text = (await early.text(who, early.page)).partition("History and next steps")[2]

    by = "" if who is Who.CLIENT else " by you"
    assert text.index(f"Delivery 1{by} Mon 23 Nov") < text.index(f"Delivery 2{by} Mon 23 Nov")


async def test_during_the_booked_time_the_page_says_so_and_afterwards_nothing(
    early: EarlySite,
) -> None:
    booking = await early.booking()
    early.app.clock.set(booking.start)
    during = await early.text(Who.CLIENT, early.page)
    early.app.clock.set(booking.end)
    after = await early.text(Who.CLIENT, early.page)

    assert f"The booked time has not ended: {MEETING}." in during
    assert "Cancel the booking" not in during
    for words in ("You have not met yet", "The booked time has not ended", "Cancel the booking"):
        assert words not in after
    assert f"{REVIEW_ENDS}, 72 hours after the booked time" in after


async def test_a_delivery_after_the_meeting_is_counted_from_itself() -> None:
    late = EarlySite(await build_site_with_booking())
    booking = await late.booking()
    late.app.clock.set(booking.end + 5 * HOUR)
    await late.deliver()

    text = await late.text(Who.CLIENT, late.page)

    ends = "Sun 29 Nov 2026, 18:30 IST, 72 hours after the delivery"
    assert ends in text


@SIDES
async def test_either_side_cancels_on_the_page_after_a_delivery(early: EarlySite, who: Who) -> None:
    browser = await early.site.browser_for(who)
    _, html = await browser.look(f"{early.page}/cancel")
    form = {"csrf_token": browser.token, "reason": "I travel.", "refund": "480000"}

    answer = await browser.ask("POST", f"{early.page}/cancel", form=form)

    assert "Cancel this booking?" in html
    assert answer.status_code == 303
    if who is Who.CLIENT:  # proposed: the developer can contest it for 48 hours
        assert "can contest the cancellation" in html
        assert (await early.booking()).status is Status.CONFIRMED
        await early.app.pass_time(48 * HOUR)
    assert (await early.booking()).status is Status.CANCELLED
    await early.app.run()
    own = (escrow((await early.booking()).id), gateway(early.app.gateway.name), FEES)
    assert not set(own) & set(await early.app.balances())


@SIDES
async def test_the_api_names_the_moment_of_the_rule(early: EarlySite, who: Who) -> None:
    booking, job = early.site.booking.id, early.site.job_id
    due = {"what": "approve", "at": "2026-11-29T08:00:00Z"}

    one = await early.json(who, f"/bookings/{booking}")
    (listed,) = (await early.json(who, "/bookings"))["items"]
    timeline = await early.json(who, f"/bookings/{booking}/timeline")
    (jobs,) = (await early.json(who, "/jobs"))["items"]
    shown = await early.json(who, f"/jobs/{job}")

    nexts = [each["next"] for each in (one, listed, timeline, jobs, shown)]
    assert nexts == [due] * 5
    assert [jobs["approve_by"], shown["approve_by"]] == [due["at"]] * 2


@SIDES
async def test_what_was_approved_early_is_upcoming_until_its_end(
    early: EarlySite, who: Who
) -> None:
    await early.approve()
    booking = await early.booking()

    seen = []
    for moment in (booking.start - HOUR, booking.start, booking.end - HOUR, booking.end):
        early.app.clock.set(moment)
        seen.append(await sections_with(await early.site.browser_for(who), early.page))

    assert seen == [["Upcoming"], ["Upcoming"], ["Upcoming"], ["Past"]]


async def sections_with(browser: Browser, link: str) -> list[str]:
    """The headings of the dashboard's lists of bookings in which the link stands."""
    _, html = await browser.look("/dashboard")
    parts = re.findall(r"<section[^>]*>\s*<header><h2[^>]*>([^<]+)</h2>(.*?)</section>", html, re.S)
    return [heading for heading, rows in parts if f'href="{link}"' in rows]


@SIDES
async def test_after_an_early_approval_the_meeting_comes_next(early: EarlySite, who: Who) -> None:
    await early.approve()
    booking = early.site.booking.id

    text = await early.text(who, early.page)
    one = await early.json(who, f"/bookings/{booking}")
    timeline = await early.json(who, f"/bookings/{booking}/timeline")
    job = await early.json(who, f"/jobs/{early.site.job_id}")

    assert f"You meet {early.name_of_other(who)} {MEETING}" in text
    meeting = {"what": "meet", "at": "2026-11-26T06:00:00Z"}
    assert [one["next"], timeline["next"], job["next"]] == [meeting] * 3


@SIDES
async def test_after_an_early_approval_nothing_can_be_cancelled(early: EarlySite, who: Who) -> None:
    await early.approve()
    browser = await early.site.browser_for(who)

    text = await early.text(who, f"{early.page}/cancel")
    refused = await early.json(who, f"/bookings/{early.site.booking.id}/cancellation", expect=409)
    form = {"csrf_token": browser.token, "reason": "", "refund": "480000"}
    posted = await browser.ask("POST", f"{early.page}/cancel", form=form)

    assert "This can no longer be cancelled" in text
    assert "the money is released. You still meet at the booked time." in text
    assert refused["code"] == "booking_moved_on"
    assert posted.status_code == 409
    assert (await early.booking()).status is Status.COMPLETED


async def test_released_money_is_not_shown_as_held(early: EarlySite) -> None:
    await early.approve()

    text = await early.text(Who.DEVELOPER, "/dashboard")

    assert "₹0.00 Held by the payment provider" in text


async def test_many_newer_bookings_do_not_hide_one_that_was_approved_early(
    early: EarlySite,
) -> None:
    """It was made long ago, so it is not on the first page of past bookings."""
    await early.approve()
    app, site = early.app, early.site
    developer = await app.services.developers.own_profile(by=site.developer.id)
    for number in range(25):
        app.clock.advance(HOUR / 4)
        held = await app.hold(site.client, developer, starts_in=10 * DAY + number * 3 * HOUR)
        await app.services.bookings.release(held.id, by=site.client.id)

    assert await sections_with(await site.browser_for(Who.CLIENT), early.page) == ["Upcoming"]
