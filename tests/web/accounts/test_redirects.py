"""Redirects around signing in: no loops, and a reason where something was not done."""

from __future__ import annotations

import pytest

from core.accounts_policy import AccountPolicy
from tests.web.site import build_site_with_booking
from web.shared.access import Who


@pytest.mark.parametrize("target", ["/login/code", "/login", "/login?next=/login/code"])
async def test_a_signed_in_user_is_never_redirected_to_the_login_page(target: str) -> None:
    site = await build_site_with_booking()
    browser = await site.browser_for(Who.CLIENT)

    answer = await browser.ask("GET", "/login", query_string={"next": target})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/dashboard")


async def test_after_signing_in_the_requested_page_is_shown() -> None:
    site = await build_site_with_booking()
    browser = await site.browser_for(Who.CLIENT)

    answer = await browser.ask("GET", "/login", query_string={"next": "/account/data"})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/data")


async def test_a_form_that_needs_a_fresh_code_says_that_it_was_not_sent() -> None:
    site = await build_site_with_booking()
    browser = await site.browser_for(Who.CLIENT)
    await browser.look("/account/security")
    site.app.clock.advance(site.app.policies[AccountPolicy].step_up_life)
    form = {"enabled": "yes", "csrf_token": browser.token}
    page = "https://onehour.test/account/security"

    answer = await browser.ask(
        "POST", "/account/security/two-factor", form=form, headers={"Referer": page}
    )

    back = "/account/verify?next=/account/security?confirmed%3Dyes"
    assert (answer.status_code, answer.headers["Location"]) == (303, back)
    _, html = await browser.look("/account/security?confirmed=yes")
    assert "Nothing has changed yet" in html
