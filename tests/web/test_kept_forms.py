"""What is kept of a form that could not be accepted: for whom, for how long, and what never."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from markupsafe import escape
from quart import Response

from core.accounts import Account, Role
from core.accounts_policy import AccountPolicy
from core.kept_forms import CHARACTERS_MAXIMUM, OF_ONE_BROWSER
from tests.app import MONDAY
from tests.web.form_pages import next_of, values
from tests.web.site import URL, Browser, SiteWithBooking, build_site_with_booking
from web.shared.access import Who
from web.shared.cookies import ForgedRequest

OURS = {"Origin": URL}
BIO = "Nine years of PostgreSQL. Bring a slow query."
BRIEF = "Our monthly report takes 38 seconds."
START = (MONDAY + timedelta(days=5)).isoformat()


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


def kept(site: SiteWithBooking) -> list[object]:
    rows = site.app.store._tables.rows  # type: ignore[attr-defined]
    return list(rows["documents:kept_forms"].values())


async def end_sessions(site: SiteWithBooking, account: Account) -> None:
    sessions = site.app.store.repositories.sessions
    for session in await sessions.of_account(account.id):
        await sessions.remove(session.id)


async def send_after_the_end(site: SiteWithBooking, browser: Browser, **more: str) -> Response:
    """The developer's profile, sent when the session has ended."""
    await browser.look("/profile")
    await end_sessions(site, site.developer)
    form = {"bio": BIO, "csrf_token": browser.token, **more}
    return await browser.ask("POST", "/profile", form=form, headers=OURS)


async def test_another_account_does_not_see_what_was_typed(site: SiteWithBooking) -> None:
    other, _ = await site.app.client("Rohan")
    browser = await site.browser_for(Who.DEVELOPER)
    sent = await send_after_the_end(site, browser)
    await browser.look(sent.headers["Location"])
    await browser.log_in(other)

    answer, html = await browser.look(next_of(sent))
    elsewhere, account = await browser.look(f"/account?{urlsplit(next_of(sent)).query}")

    assert (answer.status_code, elsewhere.status_code) == (403, 200)
    assert BIO not in html + account
    assert "What was typed belongs to another account" in account
    assert len(kept(site)) == 1


async def test_another_browser_does_not_see_what_was_typed(site: SiteWithBooking) -> None:
    sent = await send_after_the_end(site, await site.browser_for(Who.DEVELOPER))
    site.app.clock.advance(timedelta(minutes=2))
    other = await site.browser_for(Who.DEVELOPER)

    _, html = await other.look(next_of(sent))

    assert BIO not in html
    assert "You were logged out" not in html


async def test_a_form_of_one_account_is_not_sent_in_another_of_the_same_browser(
    site: SiteWithBooking,
) -> None:
    """Two tabs: the log-in in the second replaces the session, whose form token stays valid."""
    other, _ = await site.app.client("Rohan")
    browser = await site.browser_for(Who.CLIENT)
    await browser.look("/account")
    form = {"name": "Meera K", "timezone": "Asia/Kolkata", "csrf_token": browser.token}
    await browser.log_in(other)

    answer = await browser.ask("POST", "/account", form=form, headers=OURS)
    _, html = await browser.look(answer.headers["Location"])

    assert (await site.app.store.repositories.accounts.get(other.id)).name == other.name
    assert "What was typed belongs to another account" in html
    assert values(html)["name"] == [other.name]


async def test_nothing_is_kept_of_a_form_that_no_page_of_the_site_has_provably_sent(
    site: SiteWithBooking,
) -> None:
    for headers in (
        {},
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Origin": URL, "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "none"},
        {"Referer": "https://onehour.test.evil.example/profile"},
    ):
        browser = await site.browser_for()
        answer = await browser.ask(
            "POST", "/login", form={"email": "x@example.com", "csrf_token": "0"}, headers=headers
        )
        assert (headers, answer.status_code) == (headers, 403)
        assert str(ForgedRequest.__doc__) in await answer.get_data(as_text=True)
    assert kept(site) == []


@pytest.mark.parametrize(
    "headers",
    [{"Origin": URL}, {"Sec-Fetch-Site": "same-origin"}, {"Referer": f"{URL}/login"}],
)
async def test_any_header_that_other_sites_cannot_set_is_proof(
    site: SiteWithBooking, headers: dict[str, str]
) -> None:
    browser = await site.browser_for()
    form = {"email": "x@example.com", "password": "never kept", "csrf_token": "0"}

    answer = await browser.ask("POST", "/login", form=form, headers=headers)
    _, html = await browser.look(answer.headers["Location"])

    assert answer.status_code == 303
    assert (values(html)["email"], values(html)["password"]) == (["x@example.com"], [""])
    assert "Passwords, codes, files and very long texts are not kept" in html
    assert "never kept" not in repr(site.app.store._tables.rows)  # type: ignore[attr-defined]


async def test_what_was_kept_ends_after_half_an_hour(site: SiteWithBooking) -> None:
    browser = await site.browser_for(Who.DEVELOPER)
    sent = await send_after_the_end(site, browser)
    site.app.clock.advance(site.app.policies[AccountPolicy].kept_form_life)
    await browser.look(sent.headers["Location"])
    await browser.log_in(site.developer)
    await site._finish(browser, site.developer)

    answer, html = await browser.look(next_of(sent))

    assert answer.status_code == 200
    assert BIO not in html
    assert "You were logged out" not in html


