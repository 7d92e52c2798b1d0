"""Signing in with a provider, as a browser does it: redirect, return, and the right page."""

from __future__ import annotations

from html import unescape
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

import pytest
from quart import Response

from core.policy import MINUTE
from ports.identity import Identity
from tests.web.observatory import tags
from tests.web.site import Browser, SiteWithBooking, build_site_with_booking
from web.shared.access import Who

OAUTH = "/api/v1/auth/oauth/memory"
IDENTITY = "/account/security/identities/memory"
PROVIDER = "memory.example"


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


async def leave(browser: Browser, **query: str) -> str:
    """Through the link of a page; the provider's address the browser is sent to."""
    answer = await browser.ask("GET", f"{OAUTH}/start?{urlencode(query)}")
    assert answer.status_code == 303
    address: str = answer.headers["Location"]
    assert urlsplit(address).netloc == PROVIDER
    return address


def back(answer: dict[str, str]) -> str:
    return f"{OAUTH}/callback?{urlencode(answer)}"


async def sign_in(site: SiteWithBooking, browser: Browser, who: Identity, **query: str) -> Response:
    address = await leave(browser, **query)
    return await browser.ask("GET", back(site.app.identity_provider.consent(address, who)))


async def connect(site: SiteWithBooking, browser: Browser, who: Identity) -> Response:
    """From the security page, whose form leads to a page that goes on to the provider."""
    await browser.look("/account/security")
    leaving = await browser.ask("POST", f"{IDENTITY}/link", form={"csrf_token": browser.token})
    found = tags(await leaving.get_data(as_text=True), "meta")
    (refresh,) = [tag for tag in found if tag.get("http-equiv") == "refresh"]
    address = unescape(refresh["content"].partition("url=")[2])
    assert urlsplit(address).netloc == PROVIDER
    return await browser.ask("GET", back(site.app.identity_provider.consent(address, who)))


async def shown(browser: Browser, answer: Response, page: str) -> str:
    """The page the browser is led to, as text; `page` is its path."""
    assert answer.status_code == 303
    assert urlsplit(answer.headers["Location"]).path == page
    assert urlsplit(answer.headers["Location"]).netloc == ""
    followed, html = await browser.look(answer.headers["Location"])
    assert followed.status_code == 200
    return unescape(html)


async def name_of(browser: Browser) -> str | None:
    answer = await browser.ask("GET", "/api/v1/me")
    body = await answer.get_json()
    return str(body["name"]) if answer.status_code == 200 else None


async def test_the_pages_to_log_in_and_to_sign_up_link_to_the_provider(
    site: SiteWithBooking,
) -> None:
    browser = Browser(site.quart_app)

    for page, start in (
        ("/login?next=/developers", f"{OAUTH}/start?next=/developers"),
        ("/sign-up/client", f"{OAUTH}/start?role=client"),
        ("/sign-up/developer", f"{OAUTH}/start?role=developer"),
    ):
        _, html = await browser.look(page)
        assert start in [unescape(tag.get("href", "")) for tag in tags(html, "a")], page


async def test_a_new_client_is_signed_in_and_welcomed(site: SiteWithBooking) -> None:
    browser = Browser(site.quart_app)
    gita = site.app.identity_provider.person("gita")

    answer = await sign_in(site, browser, gita, role="client", next="/developers")

    assert answer.headers["Location"] == "/welcome?next=/developers"
    assert await name_of(browser) == "Gita"
    _, page = await browser.look("/welcome?next=/developers")
    assert "Book your first hour" in page


async def test_a_new_developer_enters_a_code_first_and_is_welcomed_then(
    site: SiteWithBooking,
) -> None:
    browser = Browser(site.quart_app)
    gita = site.app.identity_provider.person("gita")

    page = await shown(browser, await sign_in(site, browser, gita, role="developer"), "/login/code")

    assert 'value="/welcome"' in page
    assert await name_of(browser) is None
    await site.app.run()
    form = {
        "code": site.app.code_for("gita@example.com"), "csrf_token": browser.token,
        "next": "/welcome",
    }  # fmt: skip
    answer = await browser.ask("POST", "/login/code", form=form)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/welcome")
    assert await name_of(browser) == "Gita"


