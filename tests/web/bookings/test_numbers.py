"""The booking number on pages and in the API: shown to both sides, found as it is typed."""

from __future__ import annotations

import re

import pytest

from core.accounts import Account
from tests.app import MemoryApp
from tests.web.site import Browser, SiteWithBooking, app_of, build_site_with_booking
from web.shared.access import Who

ID = re.compile(r"\b(?:bkg|job|pay|dsp|acc|cli|dev|fil|msg|ntf)_\d{20,}")
HIDDEN = re.compile(r"<(script|style|template)\b.*?</\1>|<[^>]*>", re.DOTALL)
NOT_FOR_PARTIES = ("/api/", "/static/", "/admin", "/dev/", "/broken")
"""Administrators see ids, too: for searches in logs and at the provider."""


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


async def browser_of(site: SiteWithBooking, account: Account) -> Browser:
    browser = Browser(site.quart_app)
    await browser.look("/login")
    await browser.log_in(account)
    if account.factor:
        await site.app.run()
        code = site.app.code_for(account.email)
        await browser.look("/login/code")
        form = {"code": code, "csrf_token": browser.token}
        await browser.ask("POST", "/login/code", form=form)
    return browser


async def test_both_sides_see_the_number_and_not_the_id(site: SiteWithBooking) -> None:
    pages = (
        f"/bookings/{site.booking.id}",
        f"/bookings/{site.booking.id}/cancel",
        f"/bookings/{site.booking.id}/reschedule",
        f"/jobs/{site.job_id}/problem",
        f"/disputes/{site.dispute_id}",
        "/dashboard",
    )

    for account in (site.client, site.developer):
        browser = await browser_of(site, account)
        for path in pages:
            _, html = await browser.look(path)
            assert site.booking.number in html, path
            assert f">{site.booking.id}<" not in html, path
    _, html = await (await browser_of(site, site.client)).look(
        f"/bookings/{site.booking.id}/return"
    )
    assert site.booking.number in html


async def test_no_page_shows_an_id(site: SiteWithBooking) -> None:
    await site.app.run()
    showing = {}
    browsers = {who: await site.browser_for(who) for who in Who}
    for rule, access in site.rules():
        if "GET" not in (rule.methods or ()) or rule.rule.startswith(NOT_FOR_PARTIES):
            continue
        answer = await browsers[access.who].ask("GET", site.path(rule))
        if answer.mimetype == "text/html" and answer.status_code == 200:
            shown = HIDDEN.sub(" ", await answer.get_data(as_text=True))
            if found := ID.findall(shown):
                showing[rule.endpoint] = found

    assert showing == {}


async def test_recent_activity_names_the_booking_by_its_number(site: SiteWithBooking) -> None:
    await site.app.run()
    _, html = await (await browser_of(site, site.client)).look("/account/activity")

    assert f"Booking {site.booking.number}" in html


async def test_the_api_gives_the_number_with_booking_job_and_payment(
    site: SiteWithBooking,
) -> None:
    browser, number = await browser_of(site, site.client), site.booking.number

    async def answer(path: str) -> dict[str, object]:
        found: dict[str, object] = await (await browser.ask("GET", f"/api/v1{path}")).get_json()
        return found

    assert (await answer(f"/bookings/{site.booking.id}"))["number"] == number
    assert (await answer(f"/jobs/{site.job_id}"))["booking_number"] == number
    assert (await answer(f"/payments/{site.booking.payment_id}"))["booking_number"] == number


@pytest.mark.parametrize("typed", ["{}", " {} ", "{lower}", "{bare}"])
async def test_a_booking_is_found_by_the_number_as_it_is_typed(
    site: SiteWithBooking, typed: str
) -> None:
    browser, number = await browser_of(site, site.client), site.booking.number
    typed = typed.format(number, lower=number.lower(), bare=number[3:].replace("-", ""))

    answer = await browser.ask("GET", "/api/v1/bookings", query_string={"number": typed})

    page = await answer.get_json()
    assert [item["id"] for item in page["items"]] == [site.booking.id]
    assert page["next"] is None


async def test_a_wrong_number_is_named_and_the_number_of_others_finds_nothing(
    app: MemoryApp,
) -> None:
    site = await build_site_with_booking(app=app)
    (stranger, _), number = await app.client("Rohan Deshpande"), site.booking.number
    browser = Browser(app_of(app))
    await browser.look("/login")
    await browser.log_in(stranger)

    wrong = await browser.ask("GET", f"/api/v1/bookings?number={number[:-1]}{number[-2]}")
    others = await browser.ask("GET", f"/api/v1/bookings?number={number}")

    assert wrong.status_code == 422
    assert (await wrong.get_json())["errors"] == [
        {
            "field": "number",
            "message": "Check the number: a character is wrong, or two are swapped.",
        }
    ]
    assert (await others.get_json())["items"] == []
