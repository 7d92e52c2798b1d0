"""Redirects around signing in: no loops, and a reason where something was not done."""

from __future__ import annotations

import pytest

from core.accounts_policy import AccountPolicy
from tests.web.form_pages import values
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


async def test_a_form_that_needs_a_fresh_code_is_offered_again_after_the_code() -> None:
    site = await build_site_with_booking()
    app, browser = site.app, await site.browser_for(Who.CLIENT)
    await browser.look("/account/security")
    app.clock.advance(app.policies[AccountPolicy].step_up_life)
    form = {"enabled": "yes", "csrf_token": browser.token}

    asked = await browser.ask("POST", "/account/security/two-factor", form=form)
    verify = asked.headers["Location"]
    assert (asked.status_code, verify.partition("resume")[0]) == (
        303, "/account/verify?next=/account/security?",
    )  # fmt: skip
    _, html = await browser.look(verify)
    assert "Change two-step verification" in html
    [target] = values(html)["next"][:1]
    await browser.ask("POST", "/account/verify/code", form={"csrf_token": browser.token})
    await app.run()
    code = {"code": app.code_for(site.client.email), "next": target, "csrf_token": browser.token}
    answer = await browser.ask("POST", "/account/verify", form=code)
    _, html = await browser.look(answer.headers["Location"])

    assert "Your code was correct. Nothing was changed yet." in html
    again = {"enabled": "yes", "csrf_token": browser.token}
    assert "Change two-step verification" in html
    done = await browser.ask("POST", "/account/security/two-factor", form=again)
    assert done.headers["Location"] == "/account/security?done=two_factor_on"