async def test_a_returning_user_is_redirected_to_the_requested_page(site: SiteWithBooking) -> None:
    gita = site.app.identity_provider.person("gita")
    await sign_in(site, Browser(site.quart_app), gita, role="client")

    for wanted, led in (("", "/dashboard"), ("/developers?skill=Python", None)):
        browser = Browser(site.quart_app)
        answer = await sign_in(site, browser, gita, next=wanted)
        assert answer.headers["Location"] == (led or wanted)
        assert await name_of(browser) == "Gita"


@pytest.mark.parametrize(
    "evil",
    ["https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example",
     "javascript:alert(1)", "/\t/evil.example", "/a\\..\\..", "evil.example", "/\r\nX: y"],
)  # fmt: skip
async def test_nobody_is_redirected_to_another_site_afterwards(
    site: SiteWithBooking, evil: str
) -> None:
    gita = site.app.identity_provider.person("gita")
    await sign_in(site, Browser(site.quart_app), gita, role="client")

    answer = await sign_in(site, Browser(site.quart_app), gita, next=evil)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/dashboard")


async def test_no_role_but_that_of_a_client_or_a_developer_is_had_by_asking(
    site: SiteWithBooking,
) -> None:
    gita = site.app.identity_provider.person("gita")
    for role in ("admin", "", "nobody"):
        browser = Browser(site.quart_app)
        page = await shown(browser, await sign_in(site, browser, gita, role=role), "/sign-up")
        assert "There is no account for this sign-in yet." in page
        assert await name_of(browser) is None


async def test_the_cookie_that_comes_back_with_the_browser_is_lax(site: SiteWithBooking) -> None:
    """Strict would stay away when the provider sends the browser back; None goes everywhere."""
    browser = Browser(site.quart_app)

    await sign_in(site, browser, site.app.identity_provider.person("gita"), role="client")

    lines = [line for line in browser.set_cookies if line.startswith("__Host-onehour=")]
    assert len(lines) == 2, "a visitor's on leaving, another when signed in"
    for line in lines:
        (morsel,) = SimpleCookie(line).values()
        assert (morsel["samesite"], morsel["path"], morsel["domain"]) == ("Lax", "/", "")
        assert morsel["secure"]
        assert morsel["httponly"]


async def test_an_answer_in_another_browser_signs_nobody_in(site: SiteWithBooking) -> None:
    """Else somebody could be signed in, unnoticed, as who sent them the link."""
    mallory, victim = Browser(site.quart_app), Browser(site.quart_app)
    address = await leave(mallory, role="client")
    link = back(
        site.app.identity_provider.consent(address, site.app.identity_provider.person("mallory"))
    )

    for browser in (victim, await site.browser_for(Who.CLIENT)):
        before = await name_of(browser)
        answer = await browser.ask("GET", link)
        page = "/login" if before is None else "/account/security"
        words = await shown(browser, answer, page)
        assert "This sign-in could not be completed." in words
        assert await name_of(browser) == before


@pytest.mark.parametrize(
    ("verified", "why", "words"),
    [
        (True, "identity_refused", "This sign-in could not be completed."),
        (False, "identity_unproven", "has not confirmed this e-mail address"),
    ],
)
async def test_the_page_shows_what_went_wrong(
    site: SiteWithBooking, verified: bool, why: str, words: str
) -> None:
    browser = Browser(site.quart_app)
    address = await leave(browser, role="client")
    person = site.app.identity_provider.person("gita", verified=verified)
    consent = site.app.identity_provider.consent(address, person)
    denied = site.app.identity_provider.deny(address)

    answer = await browser.ask("GET", back(denied if verified else consent))

    assert answer.headers["Location"] == f"/login?why={why}"
    assert words in await shown(browser, answer, "/login")


