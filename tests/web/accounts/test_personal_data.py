"""Export and erasure over HTTP; an erasure cannot be triggered by mistake."""

from __future__ import annotations

from html import unescape

import pytest

from core.policy import MINUTE
from services.chargebacks import CHARGEBACKS
from tests.web.site import Browser, SiteWithBooking, build_site_with_booking
from web.shared.access import Who

API = "/api/v1"


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


async def newcomer(site: SiteWithBooking) -> Browser:
    """Somebody without bookings, logged in with a fresh code."""
    account, _ = await site.app.client("Nils Aasen")
    browser = Browser(site.quart_app)
    await browser.look("/login")
    await browser.log_in(account)
    sessions = site.app.store.repositories.sessions
    for session in await sessions.of_account(account.id):
        await sessions.verify(session.id, now=site.app.clock.now())
    await browser.look("/account/data")
    return browser


async def email_of(browser: Browser) -> str:
    answer = await browser.ask("GET", f"{API}/me")
    return str((await answer.get_json())["email"])


async def test_the_export_is_a_file_that_no_cache_keeps(site: SiteWithBooking) -> None:
    browser = await newcomer(site)

    form = {"csrf_token": browser.token}
    page = await browser.ask("POST", "/account/data/export", form=form)
    program = await browser.ask("GET", f"{API}/me/export")

    name = 'attachment; filename="1hourdeveloper-2026-11-23.json"'
    assert (page.status_code, page.headers["Content-Disposition"]) == (200, name)
    for answer in (page, program):
        assert answer.headers["Cache-Control"] == "no-store"
        assert (await answer.get_json())["account"]["email"] == await email_of(browser)


async def test_taking_along_and_erasing_want_a_fresh_code(site: SiteWithBooking) -> None:
    browser = await newcomer(site)
    site.app.clock.advance(16 * MINUTE)
    form = {"csrf_token": browser.token, "email": await email_of(browser)}

    for path in ("/account/data/export", "/account/data/erase"):
        answer = await browser.ask("POST", path, form=form)
        assert answer.headers["Location"].startswith("/account/verify")
    for method, path in (("GET", f"{API}/me/export"), ("DELETE", f"{API}/me")):
        headers = {"X-CSRF-Token": browser.token}
        answer = await browser.ask(method, path, headers=headers)
        assert (answer.status_code, (await answer.get_json())["code"]) == (403, "step_up_required")


async def test_erasure_needs_the_typed_address_and_then_signs_out(
    site: SiteWithBooking,
) -> None:
    browser = await newcomer(site)
    email = await email_of(browser)

    wrong = {"csrf_token": browser.token, "email": "somebody@example.com"}
    refused = await browser.ask("POST", "/account/data/erase", form=wrong)
    assert refused.status_code == 422
    assert f"Type {email} to confirm." in unescape(await refused.get_data(as_text=True))

    right = {"csrf_token": browser.token, "email": f" {email.upper()} "}
    done = await browser.ask("POST", "/account/data/erase", form=right)
    _, home = await browser.look(done.headers["Location"])

    assert (done.status_code, done.headers["Location"]) == (303, "/?erased=yes")
    assert "Your account is erased." in home
    assert (await browser.ask("GET", f"{API}/me")).status_code == 401
    assert await site.app.store.repositories.accounts.find_by_email(email) is None


async def test_a_refused_erasure_names_the_reason(
    site: SiteWithBooking,
) -> None:
    await site.app.store.repositories.documents(CHARGEBACKS).remove(site.chargeback_id)
    browser = await site.browser_for(Who.CLIENT)
    await browser.look("/account/data")
    form = {"csrf_token": browser.token, "email": site.client.email}

    page = await browser.ask("POST", "/account/data/erase", form=form)
    program = await browser.ask("DELETE", f"{API}/me", headers={"X-CSRF-Token": browser.token})

    assert page.status_code == 409
    assert "There are bookings or money under way." in await page.get_data(as_text=True)
    assert (program.status_code, (await program.get_json())["code"]) == (409, "still_open")
    assert (await browser.ask("GET", f"{API}/me")).status_code == 200
