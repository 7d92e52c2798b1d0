"""The pages and the API of a move: what they show, and what they refuse."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from core.bookings import Booking
from core.policy import DAY, HOUR
from tests.web.bookings.test_early_delivery import plain
from tests.web.site import SiteWithBooking, build_site_with_booking
from web.shared.access import Who

OLD, NEW = "Thu 26 Nov 2026, 11:30", "Fri 27 Nov 2026, 11:30"
Ask = Callable[..., Awaitable[tuple[int, Any]]]


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


@pytest.fixture
def ask(site: SiteWithBooking) -> Ask:
    """Sends a POST to a route below `/bookings/…/reschedule` of the API."""

    async def sent(who: Who, path: str, body: Any) -> tuple[int, Any]:
        browser = await site.browser_for(who)
        url = f"/api/v1/bookings/{site.booking.id}/reschedule{path}"
        headers = {"X-CSRF-Token": browser.token}
        answer = await browser.ask("POST", url, json=body, headers=headers)
        return answer.status_code, await answer.get_json()

    return sent


async def text(site: SiteWithBooking, who: Who, path: str = "") -> str:
    browser = await site.browser_for(who)
    _, html = await browser.look(f"/bookings/{site.booking.id}{path}")
    return plain(html)


async def propose(site: SiteWithBooking, by: str) -> Booking:
    return await site.app.services.reschedules.propose(
        site.booking.id, by=by, start=site.booking.start + DAY, reason="Our <b>release</b> moved."
    )


async def test_a_program_proposes_and_the_other_side_accepts(
    site: SiteWithBooking, ask: Ask
) -> None:
    start = (site.booking.start + DAY).isoformat()

    status, proposed = await ask(Who.CLIENT, "", {"start": start, "reason": "Moved."})

    assert status == 201
    assert proposed["proposal"] == {
        "start": "2026-11-27T06:00:00Z",
        "end": "2026-11-27T08:00:00Z",
        "by": "client",
        "at": "2026-11-23T06:00:00Z",
        "answer_by": "2026-11-24T06:00:00Z",
        "reason": "Moved.",
    }
    assert proposed["next"] == {"what": "answer_move", "at": "2026-11-24T06:00:00Z"}
    status, refused = await ask(
        Who.DEVELOPER, "/answer", {"accept": True, "start": "2026-11-28T06:00:00Z"}
    )
    assert (status, refused["code"]) == (409, "proposal_changed")
    status, moved = await ask(Who.DEVELOPER, "/answer", {"accept": True, "start": start})
    assert (status, moved["start"], moved["proposal"], moved["moves"]) == (
        200,
        "2026-11-27T06:00:00Z",
        None,
        1,
    )
    browser = await site.browser_for(Who.CLIENT)
    answer = await browser.ask("GET", f"/api/v1/bookings/{site.booking.id}/timeline")
    entry = (await answer.get_json())["items"][-1]
    assert (entry["what"], entry["actor"], entry["moved"]) == (
        "moved",
        "developer",
        {"old": "2026-11-26T06:00:00Z", "new": "2026-11-27T06:00:00Z"},
    )


async def test_each_refusal_has_a_code(site: SiteWithBooking, ask: Ask) -> None:
    start = (site.booking.start + DAY).isoformat()
    nothing = await ask(Who.DEVELOPER, "/answer", {"accept": False})
    assert (nothing[0], nothing[1]["code"]) == (409, "nothing_proposed")
    await ask(Who.CLIENT, "", {"start": start})
    own = await ask(Who.CLIENT, "/answer", {"accept": True})
    again = await ask(Who.DEVELOPER, "", {"start": start})
    foreign = await ask(Who.DEVELOPER, "/withdraw", {})
    wrong = await ask(Who.DEVELOPER, "/answer", {"accept": "yes"})

    assert (own[0], foreign[0], wrong[0]) == (403, 403, 422)
    assert (again[0], again[1]["code"]) == (409, "move_proposed_already")
    assert (await ask(Who.CLIENT, "/withdraw", {}))[1]["proposal"] is None
    odd = await ask(Who.CLIENT, "", {"start": site.booking.start.isoformat()})
    assert (odd[0], odd[1]["errors"][0]["field"]) == (422, "start")
    site.app.clock.set(site.booking.start - 12 * HOUR)
    late = await ask(Who.CLIENT, "", {"start": start})
    assert (late[0], late[1]["code"]) == (409, "move_too_late")


async def test_both_sides_see_the_proposal_with_both_times(site: SiteWithBooking) -> None:
    await propose(site, site.client.id)

    asks, answers = await text(site, Who.CLIENT), await text(site, Who.DEVELOPER)

    for shown in (asks, answers):
        assert f"{OLD} to 13:30 IST" in shown
        assert f"{NEW} to 13:30 IST" in shown
        assert "Our &lt;b&gt;release&lt;/b&gt; moved." in shown
    assert "You ask to move the meeting" in asks
    assert "Withdraw the new time" in asks
    assert "Move the meeting" not in asks
    assert f"Accept {NEW} IST" in answers
    assert f"Keep {OLD} IST" in answers


async def test_the_answer_is_to_the_time_that_was_shown(site: SiteWithBooking) -> None:
    await propose(site, site.client.id)
    browser = await site.browser_for(Who.DEVELOPER)
    path = f"/bookings/{site.booking.id}/reschedule/answer"
    other = (site.booking.start + 2 * DAY).isoformat()

    token = {"accept": "yes", "csrf_token": browser.token}
    changed = await browser.ask("POST", path, form={**token, "start": other})
    missing = await browser.ask("POST", path, form=token)

    assert (changed.status_code, missing.status_code) == (409, 422)
    assert (await site.app.booking(site.booking.id)).start == site.booking.start


async def test_a_form_without_a_time_is_shown_again_with_its_text(site: SiteWithBooking) -> None:
    browser = await site.browser_for(Who.CLIENT)
    path = f"/bookings/{site.booking.id}/reschedule"

    answer = await browser.ask(
        "POST", path, form={"reason": "Our release moved.", "csrf_token": browser.token}
    )

    assert answer.status_code == 422
    html = await answer.get_data(as_text=True)
    assert "Select a time." in html
    assert "Our release moved.</textarea>" in html


async def test_the_list_of_notifications_tells_of_each_step(site: SiteWithBooking) -> None:
    await propose(site, site.client.id)
    await site.app.run()
    await site.app.services.reschedules.accept(site.booking.id, by=site.developer.id)
    await site.app.run()

    for who, heading in (
        (Who.CLIENT, f"Lucía accepted: moved to {NEW} IST"),
        (Who.DEVELOPER, f"asks to move to {NEW} IST"),
    ):
        browser = await site.browser_for(who)
        assert heading in plain((await browser.look("/notifications"))[1])


async def test_the_lists_of_both_sides_say_who_answers(site: SiteWithBooking) -> None:
    await propose(site, site.developer.id)

    client = plain((await (await site.browser_for(Who.CLIENT)).look("/dashboard"))[1])
    developer = plain((await (await site.browser_for(Who.DEVELOPER)).look("/dashboard"))[1])

    assert "New time, your answer" in client
    assert "New time proposed" in developer
