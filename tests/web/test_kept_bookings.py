"""Booking through the log-in, the sign-up and a new role, without losing anything."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from urllib.parse import urlsplit

import pytest

from tests.app import MONDAY, PASSWORD
from tests.web.form_pages import next_of, values
from tests.web.observatory import tags
from tests.web.site import SiteWithBooking, build_site_with_booking
from web.shared.access import Who

BRIEF = "Our monthly report takes 38 seconds."
START = (MONDAY + timedelta(days=5)).isoformat()


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


async def test_a_visitor_who_logs_in_to_book_finds_time_and_text_again(
    site: SiteWithBooking,
) -> None:
    browser = await site.browser_for()
    _, profile = await browser.look(f"/developers/{site.developer_id}")
    assert f'action="/developers/{site.developer_id}/book#pick"' in profile
    form = {"start": START, "hours": "2", "brief": BRIEF, "csrf_token": browser.token}

    sent = await browser.ask("POST", f"/developers/{site.developer_id}/book", form=form)
    _, login = await browser.look(sent.headers["Location"])
    await browser.log_in(site.client)
    _, again = await browser.look(next_of(sent))

    assert (sent.status_code, urlsplit(sent.headers["Location"]).path) == (303, "/login")
    assert "report" not in sent.headers["Location"] + next_of(sent)
    assert "What you typed is kept." in login
    shown = values(again)
    assert (shown["start"], shown["brief"], set(shown["hours"])) == ([START], [BRIEF], {"2"})
    assert "Nothing was sent yet." in again


async def test_no_page_takes_the_text_of_a_booking_from_an_address(site: SiteWithBooking) -> None:
    browser = await site.browser_for(Who.CLIENT)

    _, html = await browser.look(f"/developers/{site.developer_id}?brief=From+an+address")

    assert values(html)["brief"] == [""]


async def test_the_text_of_an_earlier_booking_is_offered_for_another_time_to_its_client_alone(
    site: SiteWithBooking,
) -> None:
    path = f"/developers/{site.developer_id}?again={site.booking.id}"

    shown = {
        who: values((await (await site.browser_for(who)).look(path))[1])["brief"]
        for who in (Who.CLIENT, Who.DEVELOPER, Who.ADMIN, Who.ANYONE)
    }

    assert shown == {
        Who.CLIENT: [site.booking.brief], Who.DEVELOPER: [""], Who.ADMIN: [""], Who.ANYONE: [""],
    }  # fmt: skip


async def test_no_link_of_an_ended_booking_contains_its_text(site: SiteWithBooking) -> None:
    browser = await site.browser_for(Who.CLIENT)
    await site.app.services.answers.cancel(site.booking.id, by=site.client.id)

    for path in (f"/bookings/{site.booking.id}", f"/bookings/{site.booking.id}/return"):
        _, html = await browser.look(path)

        assert "brief=" not in html
    _, html = await browser.look(f"/bookings/{site.booking.id}")
    assert f"again={site.booking.id}" in html


async def test_a_visitor_who_signs_up_to_book_finds_time_and_text_again(
    site: SiteWithBooking,
) -> None:
    browser = await site.browser_for()
    form = {"start": START, "hours": "1", "brief": BRIEF, "csrf_token": browser.token}
    sent = await browser.ask("POST", f"/developers/{site.developer_id}/book", form=form)
    _, login = await browser.look(sent.headers["Location"])
    [sign_up] = [tag["href"] for tag in tags(login, "a") if "/sign-up/client" in tag["href"]]
    _, html = await browser.look(unescape(sign_up))
    [target] = values(html)["next"]
    person = {"name": "Nils", "email": "nils@example.com", "password": PASSWORD}
    form = {**person, "timezone": "Asia/Kolkata", "next": target, "csrf_token": browser.token}

    await browser.ask("POST", "/sign-up/client", form=form)
    await site.app.run()
    code = site.app.code_for("nils@example.com")
    form = {"email": "nils@example.com", "code": code, "next": target}
    confirmed = await browser.ask("POST", "/confirm", form={**form, "csrf_token": browser.token})
    _, again = await browser.look(confirmed.headers["Location"])

    assert "report" not in target
    assert (values(again)["start"], values(again)["brief"]) == ([START], [BRIEF])


async def test_a_developer_who_books_becomes_a_client_and_finds_time_and_text_again(
    site: SiteWithBooking,
) -> None:
    other = await site.app.developer("Arjun Nair")
    await site.app.run()
    browser = await site.browser_for(Who.DEVELOPER)
    _, profile = await browser.look(f"/developers/{other.id}")
    assert "Continue as a client" in profile
    form = {"start": START, "hours": "1", "brief": BRIEF, "csrf_token": browser.token}

    refused = await browser.ask("POST", f"/developers/{other.id}/book", form=form)
    html = await refused.get_data(as_text=True)
    role = {"role": "client", "next": values(html)["next"][0], "csrf_token": browser.token}
    became = await browser.ask("POST", "/account/roles", form=role)
    _, again = await browser.look(became.headers["Location"])

    assert refused.status_code == 403
    assert "Become a client" in html
    assert (values(again)["start"], values(again)["brief"]) == ([START], [BRIEF])
    assert "Your account has the new role." in again


async def test_each_role_is_offered_the_other_and_administrators_none(
    site: SiteWithBooking,
) -> None:
    offered = {}
    for who, path in (
        (Who.CLIENT, "/profile"), (Who.CLIENT, "/profile/hours"), (Who.CLIENT, "/admin"),
        (Who.ADMIN, "/profile"),
    ):  # fmt: skip
        answer, html = await (await site.browser_for(who)).look(path)
        assert (path, answer.status_code) == (path, 403)
        offered[who, path] = values(html).get("role", []), values(html).get("next", [])

    assert offered == {
        (Who.CLIENT, "/profile"): (["developer"], ["/profile"]),
        (Who.CLIENT, "/profile/hours"): (["developer"], ["/profile/hours"]),
        (Who.CLIENT, "/admin"): ([], []),
        (Who.ADMIN, "/profile"): ([], []),
    }
