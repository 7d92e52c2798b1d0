"""The door leads on: nobody is sent round in circles, or left to guess what happened."""

from __future__ import annotations

import pytest

from core.accounts_policy import AccountPolicy
from tests.web.site import furnished
from web.shared.access import Who


@pytest.mark.parametrize("target", ["/login/code", "/login", "/login?next=/login/code"])
async def test_who_is_logged_in_is_never_sent_back_to_the_door(target: str) -> None:
    site = await furnished()
    browser = await site.visitor(Who.CLIENT)

    answer = await browser.ask("GET", "/login", query_string={"next": target})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/dashboard")


async def test_who_logs_in_for_a_page_comes_to_it() -> None:
    site = await furnished()
    browser = await site.visitor(Who.CLIENT)

    answer = await browser.ask("GET", "/login", query_string={"next": "/account/data"})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/data")


async def test_a_form_that_wanted_a_code_first_says_that_it_was_not_sent() -> None:
    site = await furnished()
    browser = await site.visitor(Who.CLIENT)
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
