"""The list of notifications, the bell on every page, and the preferences, as pages."""

from __future__ import annotations

import re

import pytest

from core.notice_preferences import QuietHours
from core.notifications import EMAIL
from core.policy import DAY, MINUTE
from services.shared.capabilities import Capability, WrongCapability
from services.shared.notices import Notice
from tests.app import MemoryApp
from tests.services.booking_emails import Scene, scene
from tests.web.notifications.lists import browser_of, listed
from tests.web.site import Browser, app_of
from web.notifications import pages

BELL = re.compile(r'aria-label="(Notifications[^"]*)"')


async def accepted() -> Scene:
    """A request on Monday, accepted on Tuesday."""
    here = await scene()
    booking = await here.paid()
    await here.app.pass_time(DAY - MINUTE)
    await here.app.services.answers.accept(booking.id, by=here.developer.id)
    await here.app.run()
    return here


async def texts(browser: Browser, path: str = "/notifications") -> str:
    answer, html = await browser.look(path)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html.replace("\N{NO-BREAK SPACE}", " ")))


async def test_the_list_is_by_day_in_the_zone_of_the_person() -> None:
    here = await accepted()
    page = await texts(await browser_of(here.app, here.client))

    order = [
        "1 new, as of Tue 24 Nov 2026, 11:29 IST",
        "Today, Tue 24 Nov 2026, IST",
        "New: Lucía accepted your booking",
        "Mon 23 Nov 2026, IST",
        "Your ₹4,800.00 is held for the booking with Lucía",
    ]
    places = [page.index(each) for each in order]
    assert places == sorted(places)
    assert "New: Your ₹4,800.00" not in page


async def test_the_bell_of_every_page_has_the_number_of_new_ones() -> None:
    here = await accepted()
    browser = await browser_of(here.app, here.client)

    for path in ("/dashboard", "/account", "/notifications"):
        _, html = await browser.look(path)
        assert BELL.findall(html) == ["Notifications, 1 new", "Notifications, 1 new"]


async def test_a_visitor_has_no_bell_and_is_asked_to_log_in() -> None:
    visitor = Browser(app_of(MemoryApp()))

    _, html = await visitor.look("/")
    page, _ = await visitor.look("/notifications")

    assert BELL.findall(html) == []
    assert page.status_code == 303
    assert page.headers["Location"] == "/login?next=/notifications"


async def test_without_scripts_all_are_marked_as_read_by_a_form() -> None:
    here = await accepted()
    browser = await browser_of(here.app, here.client)
    await browser.look("/notifications")

    form = {"csrf_token": browser.token}
    answer = await browser.ask("POST", "/notifications/read", form=form)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/notifications")
    _, html = await browser.look("/notifications")
    assert BELL.findall(html) == ["Notifications", "Notifications"]
    assert "Mark all as read" not in html


async def test_the_tabs_show_the_new_ones_and_those_of_one_area() -> None:
    here = await accepted()
    browser = await browser_of(here.app, here.client)

    new, money = (
        await texts(browser, "/notifications?show=new"),
        await texts(browser, "/notifications?show=money"),
    )

    assert ("accepted your booking" in new, "is held for" in new) == (True, False)
    assert ("accepted your booking" in money, "is held for" in money) == (False, True)
    assert "No notifications yet" not in new
    assert "Nothing of this kind yet" in await texts(browser, "/notifications?show=account")


async def test_earlier_ones_are_on_the_next_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "PER_PAGE", 1)
    here = await accepted()
    browser = await browser_of(here.app, here.client)
    _, html = await browser.look("/notifications")

    link = re.search(r'href="(/notifications\?cursor=[^"]+)"', html)
    assert link
    older = await texts(browser, link[1])

    assert "is held for the booking" in older
    assert "accepted your booking" not in older
    assert "Show earlier" not in older


async def test_the_menu_has_the_newest_ones_and_the_count() -> None:
    here = await accepted()
    browser = await browser_of(here.app, here.client)
    _, html = await browser.look("/notifications/menu")

    assert 'data-unread="1"' in html
    assert html.index("accepted your booking") < html.index("All notifications")
    assert "<html" not in html


async def test_an_account_without_any_is_told_what_will_be_here(app: MemoryApp) -> None:
    meera, _ = await app.client()

    assert "The first one comes when you have paid a booking." in await texts(
        await browser_of(app, meera)
    )


async def test_choices_and_quiet_hours_are_saved_by_a_form(app: MemoryApp) -> None:
    meera, _ = await app.client()
    browser = await browser_of(app, meera)
    await browser.look("/notifications/preferences")
    form = {
        "csrf_token": browser.token,
        "bookings-here": "on",
        "work-email": "on",
        "quiet": "on",
        "quiet_start": "23:00",
        "quiet_end": "06:30",
    }

    answer = await browser.ask("POST", "/notifications/preferences", form=form)

    assert answer.status_code == 303
    stored = await app.services.notice_preferences.find(by=meera.id)
    assert stored.quiet == QuietHours("23:00", "06:30")
    assert stored.choice("bookings", EMAIL) is False
    assert stored.choice("work", EMAIL) is True
    _, html = await browser.look("/notifications/preferences?saved=yes")
    checked = set(re.findall(r'name="([\w-]+)" value="on" checked', html))
    assert checked == {"bookings-here", "work-email"}
    assert "<option selected>23:00</option>" in html


async def test_the_page_says_why_some_are_always_on(app: MemoryApp) -> None:
    meera, _ = await app.client()
    page = await texts(await browser_of(app, meera), "/notifications/preferences")

    assert "Always on: you must be able to prove where your money is" in page
    assert "Always on: so that nobody changes your account without you" in page


async def test_a_wrong_time_is_refused_with_everything_that_was_chosen(app: MemoryApp) -> None:
    meera, _ = await app.client()
    browser = await browser_of(app, meera)
    await browser.look("/notifications/preferences")
    form = {
        "csrf_token": browser.token,
        "reminders-email": "on",
        "quiet": "on",
        "quiet_start": "22:00",
        "quiet_end": "22:00",
    }

    answer = await browser.ask("POST", "/notifications/preferences", form=form)

    html = await answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Quiet hours must end at another time than they start." in html
    assert set(re.findall(r'name="([\w-]+)" value="on" checked', html)) == {"reminders-email"}


async def test_the_api_marks_as_read_and_counts() -> None:
    here = await accepted()
    browser = await browser_of(here.app, here.client)
    found = await listed(browser)
    assert (found["unread"], found["next"]) == (1, None)
    token = await (await browser.ask("GET", "/api/v1/csrf")).get_json()

    answer = await browser.ask(
        "POST",
        "/api/v1/notifications/read",
        json={"ids": [found["items"][0]["id"]]},
        headers={"X-CSRF-Token": token["token"]},
    )

    assert await answer.get_json() == {"unread": 0}
    assert (await listed(browser, "?unread=true"))["items"] == []


async def test_a_booking_that_is_gone_leaves_the_kind_of_the_notice() -> None:
    here = await accepted()
    browser = await browser_of(here.app, here.client)
    bookings = here.app.store._tables.rows["bookings"]  # type: ignore[attr-defined]
    bookings.clear()

    assert [each["heading"] for each in (await listed(browser))["items"]] == ["Accepted", "Paid"]


def test_a_notice_without_words_stops_the_start() -> None:
    silent = Capability(
        name="silent",
        build=lambda dependencies, built: {},
        personal_data=None,
        notices=(Notice("silent", "accounts/two_factor_on"),),
    )

    with pytest.raises(WrongCapability, match="The notice silent has no wording"):
        app_of(MemoryApp(added=(silent,)))