async def test_an_unavailable_provider_is_reported_on_the_page(site: SiteWithBooking) -> None:
    browser = Browser(site.quart_app)
    gita = site.app.identity_provider.person("gita")
    address = await leave(browser, role="client")
    site.app.identity_provider.down = True

    before = await browser.ask("GET", f"{OAUTH}/start?next=/developers")
    after = await browser.ask("GET", back(site.app.identity_provider.consent(address, gita)))

    assert before.headers["Location"] == "/login?why=identity_unavailable&next=/developers"
    for answer in (before, after):
        assert "does not respond" in await shown(browser, answer, "/login")


async def test_a_suspended_user_gets_the_reason(site: SiteWithBooking) -> None:
    gita = site.app.identity_provider.person("gita")
    browser = Browser(site.quart_app)
    await sign_in(site, browser, gita, role="client")
    account = await site.app.store.repositories.accounts.find_by_email("gita@example.com")
    assert account
    suspended = account.suspend(now=site.app.clock.now())
    await site.app.store.repositories.accounts.save(suspended)

    answer = await sign_in(site, Browser(site.quart_app), gita)

    assert "This account is suspended." in await shown(browser, answer, "/login")


async def test_messages_on_the_page_come_only_from_our_list(site: SiteWithBooking) -> None:
    client = await site.browser_for(Who.CLIENT)
    for browser, page in (
        (Browser(site.quart_app), "/login"), (Browser(site.quart_app), "/sign-up"),
        (client, "/account/security"),
    ):  # fmt: skip
        for text in ("Call+0800-EVIL", "<script>alert(1)</script>", "__class__"):
            query = urlencode({"why": text, "done": text})
            _, html = await browser.look(f"{page}?{query}")
            assert text not in unescape(html)
            assert "EVIL" not in html
            assert "alert(1)" not in html


async def test_a_signed_in_person_connects_and_disconnects_on_the_security_page(
    site: SiteWithBooking,
) -> None:
    browser = await site.browser_for(Who.CLIENT)

    connected = await connect(site, browser, site.app.identity_provider.person("gita"))
    page = await shown(browser, connected, "/account/security")
    assert "The sign-in provider is connected." in page
    assert "Connected as" in page
    assert "gita@example.com" in page
    assert (await (await browser.ask("GET", "/api/v1/auth/oauth")).get_json())["items"] == [
        {"provider": "memory", "label": "Memory", "connected": True}
    ]

    form = {"csrf_token": browser.token}
    ended = await browser.ask("POST", f"{IDENTITY}/unlink", form=form)
    page = await shown(browser, ended, "/account/security")
    assert "The sign-in provider is disconnected." in page
    assert "Not connected" in page


async def test_connecting_wants_a_fresh_code(site: SiteWithBooking) -> None:
    browser = await site.browser_for(Who.CLIENT)
    await browser.look("/account/security")
    site.app.clock.advance(16 * MINUTE)

    for what in ("link", "unlink"):
        answer = await browser.ask("POST", f"{IDENTITY}/{what}", form={"csrf_token": browser.token})
        assert urlsplit(answer.headers["Location"]).path == "/account/verify"


async def test_that_an_identity_is_taken_or_the_last_one_is_said_on_the_page(
    site: SiteWithBooking,
) -> None:
    gita = site.app.identity_provider.person("gita")
    theirs = Browser(site.quart_app)
    await sign_in(site, theirs, gita, role="client")
    sessions = site.app.store.repositories.sessions
    account = await site.app.store.repositories.accounts.find_by_email("gita@example.com")
    assert account
    for session in await sessions.of_account(account.id):
        await sessions.verify(session.id, now=site.app.clock.now())
    await theirs.look("/account/security")

    form = {"csrf_token": theirs.token}
    last = await theirs.ask("POST", f"{IDENTITY}/unlink", form=form)
    assert "This is your only way to sign in." in await shown(theirs, last, "/account/security")

    mine = await site.browser_for(Who.CLIENT)
    taken = await connect(site, mine, gita)
    words = await shown(mine, taken, "/account/security")
    assert "This sign-in belongs to another account here." in words
    assert "Not connected" in words
