"""The ways into a calendar: links, files, the feed and its page."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from ical.calendar_stream import IcsCalendarStream

from services.shared.links import call_url
from tests.web.site import SiteWithBooking, build_site_with_booking
from web.shared.access import Who


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


async def test_the_page_of_a_booking_has_links_to_calendars(site: SiteWithBooking) -> None:
    browser = await site.browser_for(Who.CLIENT)
    _, html = await browser.look(f"/bookings/{site.booking.id}")

    links = [part.partition('"')[0].replace("&amp;", "&") for part in html.split('href="')]
    google = next(link for link in links if "google" in link)
    outlook = next(link for link in links if "outlook" in link)
    assert parse_qs(urlsplit(google).query)["dates"] == ["20261126T060000Z/20261126T080000Z"]
    assert parse_qs(urlsplit(outlook).query)["startdt"] == ["2026-11-26T06:00:00Z"]
    for link, name in ((google, "location"), (outlook, "location")):
        assert parse_qs(urlsplit(link).query)[name] == [
            f"https://onehour.test/bookings/{site.booking.id}/call"
        ]
    assert f"/api/v1/bookings/{site.booking.id}/invite.ics" in links
    reminders = re.findall(r'<h3>([^<]*) before</h3><time datetime="([^"]*)"', html)
    assert reminders == [
        ("24\N{NO-BREAK SPACE}hours", "2026-11-25T06:00:00+00:00"),
        ("1\N{NO-BREAK SPACE}hour", "2026-11-26T05:00:00+00:00"),
        ("10\N{NO-BREAK SPACE}min", "2026-11-26T05:50:00+00:00"),
    ]


async def test_the_file_of_a_booking_is_a_download(site: SiteWithBooking) -> None:
    browser = await site.browser_for(Who.DEVELOPER)

    answer = await browser.ask("GET", f"/api/v1/bookings/{site.booking.id}/invite.ics")

    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="invite.ics"'
    stream = IcsCalendarStream.from_ics(await answer.get_data(as_text=True))
    assert stream.calendars[0].events[0].start == site.booking.start


async def test_a_feed_needs_no_cookie_and_is_sent_when_it_has_changed(
    site: SiteWithBooking,
) -> None:
    secret = await site.app.services.feeds.renew(by=site.client.id)
    browser = await site.browser_for(Who.CLIENT)
    browser.set_cookies.clear()
    path = f"/api/v1/calendar/{secret}.ics"

    first = await browser.ask("GET", path)
    tag = first.headers["ETag"]
    same = await browser.ask("GET", path, headers={"If-None-Match": tag})
    await site.app.services.answers.cancel(site.booking.id, by=site.client.id)
    changed = await browser.ask("GET", path, headers={"If-None-Match": tag})

    assert (first.status_code, same.status_code, changed.status_code) == (200, 304, 200)
    assert await same.get_data() == b""
    assert same.headers["ETag"] == tag
    assert b"STATUS:CANCELLED" in await changed.get_data()
    assert first.headers["Cache-Control"] == "private, max-age=300"
    assert browser.set_cookies == []


async def test_the_address_is_shown_made_and_removed(site: SiteWithBooking) -> None:
    browser = await site.browser_for(Who.CLIENT)
    _, before = await browser.look("/account/calendar")
    assert "Make a secret address" in before

    await browser.ask("POST", "/account/calendar/renew", form={"csrf_token": browser.token})
    _, made = await browser.look("/account/calendar?done=made")
    secret = await site.app.services.feeds.secret(by=site.client.id)
    assert f"https://onehour.test/api/v1/calendar/{secret}.ics" in made
    assert "Your calendar has an address." in made

    await browser.ask("POST", "/account/calendar/remove", form={"csrf_token": browser.token})
    assert await site.app.services.feeds.secret(by=site.client.id) is None


async def test_a_program_renews_its_feed(site: SiteWithBooking) -> None:
    browser = await site.browser_for(Who.CLIENT)
    headers = {"X-CSRF-Token": browser.token}

    made = await browser.ask("POST", "/api/v1/me/calendar/renew", headers=headers)
    shown = await browser.ask("GET", "/api/v1/me/calendar")

    assert (await made.get_json()) == (await shown.get_json())
    assert (await shown.get_json())["url"].startswith("https://onehour.test/api/v1/calendar/")
    await browser.ask("DELETE", "/api/v1/me/calendar", headers=headers)
    assert await (await browser.ask("GET", "/api/v1/me/calendar")).get_json() == {"url": None}


async def test_the_place_of_a_meeting_is_the_page_of_its_call(site: SiteWithBooking) -> None:
    browser = await site.browser_for(Who.CLIENT)

    answer = await browser.ask("GET", call_url("", site.booking.id))

    assert answer.status_code == 200
    assert site.quart_app.url_map.bind("").match(call_url("", site.booking.id)) == (
        "calls.show",
        {"booking_id": site.booking.id},
    )
