"""Recovery codes are shown until their owner has saved them."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest

from core.accounts_policy import AccountPolicy
from tests.web.site import Browser, SiteWithBooking, build_site_with_booking
from web.shared.access import Who

CODES = "/account/security/recovery-codes"
CODE = re.compile(r"<li><code>([a-z2-7]{2}-[a-z2-7]{5}-[a-z2-7]{5})</code></li>")
UNSAVED = "Your recovery codes are not saved yet."


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


async def with_new_codes(site: SiteWithBooking) -> tuple[Browser, list[str]]:
    """A client who has just set up an authenticator app, and the codes that are shown."""
    browser = await site.browser_for(Who.CLIENT)
    await browser.ask("POST", "/account/security/app", form={"csrf_token": browser.token})
    _, html = await browser.look("/account/security/app")
    key = html.partition('<p class="num key">')[2].partition("<code>")[2].partition("</code>")[0]
    now = pyotp.TOTP(key.replace(" ", "")).at(site.app.clock.now())
    form = {"code": now, "csrf_token": browser.token}
    answer = await browser.ask("POST", "/account/security/app/confirm", form=form)
    assert answer.status_code == 303
    _, html = await browser.look(answer.headers["Location"])
    assert "Logging in now requires a code from your app." in html
    return browser, CODE.findall(html)


async def test_recovery_codes_survive_a_reload_and_can_be_downloaded(
    site: SiteWithBooking,
) -> None:
    browser, codes = await with_new_codes(site)

    answer, again = await browser.look(CODES)
    file, text = await browser.look(f"{CODES}.txt")

    assert len(codes) == 10
    assert CODE.findall(again) == codes
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert text.splitlines()[-10:] == codes
    assert site.client.email in text
    assert answer.headers["Cache-Control"] == file.headers["Cache-Control"] == "no-store"


async def test_saved_recovery_codes_are_never_shown_again(site: SiteWithBooking) -> None:
    browser, codes = await with_new_codes(site)
    _, before = await browser.look("/account/security")

    form = {"csrf_token": browser.token}
    answer = await browser.ask("POST", f"{CODES}/saved", form=form)
    _, after = await browser.look(answer.headers["Location"])
    gone = [await browser.ask("GET", path) for path in (CODES, f"{CODES}.txt")]

    assert UNSAVED in before
    assert UNSAVED not in after
    assert codes[0] not in after
    assert {each.headers["Location"] for each in gone} == {"/account/security"}


async def test_who_leaves_without_saving_has_an_app_that_works_and_is_reminded(
    site: SiteWithBooking,
) -> None:
    browser, codes = await with_new_codes(site)

    _, html = await browser.look("/account/security")

    assert UNSAVED in html
    assert f'href="{CODES}"' in html
    assert "10 recovery codes left" in html.replace("\N{NO-BREAK SPACE}", " ")
    again = Browser(site.quart_app)
    await again.look("/login")
    await again.log_in(site.client)
    form = {"code": codes[0], "csrf_token": again.token}
    assert (await again.ask("POST", "/login/code", form=form)).status_code == 303
    _, html = await again.look("/account/security")
    assert UNSAVED not in html, "a used code is one that was saved"


async def test_to_show_them_again_later_needs_a_code_of_the_app(site: SiteWithBooking) -> None:
    browser, _ = await with_new_codes(site)
    life = site.app.policies[AccountPolicy].step_up_life
    site.app.clock.advance(life + timedelta(seconds=1))

    for path in (CODES, f"{CODES}.txt"):
        answer = await browser.ask("GET", path)
        assert answer.headers["Location"].startswith("/account/verify?next=")


async def test_new_codes_are_shown_until_saved_too(site: SiteWithBooking) -> None:
    browser, first = await with_new_codes(site)

    answer = await browser.ask("POST", CODES, form={"csrf_token": browser.token})
    _, html = await browser.look(answer.headers["Location"])

    assert (answer.status_code, answer.headers["Location"]) == (303, CODES)
    assert len(set(CODE.findall(html)) - set(first)) == 10