async def test_a_text_that_is_too_long_is_not_kept_and_the_page_says_so(
    site: SiteWithBooking,
) -> None:
    browser = await site.browser_for(Who.DEVELOPER)
    sent = await send_after_the_end(site, browser, headline="x" * CHARACTERS_MAXIMUM)
    await browser.look(sent.headers["Location"])
    await browser.log_in(site.developer)
    await site._finish(browser, site.developer)

    _, html = await browser.look(next_of(sent))

    assert "You were logged out before this was sent." in html
    assert "very long texts are not kept" in html
    assert BIO not in html


async def test_a_browser_keeps_its_newest_forms_and_one_of_each_action(
    site: SiteWithBooking,
) -> None:
    browser = await site.browser_for()
    for number in range(OF_ONE_BROWSER + 3):
        site.app.clock.advance(timedelta(seconds=1))
        path = f"/developers/dev_{number}/book"
        form = {"brief": f"Brief {number}", "csrf_token": browser.token}
        await browser.ask("POST", path, form=form)
        await browser.ask("POST", path, form=form)

    actions = [each.action for each in kept(site)]  # type: ignore[attr-defined]

    assert actions == [f"/developers/dev_{n}/book" for n in range(3, OF_ONE_BROWSER + 3)]


async def test_a_network_address_that_sends_very_many_forms_is_only_led_to_the_log_in(
    site: SiteWithBooking,
) -> None:
    most = site.app.policies[AccountPolicy].kept_forms_per_hour
    path = f"/developers/{site.developer_id}/book"
    for _ in range(most + 1):
        browser = Browser(site.quart_app)
        answer = await browser.ask("POST", path, form={"brief": BRIEF}, headers=OURS)

    assert len(kept(site)) == most
    assert next_of(answer) == f"/developers/{site.developer_id}"


async def test_a_log_out_of_an_ended_session_keeps_nothing(site: SiteWithBooking) -> None:
    browser = await site.browser_for(Who.CLIENT)
    await browser.look("/account")
    await end_sessions(site, site.client)

    answer = await browser.ask("POST", "/logout", form={"csrf_token": browser.token}, headers=OURS)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert kept(site) == []


async def test_a_late_second_factor_leads_to_the_log_in_and_keeps_its_target(
    site: SiteWithBooking,
) -> None:
    browser = await site.browser_for(Who.PENDING)
    await browser.look("/login/code")
    site.app.clock.advance(timedelta(minutes=11))
    form = {"code": "123456", "next": "/profile/hours", "csrf_token": browser.token}

    answer = await browser.ask("POST", "/login/code", form=form, headers=OURS)
    _, html = await browser.look(answer.headers["Location"])

    assert answer.headers["Location"] == "/login?next=/profile/hours&late=yes"
    assert "The log-in took too long." in html


async def test_the_api_answers_a_wrong_form_token_as_before(site: SiteWithBooking) -> None:
    browser = await site.browser_for(Who.CLIENT)

    answer = await browser.ask("PATCH", "/api/v1/me", json={"name": "M"}, headers=OURS)

    assert (answer.status_code, (await answer.get_json())["code"]) == (403, "csrf_failed")
    assert kept(site) == []


async def test_the_roles_chosen_for_an_account_are_still_chosen(site: SiteWithBooking) -> None:
    browser = await site.browser_for(Who.ADMIN)
    path = f"/admin/people/{site.client.id}"
    form = {"do": "roles", "developer": "yes", "csrf_token": "of another session"}

    answer = await browser.ask("POST", path, form=form, headers=OURS)
    _, html = await browser.look(answer.headers["Location"])

    assert {role for role in Role if "yes" in values(html).get(role, [])} == {Role.DEVELOPER}


async def test_a_text_that_the_page_has_no_form_for_stands_in_the_notice(
    site: SiteWithBooking,
) -> None:
    browser = await site.browser_for(Who.CLIENT)
    note = "A long note in a form of a plugin, <b>which</b> must not be lost."
    form = {"role": "developer", "note": note, "csrf_token": "of another session"}

    answer = await browser.ask("POST", "/account/roles", form=form, headers=OURS)
    _, html = await browser.look(answer.headers["Location"])

    assert f'<p class="prose">{escape(note)}</p>' in html


async def test_an_action_that_waits_for_a_code_is_not_offered_before_it(
    site: SiteWithBooking,
) -> None:
    browser = await site.browser_for(Who.CLIENT)
    await browser.look("/account/security")
    site.app.clock.advance(site.app.policies[AccountPolicy].step_up_life)
    form = {"enabled": "yes", "csrf_token": browser.token}
    asked = await browser.ask("POST", "/account/security/two-factor", form=form)

    _, before = await browser.look(next_of(asked))
    await site._finish(browser, site.client)
    _, after = await browser.look(next_of(asked))

    assert "Your code was correct." not in before
    assert "Your code was correct." in after
