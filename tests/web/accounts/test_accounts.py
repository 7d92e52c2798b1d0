"""The account's own pages, over HTTP."""

from __future__ import annotations

import pytest

from core.suppressions import Suppression
from tests.web.site import SiteWithBooking, build_site_with_booking
from web.shared.access import Who


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


async def test_the_account_page_says_that_mails_do_not_arrive(site: SiteWithBooking) -> None:
    client = await site.browser_for(Who.CLIENT)
    _, before = await client.look("/account")
    refused = Suppression(site.client.email, "No such mailbox.", site.app.clock.now())
    await site.app.store.repositories.suppressions.add(refused)

    _, after = await client.look("/account")

    assert "Our e-mails do not reach you" not in before
    assert "Our e-mails do not reach you" in after


async def test_each_role_is_redirected_to_its_own_first_page(site: SiteWithBooking) -> None:
    admin, developer = await site.browser_for(Who.ADMIN), await site.browser_for(Who.DEVELOPER)

    led = await admin.ask("GET", "/dashboard")
    _, dashboard = await developer.look("/dashboard")

    assert (led.status_code, led.headers["Location"]) == (303, "/admin")
    assert "/admin" not in dashboard


async def test_the_cookie_of_a_reset_link_can_be_set_over_https_alone(
    site: SiteWithBooking,
) -> None:
    browser = await site.browser_for()

    answer = await browser.ask("GET", "/reset/acc_x.token")

    assert answer.headers["Location"] == "/reset"
    line = answer.headers["Set-Cookie"]
    assert line.startswith("__Secure-reset=")
    assert {"Secure", "HttpOnly", "Path=/reset", "SameSite=Lax"} <= set(line.split("; "))
