"""Old names of time zones are accepted wherever a zone is given, and stored by the present name."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.app import PASSWORD
from tests.web.site import Browser, SiteWithBooking, build_site_with_booking
from web.shared.access import Who


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


async def stored(site: SiteWithBooking, email: str) -> str:
    account = await site.app.store.repositories.accounts.find_by_email(email)
    assert account
    return account.timezone


async def api(browser: Browser, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    headers = {"X-CSRF-Token": browser.token}
    more = {"json": body} if body is not None else {}
    answer = await browser.ask(method, f"/api/v1{path}", headers=headers, **more)
    return answer.status_code, await answer.get_json()


async def test_at_sign_up_on_the_site_and_over_the_api(site: SiteWithBooking) -> None:
    person = {"name": "Olha Koval", "password": PASSWORD, "timezone": "Europe/Kiev"}
    browser = await site.browser_for()

    await browser.ask(
        "POST", "/sign-up/client",
        form={**person, "email": "olha@example.com", "csrf_token": browser.token},
    )  # fmt: skip
    status, _ = await api(
        browser, "POST", "/auth/register", {**person, "email": "two@example.com", "role": "client"}
    )

    assert status == 201
    assert await stored(site, "olha@example.com") == "Europe/Kyiv"
    assert await stored(site, "two@example.com") == "Europe/Kyiv"


async def test_in_the_account_on_the_site_and_over_the_api(site: SiteWithBooking) -> None:
    browser = await site.browser_for(Who.CLIENT)

    answer = await browser.ask(
        "POST", "/account",
        form={"name": "Gita", "timezone": "US/Pacific", "csrf_token": browser.token},
    )  # fmt: skip
    after_form = await stored(site, site.client.email)
    _, me = await api(browser, "PATCH", "/me", {"timezone": "GMT+0"})

    assert answer.status_code == 303
    assert after_form == "America/Los_Angeles"
    assert me["timezone"] == "UTC"


@pytest.mark.parametrize("zone", ["Asia/Calcutta", "Asia/Kolkata"])
async def test_in_the_search_for_developers(site: SiteWithBooking, zone: str) -> None:
    _, found = await api(Browser(site.quart_app), "GET", f"/developers?timezone={zone}")
    assert [each["id"] for each in found["items"]] == [site.developer_id]


async def test_an_unknown_zone_is_refused_with_a_sentence(site: SiteWithBooking) -> None:
    browser = await site.browser_for(Who.CLIENT)

    status, problem = await api(browser, "PATCH", "/me", {"timezone": "Mars/Olympus"})
    searched, _ = await api(browser, "GET", "/developers?timezone=Mars/Olympus")

    assert (status, searched) == (422, 422)
    assert problem["errors"] == [
        {
            "field": "timezone",
            "message": "We do not know this time zone. "
            "Choose one of the list, such as Asia/Kolkata.",
        }
    ]


async def test_sign_up_selects_the_zone_of_the_browser(site: SiteWithBooking) -> None:
    browser = Browser(site.quart_app, jar={"zone": "US/Pacific"})

    _, html = await browser.look("/sign-up/client")

    assert re.findall(r'<option value="([^"]+)" selected>', html) == ["America/Los_Angeles"]
